//! Standing by, taking over, and falling silent.

use super::*;
use crate::marks::{Mark, Marks};

impl World {
    /// In the channel under another nick, beside the bot that acts.
    fn standing_by(change: impl FnOnce(&mut Settings), names: &str) -> Self {
        Self::standing_by_since("", change, names)
    }

    /// The same, where the process that acts was at a place when this one came.
    fn standing_by_since(place: &str, change: impl FnOnce(&mut Settings), names: &str) -> Self {
        let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
        change(&mut settings);
        let now = Instant::now();
        let mut session = Session::new(Arc::new(settings), Duty::StandsBy, now);
        session.connected(now);
        session.acts_at(place);
        let mut world = Self { session, now };
        world.hear("CAP * LS :");
        assert!(world.written().contains(&"NICK ptgbot_".to_owned()));
        world.hear(":irc 001 ptgbot_ :Welcome");
        world.hear(":irc 005 ptgbot_ CASEMAPPING=rfc1459 NICKLEN=30 PREFIX=(ov)@+ CHANTYPES=#& :are supported");
        world.hear(":ptgbot_ MODE ptgbot_ :+R");
        world.wait(Duration::ZERO);
        world.hear(":ptgbot_!~ptgbot@host.example.org JOIN #ptg");
        world.hear(&format!(":irc 353 ptgbot_ = #ptg :ptgbot_ ptgbot {names}"));
        world.hear(":irc 366 ptgbot_ #ptg :End of /NAMES list.");
        world.written();
        world
    }

    fn act(&mut self, place: Option<&str>) {
        self.session.act(place, self.now);
        self.wait(Duration::ZERO);
    }

    /// What was given out, each with its place.
    fn given(&mut self) -> Vec<(String, String)> {
        let given = std::iter::from_fn(|| self.session.next_incoming());
        given.map(|given| (text(&given.request).to_owned(), given.place.unwrap_or_default())).collect()
    }

    fn texts(&mut self) -> Vec<String> {
        self.given().into_iter().map(|(text, _)| text).collect()
    }
}

#[test]
fn a_standby_keeps_commands_with_the_rights_of_their_moment_and_says_nothing() {
    let mut world = World::standing_by(|_| {}, "@ann +bob");
    for line in [
        ":ann!a@h PRIVMSG #ptg :#swift now rings",
        ":bob!b@h PRIVMSG #ptg :ptgbot: help",
        ":bob!b@h PRIVMSG #ptg :good morning",
        ":bob!b@h PRIVMSG ptgbot_ :help",
        ":bob!b@h PRIVMSG ptgbot_ :\u{1}VERSION\u{1}",
        ":ptgbot!p@h PRIVMSG #ptg :#swift now from the bot itself",
        ":ptgbot2!p@h PRIVMSG #ptg :#swift now from another of its processes",
    ] {
        assert_eq!(world.says(line), None, "{line}");
    }
    world.hear(":bob!b@h MODE #ptg -o ann");
    world.wait(Duration::from_secs(20));
    assert_eq!(world.said(), ["NAMES #ptg"]);
    world.act(None);
    let requests = world.requests();
    let heard: Vec<_> = requests.iter().map(|r| (r.role, text(r), r.bot.as_str())).collect();
    assert_eq!(heard, [(Role::Op, "#swift now rings", "ptgbot"), (Role::Voice, "ptgbot: help", "ptgbot")]);
}

#[test]
fn a_flood_takes_no_commands_of_others_away_and_prose_takes_no_room() {
    let mut world = World::standing_by(|_| {}, "@ann mallory jane");
    for n in 0..10_000 {
        world.hear(&format!(":mallory!m@h PRIVMSG #ptg :+now {n}"));
        world.hear(":mallory!m@h PRIVMSG #ptg :I like #swift and +1 ~10 times");
        if n % 4_000 == 0 {
            world.hear(&format!(":ann!a@h PRIVMSG #ptg :#swift now {n}"));
            world.hear(&format!(":jane!j@h PRIVMSG #ptg :+seen {n}"));
        }
    }
    world.act(None);
    let (mallorys, others): (Vec<_>, Vec<_>) = world.texts().into_iter().partition(|text| text.starts_with("+now"));
    let wanted = [0, 4_000, 8_000].into_iter().flat_map(|n| [format!("#swift now {n}"), format!("+seen {n}")]);
    assert_eq!(others, wanted.collect::<Vec<_>>());
    assert_eq!((mallorys.len(), mallorys.last().map(String::as_str)), (994, Some("+now 9999")));
}

#[test]
fn what_the_process_before_has_handled_is_not_given_out_again() {
    let lines = ["#swift now a", "#swift now b", "#swift now c", "#swift now d"];
    let say = |world: &mut World, line: &str| world.hear(&format!(":ann!a@h PRIVMSG #ptg :{line}"));
    let mut first = World::joined(|_| {}, "@ann");
    lines[..2].iter().for_each(|line| say(&mut first, line));
    let place = first.given().pop().unwrap().1;
    assert!(!place.contains("ann") && place.len() < 16_000);

    let mut second = World::standing_by(|_| {}, "@ann");
    lines[..3].iter().for_each(|line| say(&mut second, line));
    second.act(Some(&place));
    say(&mut second, lines[3]);
    let given = second.given();
    assert_eq!(given.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), lines[2..]);

    let mut third = World::standing_by(|_| {}, "@ann");
    lines.iter().for_each(|line| say(&mut third, line));
    third.act(Some(&given[1].1));
    assert!(third.given().is_empty());
}

#[test]
fn a_command_that_is_said_again_long_after_counts_again() {
    let mut world = World::standing_by(|_| {}, "@ann");
    world.hear(":ann!a@h PRIVMSG #ptg :#swift advance");
    let mut handled = Marks::default();
    handled.push(Mark::of("#ptg", "ann", "#swift advance", Folding::Rfc1459));
    world.now += Duration::from_secs(30 * 60);
    world.hear(":ann!a@h PRIVMSG #ptg :#swift advance");
    world.act(Some(&handled.to_string()));
    assert_eq!(world.texts(), ["#swift advance"]);
}

#[test]
fn what_was_handled_and_comes_to_this_one_only_after_it_acts_is_not_done_again() {
    let mut world = World::standing_by(|_| {}, "@ann");
    let mut handled = Marks::default();
    handled.push(Mark::of("#ptg", "ann", "#swift advance", Folding::Rfc1459));
    world.act(Some(&handled.to_string()));
    world.hear(":ann!a@h PRIVMSG #ptg :#swift advance");
    world.hear(":ann!a@h PRIVMSG #ptg :#swift clean");
    assert_eq!(world.texts(), ["#swift clean"]);
}

#[test]
fn the_nick_is_taken_only_while_nobody_else_may_act() {
    let mut world = World::standing_by(|_| {}, "@ann");
    let asks = |written: Vec<String>| written.iter().any(|line| line == "NICK ptgbot");
    world.session.speak_until(Some(world.now));
    world.act(None);
    for _ in 0..60 {
        world.wait(Duration::from_secs(1));
        assert!(!asks(world.written()), "another process may act");
    }
    world.session.speak_until(Some(world.now + Duration::from_secs(10)));
    world.wait(Duration::from_secs(2));
    assert!(asks(world.written()));
}

#[test]
fn what_the_process_before_has_missed_is_not_done_behind_what_it_has_obeyed_long_after() {
    let mut first = World::joined(|_| {}, "@ann @bob");
    let mut second = World::standing_by(|_| {}, "@ann @bob");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now missed");
    second.now += Duration::from_secs(6);
    first.hear(":bob!b@h PRIVMSG #ptg :#swift now obeyed");
    second.hear(":bob!b@h PRIVMSG #ptg :#swift now obeyed");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now new");
    second.act(Some(&first.given().pop().unwrap().1));
    assert_eq!(second.texts(), ["#swift now new"]);
}

#[test]
fn what_was_said_before_a_standby_came_and_is_said_again_is_given_out() {
    let mut first = World::joined(|_| {}, "@ann");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift");
    let place = first.given().pop().unwrap().1;
    let mut second = World::standing_by_since(&place, |_| {}, "@ann");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift now b");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now b");
    second.session.acts_at(&first.given().pop().unwrap().1);
    second.hear(":ann!a@h PRIVMSG #ptg :#swift");
    second.act(Some(&place));
    assert_eq!(second.texts(), ["#swift now b", "#swift"]);
}

#[test]
fn what_the_process_before_has_handled_and_this_one_hears_later_is_not_given_out() {
    let mut first = World::joined(|_| {}, "@ann @bob");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    first.hear(":bob!b@h PRIVMSG #ptg :#swift now b");
    let place = first.given().pop().unwrap().1;
    let mut second = World::standing_by(|_| {}, "@ann @bob");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    second.act(Some(&place));
    second.hear(":bob!b@h PRIVMSG #ptg :#swift now b");
    assert!(second.given().is_empty());
    second.hear(":bob!b@h PRIVMSG #ptg :#swift now b");
    assert_eq!(second.texts(), ["#swift now b"], "said again");
}

#[test]
fn a_bot_that_did_not_stand_by_goes_on_from_the_place_only_for_the_next_one() {
    let mut first = World::joined(|_| {}, "@ann");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    let place = first.given().pop().unwrap().1;
    let mut second = World::joined(|_| {}, "@ann");
    second.act(Some(&place));
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    let (text, next) = second.given().pop().unwrap();
    assert_eq!((text.as_str(), next), ("#swift now a", format!("{place} {place}")));
}

#[test]
fn what_waits_for_the_servers_word_at_the_take_over_is_handled_once() {
    let required = |settings: &mut Settings| settings.identified = Identified::Required;
    let mut first = World::joined(|_| {}, "@ann bob");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    let place = first.given().pop().unwrap().1;
    let mut second = World::standing_by(required, "@ann bob");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now b");
    assert_eq!(second.said(), ["WHOIS ann"]);
    second.act(Some(&place));
    assert!(second.given().is_empty());
    second.hear(":irc 307 ptgbot_ ann :has identified");
    second.hear(":irc 318 ptgbot_ ann :End");
    assert_eq!(second.texts(), ["#swift now b"]);
}

#[test]
fn whom_the_process_before_has_refused_the_next_one_does_not_obey() {
    let required = |settings: &mut Settings| settings.identified = Identified::Required;
    let mut first = World::joined(required, "@ann bob");
    first.hear(":bob!b@h PRIVMSG #ptg :#swift now refused");
    first.written();
    first.hear(":irc 318 ptgbot bob :End");
    first.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    first.wait(Duration::from_secs(3));
    first.said();
    first.hear(":irc 307 ptgbot ann :has identified");
    first.hear(":irc 318 ptgbot ann :End");
    let place = first.given().pop().unwrap().1;
    let mut second = World::standing_by(|_| {}, "@ann bob");
    second.hear(":bob!b@h PRIVMSG #ptg :#swift now refused");
    second.hear(":ann!a@h PRIVMSG #ptg :#swift now a");
    second.act(Some(&place));
    assert!(second.given().is_empty());
}

#[test]
fn the_nick_is_left_to_the_bot_that_acts_and_taken_when_it_has_gone() {
    for password in [None, Some("secret")] {
        let change = |settings: &mut Settings| settings.password = password.map(Into::into);
        let mut world = World::standing_by(change, "@ann");
        world.hear(":ann!a@h PRIVMSG #ptg :#swift now x");
        world.wait(Duration::from_secs(60));
        world.hear(":ptgbot!p@h QUIT :killed");
        world.wait(Duration::from_secs(1));
        assert_eq!(world.said(), [""; 0], "it stands by");
        world.act(None);
        assert_eq!(world.said(), ["NICK ptgbot"]);
        world.hear(":ptgbot_!p@h NICK :ptgbot");
        assert!(world.session.is_me("ptgbot"));
    }
}

#[test]
fn a_nick_that_the_one_before_still_has_is_taken_as_soon_as_it_goes() {
    let mut world = World::standing_by(|_| {}, "@ann");
    world.act(None);
    assert_eq!(world.said(), ["NICK ptgbot"]);
    world.hear(":irc 433 ptgbot_ ptgbot :Nickname is already in use");
    world.wait(Duration::from_secs(3));
    assert!(world.said().is_empty());
    let request = world.says(":ann!a@h PRIVMSG #ptg :ptgbot: #swift now x").unwrap();
    assert_eq!(request.bot, "ptgbot", "it is addressed by the name that people know");
    assert_eq!(world.says(":ann!a@h PRIVMSG #ptg :ptgbot_: #swift").unwrap().bot, "ptgbot_");
    assert_eq!(world.says(":ptgbot!p@h PRIVMSG #ptg :#swift now late words of the other"), None);
    world.hear(":ptgbot!p@h QUIT :Ping timeout");
    world.wait(Duration::ZERO);
    assert_eq!(world.said(), ["NICK ptgbot"]);
}

#[test]
fn services_are_asked_for_a_nick_that_the_one_before_still_has() {
    let mut world = World::standing_by(|settings| settings.password = Some("secret".into()), "@ann");
    world.act(None);
    assert_eq!(world.said(), ["PRIVMSG NickServ :REGAIN ptgbot secret"]);
    world.hear(":ptgbot!p@h QUIT :services");
    world.wait(Duration::ZERO);
    assert_eq!(world.said(), ["NICK ptgbot"]);
}

#[test]
fn nothing_leaves_past_the_moment_until_which_the_bot_may_speak() {
    let mut world = World::joined(|_| {}, "@ann");
    world.session.speak_until(Some(world.now + Duration::from_secs(10)));
    world.notify("in time");
    assert_eq!(world.said(), ["PRIVMSG #ptg :in time"]);
    world.now += Duration::from_secs(10);
    world.notify("late");
    assert!(world.said().is_empty() && world.session.window(world.now) == Window::Closed);
    world.session.speak_until(Some(world.now + Duration::from_secs(10)));
    assert_eq!(world.said(), ["PRIVMSG #ptg late"]);
}
