//! Whatever a server sends: no panic, no line that breaks the protocol, no waiting without end, no rights in private.
//!
//! Runs for one second, or for `FUZZ_SECONDS`, with new random input each time; a finding prints its input.

use super::tests::{World, clock};
use crate::settings::Identified;
use irc::proto::Message;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use ptgbot_core::{Place, Role};
use std::time::{Duration, Instant};

#[test]
fn fuzz_no_line_of_a_server_can_harm() {
    let lines = prop::collection::vec((line(), 0_u64..100), 0..60);
    let end = Instant::now() + Duration::from_secs(seconds());
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    while Instant::now() < end {
        match runner.run(&lines, |lines| hears(&lines)) {
            Ok(()) => {}
            Err(TestError::Fail(why, lines)) => panic!("{why}: {lines:#?}"),
            Err(TestError::Abort(why)) => panic!("{why}"),
        }
    }
}

/// Lets a bot in a channel hear lines, with a wait after each.
fn hears(lines: &[(String, u64)]) -> Result<(), TestCaseError> {
    let mut world = World::joined(|s| s.identified = Identified::Required, "@ann +bob");
    for (line, wait) in lines {
        match line.parse::<Message>() {
            Ok(message) => {
                if world.session.hear(&message, world.now, clock()).is_err() {
                    world.session.disconnected();
                    world.session.connected(world.now);
                }
            }
            Err(_) => world.session.misheard(world.now),
        }
        world.now += Duration::from_secs(*wait);
        if world.session.tick(world.now).is_err() {
            world.session.disconnected();
            world.session.connected(world.now);
        }
        while let Some(command) = world.session.next_line(world.now) {
            let bytes = crate::line::wire(&command);
            prop_assert!(bytes.ends_with(b"\r\n") && bytes.len() <= 512 + 64, "{}", String::from_utf8_lossy(&bytes));
            prop_assert_eq!(bytes.iter().filter(|b| matches!(b, b'\r' | b'\n' | 0)).count(), 2);
        }
        // What is due now is done by one more tick; nothing stays due.
        if world.session.wake_at(world.now).is_some_and(|at| at <= world.now) && world.session.tick(world.now).is_ok() {
            while world.session.next_line(world.now).is_some() {}
            prop_assert!(world.session.wake_at(world.now).is_none_or(|at| at > world.now));
        }
        for incoming in std::iter::from_fn(|| world.session.next_incoming()) {
            let request = incoming.request;
            prop_assert!(request.place != Place::Private || request.role == Role::Member);
        }
    }
    Ok(())
}

/// Lines as a server might send them, and some that none would.
fn line() -> impl Strategy<Value = String> {
    let who = prop_oneof![
        Just("ann!a@h"),
        Just("bob!b@h"),
        Just("ptgbot!p@h"),
        Just("irc.example.org"),
        Just("NickServ!s@s"),
        Just("")
    ];
    let word = prop_oneof![
        Just("#ptg".to_owned()),
        Just("#PTG".to_owned()),
        Just("ann".to_owned()),
        Just("bob".to_owned()),
        Just("ptgbot".to_owned()),
        Just("+o-v".to_owned()),
        Just("-o+jl".to_owned()),
        Just("=".to_owned()),
        "[+-][a-zA-Z]{1,4}",
        Just("PREFIX=(qo)~@".to_owned()),
        Just("CHANMODES=,,,".to_owned()),
        Just("CASEMAPPING=ascii".to_owned()),
        Just("*".to_owned()),
        "\\PC{0,12}",
    ];
    let verb = prop_oneof![
        Just("MODE".to_owned()),
        Just("JOIN".to_owned()),
        Just("PART".to_owned()),
        Just("KICK".to_owned()),
        Just("NICK".to_owned()),
        Just("PRIVMSG".to_owned()),
        Just("NOTICE".to_owned()),
        Just("353".to_owned()),
        Just("366".to_owned()),
        Just("005".to_owned()),
        Just("QUIT".to_owned()),
        Just("318".to_owned()),
        Just("307".to_owned()),
        Just("401".to_owned()),
        Just("PONG".to_owned()),
        Just("001".to_owned()),
        Just("CAP".to_owned()),
        "[0-9]{3}",
        "[A-Z]{1,8}",
    ];
    (who, verb, prop::collection::vec(word, 0..6), prop::option::of("\\PC{0,40}")).prop_map(
        |(who, verb, words, rest)| {
            let mut line = if who.is_empty() { verb } else { format!(":{who} {verb}") };
            words.iter().for_each(|w| {
                line.push(' ');
                line.push_str(w);
            });
            if let Some(rest) = rest {
                line.push_str(" :");
                line.push_str(&rest);
            }
            line
        },
    )
}

fn seconds() -> u64 {
    std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1)
}
