//! A simulator: several bots on one board, in one thread and under a clock that only the simulation moves, with crashes,
//! processes that sleep, a store and networks that fail in every way. All that is left to chance follows from one number,
//! the seed, so that whatever goes wrong goes wrong again.
//!
//! `SIMULATION_SEED=N cargo test -p ptgbot-runtime --test simulation` plays one run, with a log.

mod chance;
mod chat;
mod clock;
mod faults;
mod play;
mod process;
mod programme;
mod signal;
mod store;
mod transport;
mod verdict;

use faults::OldFault;
use play::play;
use std::sync::Mutex;
use std::thread;
use verdict::Verdict;

#[test]
fn whatever_fails_no_change_and_no_notification_is_lost_or_doubled_and_nobody_is_held_up() {
    if let Some(seed) = wanted() {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .without_time()
            .with_ansi(false)
            .with_target(false)
            .init();
        play(seed, OldFault::None).expect_good(seed);
        return;
    }
    let seeds = Mutex::new(0..SEEDS);
    let next = || seeds.lock().ok()?.next();
    let work = || {
        while let Some(seed) = next() {
            play(seed, OldFault::None).expect_good(seed);
        }
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
}

#[test]
fn a_run_is_played_again_in_the_same_way() {
    for seed in 0..5 {
        let (first, again) = (play(seed, OldFault::None).story, play(seed, OldFault::None).story);
        let differs = first.iter().zip(&again).find(|(one, other)| one != other);
        assert!(differs.is_none() && first.len() == again.len(), "seed {seed}: {differs:#?}");
    }
}

#[test]
fn a_store_that_does_not_fence_is_found() {
    assert!(finds(OldFault::NoFencing));
}

#[test]
fn delivering_before_it_is_sent_is_found() {
    assert!(finds(OldFault::DeliveredBeforeSent));
}

#[test]
fn one_queue_for_all_is_found() {
    assert!(finds(OldFault::OneQueue));
}

#[test]
fn a_permit_that_goes_with_the_connection_is_found() {
    assert!(finds(OldFault::LostPermit));
}

#[test]
fn retrying_without_limit_is_found() {
    assert!(finds(OldFault::EndlessRetry));
}

/// True when some run with a fault ends with a bad verdict.
fn finds(fault: OldFault) -> bool {
    (0..SEEDS).map(|seed| play(seed, fault)).any(|verdict: Verdict| !verdict.wrongs.is_empty())
}

fn wanted() -> Option<u64> {
    std::env::var("SIMULATION_SEED").ok()?.parse().ok()
}

/// How many runs are played; a fault is found in far fewer.
const SEEDS: u64 = 2_000;
