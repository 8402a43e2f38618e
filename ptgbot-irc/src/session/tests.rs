mod sending;
mod standby;

use super::*;
use crate::settings::Identified;
use chrono::{DateTime, Utc};
use irc::proto::Message;
use ptgbot_core::{Ask, Folding, Place, Request, Role};
use std::time::Duration;

/// A session and a clock that only the test moves.
pub(super) struct World {
    pub(super) session: Session,
    pub(super) now: Instant,
}

impl World {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
        change(&mut settings);
        let now = Instant::now();
        let mut session = Session::new(Arc::new(settings), Duty::Acts, now);
        session.connected(now);
        Self { session, now }
    }

    /// In the channel of an OFTC-like server, with these people.
    pub(super) fn joined(change: impl FnOnce(&mut Settings), names: &str) -> Self {
        let mut world = Self::new(change);
        world.enter(names);
        world
    }

    fn enter(&mut self, names: &str) {
        self.hear("CAP * LS :away-notify");
        self.written();
        self.hear(":irc 001 ptgbot :Welcome");
        self.hear(":irc 005 ptgbot CASEMAPPING=rfc1459 NICKLEN=30 PREFIX=(ov)@+ CHANTYPES=#& :are supported");
        self.hear(":irc 005 ptgbot STATUSMSG=@+ CHANMODES=beIq,k,l,imnpst :are supported");
        self.wait(Duration::ZERO);
        self.hear(":ptgbot!~ptgbot@host.example.org JOIN #ptg");
        self.hear(&format!(":irc 353 ptgbot = #ptg :ptgbot {names}"));
        self.hear(":irc 366 ptgbot #ptg :End of /NAMES list.");
        self.written();
    }

    fn hear(&mut self, line: &str) {
        self.try_hear(line).unwrap_or_else(|end| panic!("{line}: {end:?}"));
    }

    fn try_hear(&mut self, line: &str) -> Result<(), End> {
        let message: Message = line.parse().unwrap();
        self.session.hear(&message, self.now, clock())
    }

    /// Lets time pass and does what it brings.
    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.session.tick(self.now).unwrap();
    }

    fn written(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.next_line(self.now)).map(|c| String::from(&c)).collect()
    }

    /// The same without PINGs, each of which the server answers.
    fn said(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        for line in self.written() {
            match line.strip_prefix("PING ") {
                Some(token) => self.hear(&format!(":irc PONG irc :{token}")),
                None => said.push(line),
            }
        }
        said
    }

    /// Everything, however long it takes.
    fn said_in_time(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for _ in 0..200 {
            all.extend(self.said());
            self.wait(Duration::from_millis(1_100));
        }
        all
    }

    fn requests(&mut self) -> Vec<Request> {
        std::iter::from_fn(|| self.session.next_incoming()).map(|incoming| incoming.request).collect()
    }

    fn says(&mut self, line: &str) -> Option<Request> {
        self.hear(line);
        let mut requests = self.requests();
        assert!(requests.len() < 2);
        requests.pop()
    }

    fn notify(&mut self, text: &str) {
        self.session.say("#ptg", text, None);
    }
}

pub(super) fn clock() -> DateTime<Utc> {
    "2026-10-19T14:05:00Z".parse().unwrap()
}

fn text(request: &Request) -> &str {
    match &request.ask {
        Ask::Said(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_word_in_the_channel_is_a_request_with_live_rights() {
    let mut world = World::joined(|_| {}, "@Ann +bob carl[m]");
    let ann = world.says(":Ann!a@h PRIVMSG #PTG :\u{2}#swift\u{2} now rings").unwrap();
    assert_eq!((ann.role, &ann.place, text(&ann)), (Role::Op, &Place::Room("#ptg".into()), "#swift now rings"));
    assert_eq!((ann.at, ann.folding, ann.bot.as_str()), (clock(), Folding::Rfc1459, "ptgbot"));
    let carl = world.says(":carl[m]!c@h PRIVMSG #ptg :+in #swift").unwrap();
    let person = carl.from.unwrap();
    assert_eq!((person.id.key(), person.name.as_str(), carl.role), ("carl{m}", "carl[m]", Role::Member));
    world.hear(":Ann!a@h MODE #ptg +v-o carl[m] Ann");
    world.hear(":irc 353 ptgbot = #ptg :ptgbot Ann +bob +carl[m]");
    world.hear(":irc 366 ptgbot #ptg :End");
    assert_eq!(world.says(":carl[m]!c@h PRIVMSG @#ptg :x").unwrap().role, Role::Voice);
    assert_eq!(world.says(":Ann!a@h PRIVMSG #ptg :x").unwrap().role, Role::Member);
}

#[test]
fn in_private_everybody_is_a_member() {
    let mut world = World::joined(|_| {}, "@ann");
    let request = world.says(":ann!a@h PRIVMSG PTGBOT :subscribe swift").unwrap();
    assert_eq!((request.role, request.place), (Role::Member, Place::Private));
}

#[test]
fn notices_servers_ourselves_edits_and_actions_are_not_heard() {
    let mut world = World::joined(|_| {}, "@ann");
    for line in [
        ":ann!a@h NOTICE #ptg :#swift now x",
        ":irc.example.org PRIVMSG #ptg :#swift now x",
        ":hub PRIVMSG #ptg :#swift now x",
        ":ptgbot!p@h PRIVMSG #ptg :#swift now x",
        ":NickServ!s@services PRIVMSG ptgbot :help",
        ":ann!a@h PRIVMSG #ptg :* #swift now x",
        ":ann!a@h PRIVMSG #ptg :\u{1}ACTION waves\u{1}",
        ":ann!a@h PRIVMSG #other :#swift now x",
        ":ann!a@h PRIVMSG $$*.org :#swift now x",
    ] {
        assert_eq!(world.says(line), None, "{line}");
    }
    assert!(world.written().is_empty());
}

#[test]
fn a_replay_of_what_was_said_before_is_not_heard() {
    let mut world = World::new(|_| {});
    world.hear("CAP * LS :server-time");
    world.hear("CAP * ACK :server-time");
    world.hear(":irc 001 ptgbot :Welcome");
    world.wait(Duration::ZERO);
    world.hear("@time=2026-10-19T14:04:58.000Z :ptgbot!p@h JOIN #ptg");
    assert_eq!(world.says("@time=2026-10-19T13:00:00.000Z :ann!a@h PRIVMSG #ptg :#swift now old"), None);
    let request = world.says("@time=2026-10-19T14:04:59.500Z :ann!a@h PRIVMSG #ptg :#swift now new").unwrap();
    assert_eq!(request.at.to_rfc3339(), "2026-10-19T14:04:59.500+00:00");
    let request = world.says("@time=2031-01-01T00:00:00Z :ann!a@h PRIVMSG #ptg :#swift now").unwrap();
    assert_eq!(request.at, clock(), "a clock that is wrong is not believed");
}

#[test]
fn a_command_waits_for_names_when_voice_is_unknown() {
    let mut world = World::joined(|_| {}, "@ann bob");
    world.hear(":bob!b@h MODE #ptg -o ann");
    assert_eq!(world.written(), ["NAMES #ptg"]);
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now 1"), None);
    assert!(world.says(":bob!b@h PRIVMSG #ptg :#swift now 2").is_some(), "others do not wait");
    world.hear(":irc 353 ptgbot = #ptg :+ann bob ptgbot");
    world.hear(":irc 366 ptgbot #ptg :End");
    assert_eq!(world.requests()[0].role, Role::Voice);

    world.hear(":bob!b@h MODE #ptg +o-o ann ann");
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :x").map(|r| r.role), Some(Role::Voice), "known all the time");
}

#[test]
fn names_that_never_come_leave_what_is_certain() {
    let mut world = World::joined(|_| {}, "@ann");
    world.hear(":bob!b@h MODE #ptg -o ann");
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now 1"), None);
    world.wait(Duration::from_secs(10));
    assert_eq!(world.requests()[0].role, Role::Member);
}

#[test]
fn a_kick_is_followed_by_a_rejoin_with_a_fresh_roster() {
    let mut world = World::joined(|_| {}, "@ann");
    world.hear(":ann!a@h KICK #ptg ptgbot :out");
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now x"), None);
    world.notify("kept");
    world.wait(Duration::from_secs(3));
    assert_eq!(world.written(), ["JOIN #ptg"]);
    world.hear(":irc 477 ptgbot #ptg :You need to identify");
    world.wait(Duration::from_secs(6));
    assert_eq!(world.written(), ["JOIN #ptg"]);
    world.hear(":ptgbot!p@h JOIN #ptg");
    assert_eq!(world.written(), ["PRIVMSG #ptg kept"]);
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#x now").unwrap().role, Role::Member);
}

#[test]
fn silence_is_asked_about_and_then_given_up() {
    let mut world = World::joined(|_| {}, "");
    world.wait(Duration::from_secs(120));
    assert_eq!(world.written(), ["PING ptgbot-1"]);
    world.wait(Duration::from_secs(59));
    world.now += Duration::from_secs(1);
    assert!(matches!(world.session.tick(world.now), Err(End::Lost(_))));
}

#[test]
fn a_server_that_never_welcomes_is_given_up() {
    let mut world = World::new(|_| {});
    world.now += Duration::from_secs(60);
    assert!(matches!(world.session.tick(world.now), Err(End::Lost(_))));
}

#[test]
fn an_unidentified_person_is_refused_and_heard_after_identifying() {
    let mut world = World::joined(|s| s.identified = Identified::Required, "ann @bob");
    assert!(world.says(":ann!a@h PRIVMSG #ptg :just words").is_some(), "words are nobody's business");
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now x"), None);
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now y"), None);
    assert_eq!(world.written(), ["WHOIS ann"]);
    world.hear(":irc 311 ptgbot ann a h * :Ann");
    world.hear(":irc 318 ptgbot ann :End of /WHOIS list.");
    world.wait(Duration::from_millis(50));
    assert_eq!(world.written().len(), 1, "one clear answer to both");
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now z"), None);
    world.wait(Duration::from_secs(3));
    assert_eq!(world.said(), ["WHOIS ann"]);
    world.hear(":irc 307 ptgbot ANN :user has identified to services");
    world.hear(":irc 318 ptgbot ann :End of /WHOIS list.");
    assert_eq!(text(&world.requests()[0]), "#swift now z");
    assert!(world.says(":ann!a@h PRIVMSG #ptg :#swift now again").is_some(), "asked once");
    world.hear(":ann!a@h NICK :anna");
    assert_eq!(world.says(":anna!a@h PRIVMSG #ptg :#swift now x"), None, "asked again after a nick change");
}

#[test]
fn a_second_try_right_after_a_refusal_is_answered_too() {
    let mut world = World::joined(|s| s.identified = Identified::Required, "ann");
    for try_ in 0..3 {
        world.wait(Duration::from_millis(1_500));
        assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :#swift now x"), None);
        assert_eq!(world.said(), ["WHOIS ann"], "{try_}");
        world.hear(":irc 318 ptgbot ann :End of /WHOIS list.");
        world.wait(Duration::from_millis(1_500));
        assert!(world.said()[0].starts_with("PRIVMSG #ptg :ann: I take commands"), "{try_}");
    }
}

#[test]
fn an_account_vouches_for_its_own_nick_only() {
    let mut world = World::joined(|s| s.identified = Identified::Required, "jane jane2");
    for (nick, heard) in [("jane", true), ("jane2", false)] {
        assert_eq!(world.says(&format!(":{nick}!a@h PRIVMSG #ptg :#swift now x")), None);
        world.hear(&format!(":irc 330 ptgbot {nick} Jane :is logged in as"));
        world.hear(&format!(":irc 318 ptgbot {nick} :End of /WHOIS list."));
        assert_eq!(!world.requests().is_empty(), heard, "{nick}");
    }
}

#[test]
fn an_account_tag_answers_without_a_question() {
    let mut world = World::new(|s| s.identified = Identified::Required);
    world.hear("CAP * LS :account-tag");
    world.hear("CAP * ACK :account-tag");
    world.written();
    world.hear(":irc 001 ptgbot :Welcome");
    world.wait(Duration::ZERO);
    world.hear(":ptgbot!p@h JOIN #ptg");
    assert!(world.says("@account=ann :ann!a@h PRIVMSG #ptg :#swift now x").is_some());
    assert_eq!(world.says(":bob!b@h PRIVMSG ptgbot :help"), None);
    assert!(world.written().iter().any(|l| l.starts_with("PRIVMSG bob :I take commands")));
}

#[test]
fn channels_are_joined_after_identification() {
    let mut world = World::new(|s| s.password = Some("secret".into()));
    world.hear("CAP * LS :");
    world.written();
    world.hear(":irc 001 ptgbot :Welcome");
    world.wait(Duration::from_secs(1));
    assert!(!world.written().iter().any(|l| l.starts_with("JOIN")));
    world.hear(":ptgbot MODE ptgbot :+R");
    world.wait(Duration::ZERO);
    assert_eq!(world.written(), ["JOIN #ptg"]);
}

#[test]
fn services_that_are_away_at_connect_are_asked_when_they_are_back() {
    let mut world = World::new(|s| s.password = Some("secret".into()));
    world.hear("CAP * LS :");
    world.written();
    world.hear(":irc 001 ptgbot :Welcome");
    assert_eq!(world.written(), ["PRIVMSG NickServ :IDENTIFY secret"]);
    world.hear(":irc 401 ptgbot NickServ :No such nick/channel");
    world.wait(Duration::ZERO);
    assert_eq!(world.written(), ["JOIN #ptg"]);
    world.hear(":irc 477 ptgbot #ptg :You need to identify to a registered nick");
    world.wait(Duration::from_secs(5));
    assert_eq!(world.said(), ["PRIVMSG NickServ :IDENTIFY secret"]);
    world.hear(":NickServ!services@services NOTICE ptgbot :You are successfully identified as \u{2}ptgbot\u{2}.");
    world.hear(":ptgbot MODE ptgbot :+R");
    world.wait(Duration::ZERO);
    assert_eq!(world.said(), ["JOIN #ptg"]);
}

#[test]
fn a_nick_that_the_server_cuts_is_taken_as_it_is() {
    for (welcome, length) in [("ptgbot-of", 9), ("other", 9)] {
        let mut world = World::new(|s| s.nick = "ptgbot-of-the-event".parse().unwrap());
        world.hear("CAP * LS :");
        world.written();
        world.hear(&format!(":irc 001 {welcome} :Welcome"));
        world.hear(&format!(":irc 005 {welcome} NICKLEN={length} :are supported by this server"));
        world.wait(Duration::ZERO);
        let said = world.said_in_time();
        assert_eq!(said.contains(&"NICK ptgbot-of".to_owned()), welcome == "other", "{said:?}");
        assert!(!said.iter().any(|line| line.contains("event")), "{said:?}");
        assert!(world.session.is_me(welcome));
    }
}

#[test]
fn our_own_mask_is_learnt() {
    let mut world = World::joined(|_| {}, "");
    assert_eq!(world.session.room().source, "ptgbot!~ptgbot@host.example.org".len());
    world.hear(":irc 396 ptgbot hidden.example :is now your hidden host");
    assert_eq!(world.session.room().source, "ptgbot!~ptgbot@hidden.example".len());
    world.hear(":ptgbot!p@h NICK :Guest12345");
    assert_eq!(world.session.room().source, "Guest12345!~ptgbot@hidden.example".len());
    assert!(world.session.is_me("guest12345"));
}
