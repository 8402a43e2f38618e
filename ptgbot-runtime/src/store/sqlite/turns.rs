//! Taking turns: processes that write to one store all the time each get a while of their own.
//!
//! A change is decided on the newest board, so whoever writes second first reads what the first has written. Left to
//! chance it is second again by then, and the more processes write the more often. A note beside the store says whose
//! turn it is: a process that has just written, or has found that it came second, has the next moment to itself; after a
//! while it lets the others go first, if any wait.
//!
//! The note makes it quick and fair, and nothing else depends on it: SQLite's locks keep the store whole, also where the
//! note is lost or wrong.

use super::found::beside;
use crate::system::machine::awake;
use crate::system::permissions::{give_to_owner_of, owner_alone};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// One process's part in taking turns on a store.
pub(super) struct Turns {
    /// `None` where there can be no note.
    note: Option<File>,
    me: u64,
}

/// It is this process's turn, until shortly after this is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    next: Next,
}

/// What the holder of a turn does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, or it writes more.
    Write,
    /// It came second: it reads what others have written, and has its while after that.
    Read,
}

/// What the note says. Times are of the machine's own clock: microseconds since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Note {
    /// Whose turn it is; nobody's once it was given up.
    holder: u64,
    began: u64,
    /// The turn is the holder's until then, and longer if it goes on; it was given up then.
    until: u64,
    /// Who waits, in the order in which they came.
    waiting: [u64; PLACES],
}

impl Turns {
    /// On the store at a path.
    pub(super) fn at(path: &Path) -> Self {
        let mut open = OpenOptions::new();
        open.read(true).write(true).create(true).truncate(false);
        let note = owner_alone(&mut open).open(beside(path, TURN)).inspect(|note| {
            // Where nobody else can open it, they write without taking turns.
            give_to_owner_of(path, note).ok();
        });
        if let Err(error) = &note {
            tracing::debug!(store = %path.display(), %error, "processes that write here cannot take turns");
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self { note: note.ok(), me: u64::from(process::id()) << 32 | u64::from(number) }
    }

    /// For whoever only reads.
    pub(super) fn none() -> Self {
        Self { note: None, me: NOBODY }
    }

    /// Waits for this process's turn; not for ever, as whoever has it may have stopped.
    pub(super) fn take(&self) -> Turn<'_> {
        if let Some(file) = &self.note {
            let deadline = now() + micros(PATIENCE);
            while !self.try_take(file).unwrap_or(true) && now() < deadline {
                thread::sleep(LOOK_AGAIN);
            }
        }
        Turn { turns: self, next: Next::Write }
    }

    /// False while it is somebody else's turn.
    fn try_take(&self, file: &File) -> io::Result<bool> {
        Note::change(file, |note| note.asked_by(self.me, now()))
    }

    fn end(&self, file: &File, next: Next) -> io::Result<()> {
        Note::change(file, |note| (note.left_by(self.me, next, now()), ()))
    }
}

impl Turn<'_> {
    /// Says what comes next.
    pub(super) fn then(mut self, next: Next) {
        self.next = next;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(file) = &self.turns.note {
            // Whoever finds nothing in the note goes on without it.
            self.turns.end(file, self.next).ok();
        }
    }
}

impl Note {
    /// Somebody wants to write: whether it is their turn now.
    fn asked_by(mut self, who: u64, now: u64) -> (Self, bool) {
        let until = now + micros(WORK);
        if self.holder == who {
            return (Self { until, ..self }, true);
        }
        // Later than any turn ends: the machine was started anew since.
        let is_old = self.until > until;
        let is_free = self.holder == NOBODY || now >= self.until || is_old;
        // Whoever comes next has a while to notice; who does not has died, or no longer wants to write.
        let is_late = is_old || now >= self.until + micros(NOTICE);
        let first = self.waiting[0];
        if !is_free || !(is_late || first == NOBODY || first == who) {
            self.queue(who);
            return (self, false);
        }
        if first != who {
            self.leave(first);
        }
        self.leave(who);
        (Self { holder: who, began: now, until, ..self }, true)
    }

    /// Somebody has written: the next moment is theirs, too, unless they had their while and others wait.
    fn left_by(self, who: u64, next: Next, now: u64) -> Self {
        if self.holder != who {
            return self;
        }
        let had_its_while = now >= self.began + micros(WHILE);
        match next {
            Next::Read => Self { began: now, until: now + micros(WORK), ..self },
            Next::Write if !had_its_while => Self { until: now + micros(MOMENT), ..self },
            Next::Write if self.waiting[0] != NOBODY => Self { holder: NOBODY, until: now, ..self },
            Next::Write => Self { began: now, until: now + micros(MOMENT), ..self },
        }
    }

    /// Whoever finds no place asks again.
    fn queue(&mut self, who: u64) {
        if let Some(place) = self.waiting.iter().position(|waiting| [NOBODY, who].contains(waiting)) {
            self.waiting[place] = who;
        }
    }

    fn leave(&mut self, who: u64) {
        if let Some(place) = self.waiting.iter().position(|waiting| *waiting == who) {
            self.waiting[place..].rotate_left(1);
            self.waiting[PLACES - 1] = NOBODY;
        }
    }

    /// Changes the note while nobody else does.
    ///
    /// # Errors
    /// When it cannot be read or written, or somebody keeps it for longer than that takes: a process that was stopped there.
    fn change<T>(file: &File, change: impl FnOnce(Self) -> (Self, T)) -> io::Result<T> {
        let deadline = now() + micros(KEPT);
        while let Err(error) = file.try_lock() {
            match error {
                TryLockError::WouldBlock if now() < deadline => thread::yield_now(),
                error => return Err(error.into()),
            }
        }
        let changed = Self::read(file).and_then(|old| {
            let (new, result) = change(old);
            if new != old {
                new.write(file)?;
            }
            Ok(result)
        });
        file.unlock()?;
        changed
    }

    fn read(mut file: &File) -> io::Result<Self> {
        file.rewind()?;
        let mut bytes = [0; BYTES];
        match file.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Self::default()),
            Err(error) => return Err(error),
        }
        let number =
            |at: usize| bytes[8 * at..8 * at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let waiting = std::array::from_fn(|place| number(TIMES + place));
        Ok(Self { holder: number(0), began: number(1), until: number(2), waiting })
    }

    fn write(self, mut file: &File) -> io::Result<()> {
        file.rewind()?;
        let numbers = [self.holder, self.began, self.until].into_iter().chain(self.waiting);
        file.write_all(&numbers.flat_map(u64::to_be_bytes).collect::<Vec<_>>())
    }
}

fn now() -> u64 {
    micros(awake())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// How many of this process there are.
static COUNT: AtomicU32 = AtomicU32::new(0);

pub(super) const TURN: &str = "-turn";
const NOBODY: u64 = 0;
/// How many can wait in order.
const PLACES: usize = 13;
const TIMES: usize = 3;
const BYTES: usize = 8 * (TIMES + PLACES);
/// How long a process may go on while others wait.
const WHILE: Duration = Duration::from_millis(20);
/// How long the turn is kept for whoever has just written.
const MOMENT: Duration = Duration::from_millis(5);
/// How long writing, or reading after one came second, may take before others no longer wait for it here.
const WORK: Duration = Duration::from_millis(50);
/// How long somebody else may keep the note.
const KEPT: Duration = Duration::from_millis(5);
/// How long whoever is next may take to notice.
const NOTICE: Duration = Duration::from_millis(10);
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// Then one goes on without a turn.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_kept_for_a_moment_after_each_write_and_then_free() {
        let (note, mine) = Note::default().asked_by(1, SOME_TIME);
        assert!(mine);
        let note = note.left_by(1, Next::Write, SOME_TIME + 300);
        assert!(note.asked_by(1, SOME_TIME + 1_000).1, "whoever has it goes on");
        assert!(!note.asked_by(2, SOME_TIME + 1_000).1);
        assert!(note.asked_by(2, SOME_TIME + 300 + micros(MOMENT)).1);
    }

    #[test]
    fn whoever_came_second_has_time_to_read() {
        let (note, _) = Note::default().asked_by(1, SOME_TIME);
        let note = note.left_by(1, Next::Read, SOME_TIME + 300);
        assert!(!note.asked_by(2, SOME_TIME + micros(WORK)).1);
        assert!(note.asked_by(1, SOME_TIME + micros(WORK)).1);
    }

    #[test]
    fn whoever_had_a_while_lets_those_who_wait_go_first_in_their_order() {
        let (note, _) = Note::default().asked_by(1, SOME_TIME);
        let over = SOME_TIME + micros(WHILE);
        assert_eq!(note.left_by(1, Next::Write, over).holder, 1, "nobody waits");
        let (note, _) = note.asked_by(2, SOME_TIME + 100);
        let (note, _) = note.asked_by(3, SOME_TIME + 200);
        let (note, mine) = note.left_by(1, Next::Write, over).asked_by(1, over);
        assert!(!mine);
        assert!(!note.asked_by(3, over).1);
        let (note, mine) = note.asked_by(2, over);
        assert_eq!((mine, &note.waiting[..3]), (true, &[3, 1, NOBODY][..]));
    }

    #[test]
    fn who_died_is_not_waited_for_and_nor_is_the_time_before_a_restart() {
        let (note, _) = Note::default().asked_by(1, SOME_TIME);
        let (note, mine) = note.asked_by(2, SOME_TIME + 100);
        assert!(!mine && !note.asked_by(3, SOME_TIME + micros(WORK)).1, "2 is next");
        let late = SOME_TIME + micros(WORK) + micros(NOTICE);
        let (taken, mine) = note.asked_by(3, late);
        assert!(mine && taken.waiting[0] == NOBODY);
        assert!(note.asked_by(3, 5).1);
    }

    #[test]
    fn however_many_wait_somebody_may_write() {
        let mut note = Note::default();
        for round in 0..100 {
            let now = SOME_TIME + round * micros(WHILE + NOTICE);
            let asked: Vec<u64> = (1..=40)
                .filter(|who| {
                    let (next, mine) = note.asked_by(*who, now);
                    note = next;
                    mine
                })
                .collect();
            assert_eq!(asked.len(), 1);
            note = note.left_by(asked[0], Next::Write, now + micros(WHILE));
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let file = tempfile::tempfile().expect("a file");
        assert_eq!(Note::read(&file).expect("empty"), Note::default());
        let note = Note { holder: u64::MAX - 7, began: 1, until: 2, waiting: [3; PLACES] };
        note.write(&file).expect("written");
        assert_eq!(Note::read(&file).expect("whole"), note);
    }

    #[test]
    fn two_of_one_process_take_turns_and_a_place_without_a_note_needs_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.db");
        let (one, other) = (Turns::at(&path), Turns::at(&path));
        drop(one.take());
        let file = other.note.as_ref().expect("a note");
        drop(other.take());
        assert_eq!(Note::read(file).expect("whole").holder, other.me);
        drop(Turns::at(Path::new("/nonexistent/board.db")).take());
    }

    #[test]
    fn a_note_that_somebody_keeps_for_ever_hinders_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.db");
        let (stopped, other) = (Turns::at(&path), Turns::at(&path));
        stopped.note.as_ref().expect("a note").lock().expect("nobody has it");
        let file = other.note.as_ref().expect("a note");
        assert!(other.try_take(file).is_err() && other.end(file, Next::Write).is_err());
        drop(other.take());
    }

    const SOME_TIME: u64 = 1_000_000;
}
