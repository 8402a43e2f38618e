//! The table of all commands.

use super::{AdminCommand, ArgError, Parse, Scope, Spec, TrackCommand, UserCommand, args};
use crate::role::Role;

/// All commands, in the order in which help lists them.
pub static TABLE: &[Spec] = &[
    Spec {
        usage: &["in #TRACK", "in LOCATION"],
        with_hash: true,
        help: "checks you in to a track or any other place, so that people find you",
        parse: Parse::User(|rest| args::place(rest, |place| UserCommand::CheckIn(place.into()))),
        ..user("in")
    },
    Spec {
        usage: &["out"],
        with_hash: true,
        help: "checks you out; where and when you were there remains visible",
        parse: Parse::User(|rest| args::nothing(rest, UserCommand::CheckOut)),
        ..user("out")
    },
    Spec {
        usage: &["seen NICK"],
        with_hash: true,
        help: "tells where somebody last checked in or out",
        parse: Parse::User(|rest| args::words(rest, UserCommand::Seen)),
        ..user("seen")
    },
    Spec {
        usage: &["subscribe [REGEXP]"],
        with_hash: true,
        help: "sends you a private message for each topic that matches ('#track now topic', case does not matter); \
               alone it shows your pattern",
        parse: Parse::User(|rest| args::optional(rest, UserCommand::Subscribe)),
        ..user("subscribe")
    },
    Spec {
        usage: &["unsubscribe"],
        with_hash: true,
        help: "cancels your subscription",
        parse: Parse::User(|rest| args::nothing(rest, UserCommand::Unsubscribe)),
        ..user("unsubscribe")
    },
    Spec {
        usage: &["now [#TRACK]"],
        help: "tells what is discussed now",
        parse: Parse::User(|rest| args::at_most_one(rest, UserCommand::WhatIsNow)),
        ..user("now")
    },
    Spec {
        usage: &["next [#TRACK]"],
        help: "tells what comes next",
        parse: Parse::User(|rest| args::at_most_one(rest, UserCommand::WhatIsNext)),
        ..user("next")
    },
    Spec {
        usage: &["where #TRACK"],
        help: "tells a track's room and meeting link",
        parse: Parse::User(|rest| args::one(rest, UserCommand::Where)),
        ..user("where")
    },
    Spec {
        usage: &["who #TRACK"],
        help: "tells who is checked in to a track",
        parse: Parse::User(|rest| args::one(rest, UserCommand::Who)),
        ..user("who")
    },
    Spec {
        usage: &["free [DAY]"],
        help: "lists the slot codes that can be booked, today from now on or on a day",
        parse: Parse::User(|rest| args::optional(rest, UserCommand::Free)),
        ..user("free")
    },
    Spec {
        usage: &["remind #TRACK [MINUTES]", "remind", "remind #TRACK off", "remind off"],
        help: "sends you a private message 10 minutes (or 1 to 240) before each slot of a track; alone it lists \
               your reminders, off cancels one or all",
        parse: Parse::User(|rest| args::remind(rest).map(UserCommand::Remind)),
        ..user("remind")
    },
    Spec {
        usage: &["when #TRACK"],
        help: "tells a track's coming slots with day, time and room",
        parse: Parse::User(|rest| args::one(rest, UserCommand::When)),
        ..user("when")
    },
    Spec {
        usage: &["log [#TRACK] [DAY]"],
        help: "tells what was discussed, today or on a day; in the channel the end of it",
        parse: Parse::User(|rest| args::track_and_day(rest, UserCommand::Log)),
        ..user("log")
    },
    Spec {
        usage: &["forget"],
        help: "deletes your check-in, subscription and reminders, and takes your name out of the history",
        parse: Parse::User(|rest| args::nothing(rest, UserCommand::Forget)),
        ..user("forget")
    },
    Spec {
        usage: &["help [COMMAND]"],
        with_hash: true,
        help: "lists the commands that you may use, or explains one",
        parse: Parse::User(|rest| args::at_most_one(rest, UserCommand::Help)),
        ..user("help")
    },
    Spec {
        usage: &["now TOPIC"],
        help: "announces what is discussed now and clears what was next",
        parse: Parse::Track(|rest| args::text(rest, TrackCommand::Now)),
        ..track("now")
    },
    Spec {
        usage: &["next TOPIC"],
        help: "adds a topic to what comes next",
        parse: Parse::Track(|rest| args::text(rest, TrackCommand::Next)),
        ..track("next")
    },
    Spec {
        usage: &["advance"],
        help: "makes the first of the next topics the current one",
        parse: Parse::Track(|rest| args::nothing(rest, TrackCommand::Advance)),
        ..track("advance")
    },
    Spec {
        usage: &["drop N"],
        help: "removes the Nth of the next topics",
        parse: Parse::Track(|rest| args::number(rest, TrackCommand::Drop)),
        ..track("drop")
    },
    Spec {
        aliases: &["clear"],
        usage: &["clean"],
        help: "removes the track's now and next",
        parse: Parse::Track(|rest| args::nothing(rest, TrackCommand::Clean)),
        ..track("clean")
    },
    Spec {
        usage: &["etherpad URL", "etherpad auto"],
        help: "sets the track's pad; auto returns to the generated one",
        parse: Parse::Track(|rest| args::link(rest, "auto", TrackCommand::Etherpad)),
        ..track("etherpad")
    },
    Spec {
        usage: &["url URL", "url none"],
        help: "sets the track's meeting link; none returns to the room's",
        parse: Parse::Track(|rest| args::link(rest, "none", TrackCommand::Url)),
        ..track("url")
    },
    Spec {
        usage: &["color CSS-COLOR"],
        help: "sets the colour of the track's badge; its text is white",
        parse: Parse::Track(|rest| args::words(rest, TrackCommand::Color)),
        ..track("color")
    },
    Spec {
        usage: &["location TEXT"],
        help: "says where the track meets if it is not in its room",
        parse: Parse::Track(|rest| args::place(rest, TrackCommand::Location)),
        ..track("location")
    },
    Spec {
        usage: &["book ROOM-SLOT", "book ROOM TIME"],
        help: "books a free slot of a room; the time is now, next, 14:00 or mon 14:00",
        parse: Parse::Track(|rest| args::words(rest, TrackCommand::Book)),
        ..track("book")
    },
    Spec {
        usage: &["unbook ROOM-SLOT"],
        help: "frees a slot that the track holds",
        parse: Parse::Track(|rest| args::words(rest, TrackCommand::Unbook)),
        ..track("unbook")
    },
    Spec {
        usage: &["move ROOM-SLOT ROOM-SLOT", "move ROOM-SLOT TIME"],
        help: "moves a booking of the track to a free slot; with a time alone in the same room",
        parse: Parse::Track(|rest| args::words(rest, TrackCommand::Move)),
        ..track("move")
    },
    Spec {
        usage: &["undo"],
        help: "takes back the track's last change; again for the one before",
        parse: Parse::Track(|rest| args::nothing(rest, TrackCommand::Undo)),
        ..track("undo")
    },
    Spec {
        usage: &["show"],
        read_only: true,
        help: "tells the track's now, next, room and links; #TRACK alone does the same",
        parse: Parse::Track(|rest| args::nothing(rest, TrackCommand::Show)),
        ..track("show")
    },
    Spec {
        usage: &["list"],
        help: "lists the tracks",
        parse: Parse::Admin(|rest| args::nothing(rest, AdminCommand::List)),
        ..admin("list")
    },
    Spec {
        usage: &["add TRACK [TRACK…]"],
        help: "adds tracks",
        parse: Parse::Admin(|rest| args::many(rest, AdminCommand::Add)),
        ..admin("add")
    },
    Spec {
        usage: &["del TRACK [TRACK…]"],
        help: "removes tracks with their now and next; bookings and settings stay",
        parse: Parse::Admin(|rest| args::many(rest, AdminCommand::Del)),
        ..admin("del")
    },
    Spec {
        aliases: &["clear"],
        usage: &["clean TRACK [TRACK…]"],
        help: "removes the now and next of tracks",
        parse: Parse::Admin(|rest| args::many(rest, AdminCommand::CleanTracks)),
        ..admin("clean")
    },
    Spec {
        usage: &["newday"],
        help: "clears now, next, locations and check-ins",
        parse: Parse::Admin(|rest| args::nothing(rest, AdminCommand::NewDay)),
        ..admin("newday")
    },
    Spec {
        usage: &["motd add LEVEL TEXT", "motd del N", "motd reorder X [Y…]", "motd clean"],
        help: "adds, removes or reorders messages of the day (info, success, warning, danger)",
        parse: Parse::Admin(args::motd),
        ..admin("motd")
    },
    Spec {
        usage: &["emptydb"],
        help: "returns to an empty board, people's data included",
        parse: Parse::Admin(|rest| args::nothing(rest, AdminCommand::EmptyDb)),
        ..admin("emptydb")
    },
    Spec {
        usage: &["fetchdb URL"],
        help: "loads a data file from the web; its keys replace the board's",
        parse: Parse::Admin(|rest| args::address(rest, AdminCommand::FetchDb)),
        ..admin("fetchdb")
    },
    Spec {
        usage: &["requirevoice"],
        help: "lets only people with voice and ops give track commands",
        parse: Parse::Admin(|rest| args::nothing(rest, AdminCommand::RequireVoice)),
        ..admin("requirevoice")
    },
    Spec {
        usage: &["alloweveryone"],
        help: "lets everyone give track commands",
        parse: Parse::Admin(|rest| args::nothing(rest, AdminCommand::AllowEveryone)),
        ..admin("alloweveryone")
    },
    Spec {
        usage: &["moderators #TRACK NAME [NAME…]", "moderators #TRACK none", "moderators"],
        help: "says who, besides ops, may give a track's commands; with none the channel's rule holds; alone it lists \
               them",
        parse: Parse::Admin(|rest| args::any_number(rest, AdminCommand::Moderators)),
        ..admin("moderators")
    },
    Spec {
        usage: &[
            "policy",
            "policy day HOURS",
            "policy total HOURS",
            "policy opens TIME",
            "policy clash #A #B [off]",
            "policy past on",
            "policy past off",
            "policy enforce",
            "policy warn",
        ],
        help: "shows or sets the rules for booking: hours a track may hold, when booking opens, tracks that must not meet \
               at once, slots that are over; off instead of a value drops a rule",
        parse: Parse::Admin(|rest| args::policy(rest).map(AdminCommand::Policy)),
        ..admin("policy")
    },
    Spec {
        usage: &["announce slots on", "announce slots off", "announce changes on", "announce changes off", "announce"],
        help: "tells this channel when a slot begins who meets where, or which bookings of today were changed; alone it \
               says what is on",
        parse: Parse::Admin(args::announce),
        ..admin("announce")
    },
    Spec {
        usage: &["undo"],
        help: "takes back the board's last change; again for the one before",
        parse: Parse::Admin(|rest| args::nothing(rest, AdminCommand::UndoBoard)),
        ..admin("undo")
    },
    Spec {
        usage: &["history [N]"],
        help: "tells the last changes: when, who, what",
        parse: Parse::Admin(|rest| args::count(rest, AdminCommand::History)),
        ..admin("history")
    },
];

const fn user(name: &'static str) -> Spec {
    blank(name, Scope::User, Role::Member, Parse::User(|_| Err(ArgError::Arity)))
}

const fn track(name: &'static str) -> Spec {
    blank(name, Scope::Track, Role::Member, Parse::Track(|_| Err(ArgError::Arity)))
}

const fn admin(name: &'static str) -> Spec {
    blank(name, Scope::Admin, Role::Op, Parse::Admin(|_| Err(ArgError::Arity)))
}

const fn blank(name: &'static str, scope: Scope, least_role: Role, parse: Parse) -> Spec {
    Spec {
        name,
        aliases: &[],
        scope,
        usage: &[],
        least_role,
        read_only: matches!(scope, Scope::User),
        with_hash: false,
        help: "",
        parse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_word_is_given_twice() {
        let mut seen = BTreeSet::new();
        for spec in TABLE {
            for word in spec.words() {
                assert!(seen.insert((spec.scope, word)), "{word} stands twice");
            }
        }
    }

    #[test]
    fn every_usage_line_is_read_by_its_own_parser() {
        for spec in TABLE {
            assert!(!spec.usage.is_empty() && !spec.help.is_empty(), "{} lacks words", spec.name);
            for usage in spec.usage {
                for line in examples(usage) {
                    let rest = line.strip_prefix(spec.name).expect("a usage line begins with the name").trim();
                    assert!(spec.parse(rest).is_ok(), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_command_without_optional_words_refuses_surplus_ones() {
        for spec in TABLE {
            if spec.usage.iter().all(|usage| !usage.contains(' ')) {
                assert!(spec.parse("surplus").is_err(), "{}", spec.name);
            }
        }
    }

    /// A usage line with its capitals filled in, with and without the words in brackets.
    fn examples(usage: &str) -> [String; 2] {
        let fill = |word: &str| match word.trim_end_matches('…') {
            "#TRACK" => "#swift".to_owned(),
            "LOCATION" | "TEXT" | "TOPIC" => "ring placement".to_owned(),
            "REGEXP" => "#swift.*ring".to_owned(),
            "ROOM-SLOT" => "Ballroom A-MonP1".to_owned(),
            "ROOM" => "Ballroom A".to_owned(),
            "TIME" => "14:00".to_owned(),
            "HOURS" => "1.5".to_owned(),
            "#A" => "#swift".to_owned(),
            "#B" => "#nova".to_owned(),
            "LEVEL" => "info".to_owned(),
            "URL" => "https://example.org/x".to_owned(),
            "CSS-COLOR" => "rgb(1, 2, 3)".to_owned(),
            "N" | "X" | "Y" | "MINUTES" => "1".to_owned(),
            other => other.to_lowercase(),
        };
        let long = usage.split(' ').map(|word| fill(word.trim_matches(['[', ']']))).collect::<Vec<_>>().join(" ");
        let short = usage.split(' ').filter(|word| !word.starts_with('[')).map(fill).collect::<Vec<_>>().join(" ");
        [long, short]
    }
}
