//! Acting under a lease: where others go on, and what is no more said or written once they do.

use super::*;
use ptgbot_core::{Claim, Lease, PersonId, Taken};
use tokio::time::Instant;

/// Takes the lease of the bot of a network.
pub(super) async fn take(journal: &mut Disk, network: &str, holder: &str) {
    let claim = claim(network, holder);
    assert!(matches!(journal.take_lease(&claim).await, Ok(Taken::Ours(_))));
}

fn claim(network: &str, holder: &str) -> Claim {
    let account = PersonId::new(&Network::nearest(network), "ptgbot", Folding::Exact);
    Claim::new(account, holder)
}

/// A bot that acts under a lease.
async fn acting(disk: &Disk) -> Bot {
    let mut journal = disk.clone();
    take(&mut journal, "oftc", "this").await;
    Bot::begin(journal, "oftc", Setup { tenure: Tenure::since(Instant::now()), ..Setup::default() }).await
}

/// Where another process would go on.
async fn place(disk: &Disk) -> Option<String> {
    match disk.clone().take_lease(&claim("oftc", "looks")).await.expect("a store") {
        Taken::Others { place, .. } => place,
        Taken::Ours(_) => panic!("nobody acts"),
    }
}

async fn comes_to(disk: &Disk, wanted: &str) {
    let is_there = async {
        while place(disk).await.as_deref() != Some(wanted) {
            tokio::time::advance(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, is_there).await.expect("it is remembered");
}

impl Bot {
    /// Says lines, each under the place behind it.
    async fn say_at(&self, lines: &[(&str, &str)]) {
        let heard = lines.iter().map(|(place, line)| on(self.network, line).with_place(*place));
        self.say.send(heard.collect()).await.expect("it listens");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_handled_is_remembered_with_its_change_else_soon() {
    let disk = Disk::default();
    let mut bot = acting(&disk).await;
    bot.say_at(&[("line 1", "jane: ~add swift")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    assert_eq!(place(&disk).await.as_deref(), Some("line 1"));
    bot.say_at(&[("line 2", "jane: good morning")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Ignored);
    comes_to(&disk, "line 2").await;
    bot.say_at(&[("line 3", "jane: +now")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Answered);
    bot.stop().await;
    let mut next = disk.clone();
    let Ok(Taken::Ours(lease)) = next.take_lease(&claim("oftc", "next")).await else { panic!("it was given up") };
    assert_eq!(lease.place.as_deref(), Some("line 3"));
}

#[tokio::test(start_paused = true)]
async fn the_first_place_is_remembered_before_anything_is_said() {
    let disk = Disk::default();
    let mut bot = acting(&disk).await;
    bot.say_at(&[("line 1", "jane: +now")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Answered);
    assert_eq!(place(&disk).await.as_deref(), Some("line 1"));
}

#[tokio::test(start_paused = true)]
async fn whoever_has_lost_its_lease_ends_and_neither_writes_nor_says_anything_more() {
    let disk = Disk::default();
    let mut bot = acting(&disk).await;
    bot.say(&["jane: ~add swift"]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    let taken = disk.clone().take_lease(&claim("oftc", "other").after("this")).await;
    assert!(matches!(taken, Ok(Taken::Ours(_))));
    bot.say(&["jane: #swift now rings"]).await;
    let ended = bot.driving.await.expect("no panic");
    assert!(ended.is_err_and(|error| error.to_string().contains("another process acts")));
    assert!(bot.heard.try_recv().is_err());
    assert_eq!(disk.clone().load().await.expect("a board").revision(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_ends_late_does_not_move_the_place_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/data.json", listener.local_addr().expect("an address"));
    let disk = Disk::default();
    let mut bot = acting(&disk).await;
    bot.say_at(&[("line 1", &format!("jane: ~fetchdb {url}")), ("line 2", "jane: ~add swift")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    let (mut asks, _) = listener.accept().await.expect("it asks");
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\nConnection: close\r\n\r\n{\"tracks\": [\"nova\"]} ";
    tokio::io::AsyncWriteExt::write_all(&mut asks, answer.as_bytes()).await.expect("it listens");
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    assert_eq!(place(&disk).await.as_deref(), Some("line 2"));
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_the_place_stays_before_what_waits() {
    let disk = Disk::default();
    let mut bot = acting(&disk).await;
    bot.say_at(&[("line 1", "jane: ~add swift")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    disk.away.store(true, Ordering::SeqCst);
    bot.say_at(&[("line 2", "jane: #swift now rings"), ("line 3", "jane: good morning")]).await;
    while bot.say.capacity() < bot.say.max_capacity() {
        tokio::task::yield_now().await;
    }
    disk.away.store(false, Ordering::SeqCst);
    assert_eq!(place(&disk).await.as_deref(), Some("line 1"));
    comes_to(&disk, "line 3").await;
    let outcomes = [bot.answer().await.1, bot.answer().await.1];
    assert!(outcomes.contains(&Outcome::Changed) && outcomes.contains(&Outcome::Ignored), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn on_a_full_disk_a_bot_goes_on_acting_and_remembers_its_place_once_there_is_room() {
    let disk = Disk::default();
    let mut journal = disk.clone();
    take(&mut journal, "oftc", "this").await;
    let (tenure, options) = (Tenure::since(Instant::now()), Options::default());
    let mut bot = Bot::begin(journal, "oftc", Setup { tenure, options, ..Setup::default() }).await;
    bot.say_at(&[("line 1", "jane: ~add swift")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Changed);
    disk.full.store(true, Ordering::SeqCst);
    bot.say_at(&[("line 2", "jane: ~add nova")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Refused);
    // For longer than a lease lasts that is not renewed.
    let begun = Instant::now();
    while begun.elapsed() < 2 * Lease::SPAN {
        let refused = tokio::time::timeout(DEADLINE, disk.refusals.acquire()).await;
        refused.expect("it is tried again").expect("it is open").forget();
    }
    bot.say_at(&[("line 3", "jane: +now")]).await;
    assert_eq!(bot.answer().await.1, Outcome::Answered);
    assert_eq!(place(&disk).await.as_deref(), Some("line 1"));
    disk.full.store(false, Ordering::SeqCst);
    comes_to(&disk, "line 3").await;
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_too_long_is_not_remembered() {
    let disk = Disk::default();
    let mut bot = acting(&disk).await;
    let [longest, too_long] = [0, 1].map(|more| "x".repeat(Incoming::LONGEST_PLACE + more));
    bot.say_at(&[(&longest, "jane: ~add swift"), (&too_long, "jane: ~add nova")]).await;
    assert_eq!([bot.answer().await.1, bot.answer().await.1], [Outcome::Changed; 2]);
    assert!(place(&disk).await == Some(longest));
}
