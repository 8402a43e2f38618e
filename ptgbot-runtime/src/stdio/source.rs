//! Where lines come from: a pipe that the runtime itself waits for, or a thread that reads anything else.

use super::input::{Clock, Parsed};
use super::lines::{LONGEST, Line, Lines};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::FileType;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

/// Lines, as they come.
pub(super) enum Source {
    /// A pipe: no thread stands between a line and its answer.
    Pipe(Pipe),
    /// A file or a terminal, which the runtime cannot wait for.
    Thread(mpsc::Receiver<io::Result<Parsed>>),
}

impl Source {
    /// Begins to read.
    pub(super) fn start(from: impl Read + AsFd + Send + 'static, clock: Clock) -> io::Result<Self> {
        if let Some(pipe) = Pipe::of(&from, &clock)? {
            return Ok(Self::Pipe(pipe));
        }
        let (lines, waiting) = mpsc::channel(READ_AHEAD);
        thread::Builder::new().name("reader".into()).spawn(move || read(from, clock, &lines))?;
        Ok(Self::Thread(waiting))
    }

    /// Waits for a line and gives all that are there, at most `limit`; none at the end. Cancel safe.
    pub(super) async fn receive(&mut self, limit: usize) -> io::Result<Vec<Parsed>> {
        match self {
            Self::Pipe(pipe) => pipe.receive(limit).await,
            Self::Thread(waiting) => {
                let mut batch = Vec::new();
                let mut next = waiting.recv().await;
                while let Some(parsed) = next {
                    batch.push(parsed?);
                    next = if batch.len() < limit { waiting.try_recv().ok() } else { None };
                }
                Ok(batch)
            }
        }
    }
}

/// A pipe that is read when something is in it.
pub(super) struct Pipe {
    ready: AsyncFd<OwnedFd>,
    lines: Numbered<Now>,
    /// True after lines were given out: their answers have left when more are asked for.
    answered: bool,
}

impl Pipe {
    /// `None` for what is no pipe.
    fn of(from: &impl AsFd, clock: &Clock) -> io::Result<Option<Self>> {
        let is_pipe = rustix::fs::fstat(from).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo);
        if !is_pipe {
            return Ok(None);
        }
        let now = Now(from.as_fd().try_clone_to_owned()?);
        #[expect(
            deprecated,
            reason = "the successor is unsafe code, which we do without; an OwnedFd keeps its promise"
        )]
        let ready = AsyncFd::new(from.as_fd().try_clone_to_owned()?)?;
        Ok(Some(Self { ready, lines: Numbered::new(now, clock.clone()), answered: false }))
    }

    async fn receive(&mut self, limit: usize) -> io::Result<Vec<Parsed>> {
        if std::mem::take(&mut self.answered) {
            // The answers leave first.
            tokio::task::yield_now().await;
            self.look_out();
        }
        loop {
            let mut ready = self.ready.readable().await?;
            let mut batch = Vec::new();
            loop {
                match self.lines.next() {
                    Ok(Some(parsed)) => batch.push(parsed),
                    Ok(None) => return Ok(batch),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        ready.clear_ready();
                        break;
                    }
                    Err(error) => return Err(error),
                }
                if batch.len() == limit {
                    return Ok(batch);
                }
            }
            if !batch.is_empty() {
                self.answered = true;
                return Ok(batch);
            }
        }
    }

    /// Whoever waits for an answer says the next line as soon as it is there. Going to sleep and being woken again
    /// takes longer than that, so the pipe is looked at for a moment first.
    fn look_out(&self) {
        let end = Instant::now() + MOMENT;
        while Instant::now() < end {
            let mut pipe = [PollFd::new(self.ready.get_ref(), PollFlags::IN)];
            match rustix::event::poll(&mut pipe, Some(&Timespec::default())) {
                Ok(0) => std::hint::spin_loop(),
                Ok(_) | Err(_) => return,
            }
        }
    }
}

/// A pipe that says that it would block instead of blocking. The pipe itself is not switched to that: others may hold
/// the same end.
struct Now(OwnedFd);

impl Read for Now {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut pipe = [PollFd::new(&self.0, PollFlags::IN)];
        if rustix::event::poll(&mut pipe, Some(&Timespec::default()))? == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(rustix::io::read(&self.0, buffer)?)
    }
}

/// Lines that are counted and parsed.
struct Numbered<R> {
    lines: Lines<R>,
    clock: Clock,
    last: u64,
}

impl<R: Read> Numbered<R> {
    fn new(from: R, clock: Clock) -> Self {
        Self { lines: Lines::new(from), clock, last: 0 }
    }

    /// The next line; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Parsed>> {
        let number = self.last + 1;
        let parsed = match self.lines.next()? {
            Line::End => return Ok(None),
            Line::Whole(line) => self.clock.parse(number, line),
            Line::TooLong => Parsed::malformed(number, format!("the line is longer than {} MiB", LONGEST >> 20)),
        };
        self.last = number;
        Ok(Some(parsed))
    }
}

/// Reads lines until there are no more or nobody wants them.
fn read(from: impl Read, clock: Clock, lines: &mpsc::Sender<io::Result<Parsed>>) {
    let mut source = Numbered::new(from, clock);
    while let Some(parsed) = source.next().transpose() {
        let failed = parsed.is_err();
        if lines.blocking_send(parsed).is_err() || failed {
            return;
        }
    }
}

/// About twice what a client needs to read an answer and to write its next line.
const MOMENT: Duration = Duration::from_micros(60);

/// How many lines a thread reads before the first of them is answered.
const READ_AHEAD: usize = 4096;
