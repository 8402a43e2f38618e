//! What time brings, whatever the clock, the store and the processes do.

use super::*;
use crate::testing::TestClock;
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_core::{Blocking, TimeEvent};
use serde_json::json;

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-10-19T{time}:00Z").parse().expect("a time")
}

/// It is 8 o'clock.
fn clock() -> Arc<TestClock> {
    Arc::new(TestClock::at(at("08:00")))
}

/// A bot on a chat network, in one thread: where time is paused it would run on while another thread works.
async fn bot(disk: &Disk, network: &'static str, clock: &Arc<TestClock>) -> Bot {
    let mut options = Options::default();
    options.blocking = Blocking::Inline;
    Bot::begin(disk.clone(), network, Setup { options, clock: clock.clone(), ..Setup::default() }).await
}

/// A store in which swift meets at 9, 11 and 13 o'clock.
async fn disk() -> Disk {
    let slot = |code: &str, start: &str| json!({"name": code, "realtime": at(start)});
    let document = json!({
        "tracks": ["swift"],
        "slots": {"Monday": [slot("A", "09:00"), slot("B", "11:00"), slot("C", "13:00")]},
        "schedule": {"Hall": {"A": "swift", "B": "swift", "C": "swift"}},
    });
    let mut disk = Disk::default();
    let mut board = Board::default();
    let load = Ask::Load { document, source: None };
    let request = Request::new(&Network::nearest("cli"), at("07:00"), load);
    let event = ptgbot_core::decide(&board, &request).expect("a document").events.remove(0);
    let record = Record::of(1, &request, event);
    board.apply(&record);
    disk.append(0, &[record], &board, None).await.expect("it is written");
    disk
}

impl Bot {
    /// Says lines, and waits until all have been answered.
    async fn hears(&mut self, lines: &[&str]) {
        self.say(lines).await;
        for _ in lines {
            assert_eq!(self.answer().await.1, Outcome::Changed);
        }
    }

    /// The next thing that is told to somebody unasked: to whom, and what.
    async fn told(&mut self) -> String {
        loop {
            match self.next().await {
                Left::Said(Outgoing::Notify { to, reply, .. }) => return format!("{}: {reply}", to.key()),
                Left::Said(Outgoing::Announce { room, reply }) => return format!("{room}: {reply}"),
                Left::Said(Outgoing::Reply { .. } | Outgoing::Ack { .. }) | Left::Handled(_) => {}
            }
        }
    }

    /// That the next thing that somebody is told is this: who, and how long before the slot.
    async fn tells(&mut self, who: &str, minutes: u32) {
        let told = self.told().await;
        assert!(told.starts_with(&format!("{who}: #swift meets in {minutes} minutes: ")), "{told}");
    }
}

/// How often it was recorded that reminders are due.
async fn records(disk: &Disk) -> usize {
    let records = disk.clone().read_after(0, 100).await.expect("records");
    let is_reminder = |record: &&Record| matches!(record.event, Event::Time(TimeEvent::RemindersDue { .. }));
    records.iter().filter(is_reminder).count()
}

#[tokio::test]
async fn each_slot_is_told_when_its_time_has_come() {
    let (disk, clock) = (disk().await, clock());
    let mut bot = bot(&disk, "oftc", &clock).await;
    bot.hears(&["john: remind swift", "jane: +remind swift 30"]).await;
    clock.set(at("08:30"));
    bot.tells("jane", 30).await;
    clock.set(at("08:50"));
    bot.tells("john", 10).await;
    clock.set(at("10:55"));
    let both = [bot.told().await, bot.told().await];
    assert!(both.iter().all(|told| told.contains("in 5 minutes")), "{both:?}");
    assert_eq!(records(&disk).await, 3);
    assert!(bot.metrics.text().contains("ptgbot_commands_total{outcome=\"changed\"} 2\n"), "a tick is no command");
}

#[tokio::test]
async fn a_clock_that_jumps_by_an_hour_tells_nothing_twice_and_nothing_too_late() {
    let (disk, clock) = (disk().await, clock());
    let mut bot = bot(&disk, "oftc", &clock).await;
    bot.hears(&["john: remind swift"]).await;
    clock.set(at("08:50"));
    bot.tells("john", 10).await;
    // Back, and over the same time again.
    clock.set(at("07:50"));
    clock.set(at("08:55"));
    // Forward over the beginning of the next slot, of which nobody was told, and back before it.
    clock.set(at("11:00"));
    clock.set(at("10:00"));
    bot.hears(&["jane: ~add nova"]).await;
    clock.set(at("10:58"));
    bot.tells("john", 2).await;
    clock.set(at("12:50"));
    bot.tells("john", 10).await;
    assert_eq!(records(&disk).await, 3);
}

#[tokio::test]
async fn a_slot_that_began_while_no_bot_ran_is_not_told_and_one_that_begins_soon_is() {
    let (disk, clock) = (disk().await, clock());
    let mut first = bot(&disk, "oftc", &clock).await;
    first.hears(&["john: remind swift"]).await;
    first.stop().await;
    clock.set(at("10:57"));
    let mut next = bot(&disk, "oftc", &clock).await;
    next.tells("john", 3).await;
    assert_eq!(records(&disk).await, 1);
}

#[tokio::test]
async fn a_reminder_that_did_not_leave_before_a_crash_is_told_with_what_is_left_of_its_time() {
    for (later, minutes) in [("08:53", Some(7)), ("09:00", None)] {
        let (disk, clock) = (disk().await, clock());
        // Enough for the answer alone.
        let setup = Setup { clock: clock.clone(), permits: Arc::new(Semaphore::new(1)), ..Setup::default() };
        let mut first = Bot::begin(disk.clone(), "oftc", setup).await;
        first.hears(&["john: remind swift"]).await;
        clock.set(at("08:50"));
        let recorded = first.pages.wait_for(|board| board.revision() == 3);
        drop(tokio::time::timeout(DEADLINE, recorded).await.expect("it is recorded").expect("it is shown"));
        first.driving.abort();
        clock.set(at(later));
        let mut next = bot(&disk, "oftc", &clock).await;
        if let Some(minutes) = minutes {
            next.tells("john", minutes).await;
        }
        clock.set(at("10:50"));
        next.tells("john", 10).await;
        assert_eq!(records(&disk).await, 2);
    }
}

#[tokio::test]
async fn what_was_told_before_a_crash_is_not_told_again() {
    let (disk, clock) = (disk().await, clock());
    let mut first = bot(&disk, "oftc", &clock).await;
    first.hears(&["john: remind swift"]).await;
    clock.set(at("08:50"));
    first.tells("john", 10).await;
    first.driving.abort();
    let mut next = bot(&disk, "oftc", &clock).await;
    clock.set(at("10:50"));
    next.tells("john", 10).await;
}

#[tokio::test]
async fn of_two_bots_on_one_store_one_records_and_each_tells_its_own_people() {
    let (disk, clock) = (disk().await, clock());
    let (mut oftc, mut libera) = (bot(&disk, "oftc", &clock).await, bot(&disk, "libera", &clock).await);
    oftc.hears(&["john: remind swift"]).await;
    libera.hears(&["mary: +remind swift"]).await;
    for (time, found) in [("08:50", 1), ("10:50", 2), ("12:50", 3)] {
        clock.set(at(time));
        oftc.tells("john", 10).await;
        libera.tells("mary", 10).await;
        assert_eq!(records(&disk).await, found);
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_nothing_is_told_and_afterwards_what_is_not_too_late() {
    let (disk, clock) = (disk().await, clock());
    let mut bot = bot(&disk, "oftc", &clock).await;
    bot.hears(&["john: remind swift"]).await;
    disk.full.store(true, Ordering::SeqCst);
    clock.set(at("08:50"));
    // It is tried, in vain, and nobody is told of that either.
    disk.refused_appends.acquire_many(2).await.expect("open").forget();
    clock.set(at("08:56"));
    disk.full.store(false, Ordering::SeqCst);
    bot.tells("john", 4).await;
    disk.full.store(true, Ordering::SeqCst);
    clock.set(at("10:50"));
    disk.refused_appends.acquire_many(2).await.expect("open").forget();
    clock.set(at("11:00"));
    disk.full.store(false, Ordering::SeqCst);
    clock.set(at("12:50"));
    bot.tells("john", 10).await;
    assert_eq!(records(&disk).await, 2);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_recorded_is_told_once_with_what_is_left_of_its_time() {
    let (disk, clock) = (disk().await, clock());
    let mut bot = bot(&disk, "oftc", &clock).await;
    bot.hears(&["john: remind swift"]).await;
    disk.away.store(true, Ordering::SeqCst);
    clock.set(at("08:50"));
    let is_sent = async {
        while disk.late.lock().expect("no panic").is_none() {
            tokio::time::advance(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, is_sent).await.expect("it is tried");
    clock.set(at("08:55"));
    disk.away.store(false, Ordering::SeqCst);
    bot.tells("john", 5).await;
    clock.set(at("10:50"));
    bot.tells("john", 10).await;
    assert_eq!(records(&disk).await, 2);
}

#[tokio::test]
async fn a_room_is_told_what_begins_once_and_not_after_a_restart() {
    let (disk, clock) = (disk().await, clock());
    let mut first = bot(&disk, "oftc", &clock).await;
    first.hears(&["jane: ~announce slots on"]).await;
    clock.set(at("09:00"));
    let told = first.told().await;
    assert!(told.starts_with("#ptg: ") && told.contains("#swift in Hall"), "{told}");
    first.driving.abort();
    let mut next = bot(&disk, "oftc", &clock).await;
    clock.set(at("11:00"));
    let told = next.told().await;
    assert!(told.contains("B"), "{told}");
}

#[tokio::test]
async fn a_room_of_another_network_is_told_by_the_bot_there() {
    let (disk, clock) = (disk().await, clock());
    let (mut oftc, mut libera) = (bot(&disk, "oftc", &clock).await, bot(&disk, "libera", &clock).await);
    oftc.hears(&["jane: ~announce slots on", "john: remind swift"]).await;
    libera.hears(&["mary: +remind swift"]).await;
    for time in ["08:50", "09:00", "10:50"] {
        clock.set(at(time));
        let told = oftc.told().await;
        assert_eq!(told.starts_with("#ptg: "), time == "09:00", "{told}");
    }
    libera.tells("mary", 10).await;
    libera.tells("mary", 10).await;
}

#[test]
fn only_changes_that_matter_ask_for_a_new_look_at_what_is_due() {
    let track = ptgbot_core::TrackName::parse("swift").expect("a name");
    let board = Board::default();
    let mut upcoming = Upcoming::default();
    assert!(!upcoming.is_due(&board, at("08:00")));
    upcoming
        .follow(&Event::Track(TrackEvent::TopicSet { track: track.clone(), topic: ptgbot_core::Text::new("rings") }));
    assert_eq!(upcoming.look_at(), None);
    assert_eq!(upcoming.wake_at(at("08:00")), Some(at("08:00") + TimeDelta::seconds(30)));
    let person = ptgbot_core::PersonId::new(&Network::nearest("oftc"), "jane", Folding::Ascii);
    upcoming.follow(&Event::Person(ptgbot_core::PersonEvent::ReminderSet { person, track, minutes: 10 }));
    assert!(upcoming.look_at().is_some());
}
