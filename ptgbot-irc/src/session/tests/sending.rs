//! What the session says, at which pace, and what it says again.

use super::*;
use std::collections::HashSet;

/// A server with OFTC's rule: whoever we write to is put on our accept list; when that is full, nobody else hears us.
struct AcceptRule {
    list: HashSet<String>,
    places: usize,
    /// Who heard what, in order.
    heard: Vec<(String, String)>,
    /// Lines of each kind.
    pings: usize,
    accepts: usize,
}

impl AcceptRule {
    fn new(places: usize) -> Self {
        Self { list: HashSet::new(), places, heard: Vec::new(), pings: 0, accepts: 0 }
    }

    /// Reads everything that the session writes now, and answers.
    fn serve(&mut self, world: &mut World) {
        for line in world.written() {
            let (word, rest) = line.split_once(' ').unwrap();
            match word {
                "PING" => {
                    self.pings += 1;
                    world.hear(&format!(":irc PONG irc :{rest}"));
                }
                "ACCEPT" if rest == "*" => {
                    let names: Vec<&str> = self.list.iter().map(String::as_str).collect();
                    world.hear(&format!(":irc 281 ptgbot {}", names.join(" ")));
                    world.hear(":irc 282 ptgbot :End of /ACCEPT list.");
                }
                "ACCEPT" => {
                    self.accepts += 1;
                    for nick in rest.split(',').map(|word| word.strip_prefix('-').unwrap()) {
                        if !self.list.remove(nick) {
                            world.hear(&format!(":irc 458 ptgbot {nick} :is not on your accept list"));
                        }
                    }
                }
                "PRIVMSG" => {
                    let (to, text) = rest.split_once(' ').unwrap();
                    if !to.starts_with('#') && !self.list.contains(to) {
                        if self.list.len() >= self.places {
                            world.hear(&format!(":irc 494 ptgbot {to} :cannot answer you while you are +g"));
                            continue;
                        }
                        self.list.insert(to.to_owned());
                    }
                    self.heard.push((to.to_owned(), text.to_owned()));
                }
                _ => panic!("{line}"),
            }
        }
    }

    fn heard_by(&self, who: &str) -> Vec<&str> {
        self.heard.iter().filter(|(to, _)| to == who).map(|(_, text)| text.as_str()).collect()
    }
}

/// In the channel of a server that has accept lists.
fn on_oftc() -> World {
    let mut world = World::joined(|_| {}, "@gibi jane");
    world.hear(":irc 005 ptgbot CALLERID DEAF=D :are supported by this server");
    world
}

/// Gives the session one line whenever it takes one, as the outbox does, until none is left; how long that took.
fn deliver(world: &mut World, server: &mut AcceptRule, lines: Vec<(String, String)>) -> Duration {
    let (start, mut last) = (world.now, world.now);
    let mut lines = lines.into_iter();
    for _ in 0..100_000 {
        if world.session.window(world.now) == Window::Open
            && let Some((to, text)) = lines.next()
        {
            world.session.say(&to, &text, None);
        }
        let before = server.heard.len();
        server.serve(world);
        if server.heard.len() > before {
            last = world.now;
        }
        if lines.len() == 0 && world.session.is_done() {
            return last - start;
        }
        world.wait(Duration::from_millis(10));
    }
    panic!("not all was said: {} lines are left", lines.len());
}

fn sixty() -> Vec<(String, String)> {
    let text = "#swift now: ring placement and what it means for replication (Ballroom A)";
    (0..60).map(|n| (format!("subscriber{n}"), text.to_owned())).collect()
}

#[test]
fn sixty_subscribers_hear_though_the_accept_list_has_twenty_places() {
    let (mut world, mut server) = (on_oftc(), AcceptRule::new(20));
    let took = deliver(&mut world, &mut server, sixty());
    let all: HashSet<&str> = server.heard.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!((server.heard.len(), all.len()), (60, 60));
    assert!(took < Duration::from_secs(66), "{took:?}");
    assert!(server.pings * 20 <= server.heard.len(), "{} PINGs", server.pings);
    assert!(server.accepts <= 5, "{} lines to keep the list short", server.accepts);
}

#[test]
fn a_list_that_was_full_before_is_emptied_and_what_it_refused_said_again() {
    let (mut world, mut server) = (on_oftc(), AcceptRule::new(20));
    server.list.extend((0..19).map(|n| format!("renamed{n}")));
    deliver(&mut world, &mut server, sixty());
    let all: HashSet<&str> = server.heard.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!((server.heard.len(), all.len()), (60, 60));
}

#[test]
fn a_server_that_does_not_announce_its_list_is_understood_all_the_same() {
    let (mut world, mut server) = (World::joined(|_| {}, ""), AcceptRule::new(20));
    deliver(&mut world, &mut server, sixty());
    let all: HashSet<&str> = server.heard.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!((server.heard.len(), all.len()), (60, 60));
}

#[test]
fn a_long_answer_that_bounces_arrives_whole_and_in_order() {
    let (mut world, mut server) = (on_oftc(), AcceptRule::new(20));
    server.list.extend((0..20).map(|n| format!("renamed{n}")));
    let answer: Vec<(String, String)> = (1..=6).map(|n| ("jane".to_owned(), n.to_string())).collect();
    deliver(&mut world, &mut server, answer);
    assert_eq!(server.heard_by("jane"), ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn without_an_accept_list_confirmation_costs_one_line_in_twenty() {
    let (mut world, mut server) = (World::joined(|_| {}, ""), AcceptRule::new(1_000));
    let took = deliver(&mut world, &mut server, sixty());
    assert!(took < Duration::from_secs(66), "{took:?}");
    assert!(server.pings <= 4, "{} PINGs", server.pings);
    assert_eq!(server.accepts, 0);
}

#[test]
fn nobody_is_written_to_again_who_does_not_exist_or_ignores_strangers() {
    for (number, reason) in [(401, "No such nick/channel"), (716, "is in +g mode (server side ignore)")] {
        let mut world = World::joined(|_| {}, "");
        world.wait(Duration::from_secs(10));
        (1..=6).for_each(|n| world.session.say("jane", &n.to_string(), None));
        world.session.say("john", "x", None);
        assert_eq!(world.written().len(), 4);
        world.hear(&format!(":irc {number} ptgbot jane :{reason}"));
        assert_eq!(world.said_in_time(), ["PRIVMSG john x"]);
        assert!(world.session.is_done());
    }
}

#[test]
fn a_notification_that_waits_is_given_up_by_nobody_else_leaving() {
    let mut world = World::joined(|_| {}, "");
    world.session.say("jane", "x", None);
    world.hear(":irc 401 ptgbot jane :No such nick/channel");
    assert_eq!(world.written(), ["PRIVMSG jane x"], "it was not an answer to this line");
}

#[test]
fn what_the_bot_says_takes_turns_with_refusals_of_strangers() {
    let mut world = World::joined(|s| s.identified = Identified::Required, "@gibi");
    for n in 0..20 {
        assert_eq!(world.says(&format!(":s{n}!a@h PRIVMSG ptgbot :help")), None);
    }
    let mut answers = 0;
    let mut said = Vec::new();
    for _ in 0..2_000 {
        if world.session.window(world.now) == Window::Open {
            world.session.say("#ptg", &format!("answer{answers}"), None);
            answers += 1;
        }
        for line in world.said() {
            if let Some(nick) = line.strip_prefix("WHOIS ") {
                world.hear(&format!(":irc 318 ptgbot {nick} :End of /WHOIS list."));
            }
            said.push(line);
        }
        world.wait(Duration::from_millis(10));
    }
    let strangers = |lines: &[String]| lines.iter().filter(|line| !line.contains("answer")).count();
    assert!(said.len() >= 20 && said.windows(2).all(|two| strangers(two) <= 1), "{said:#?}");
}

#[test]
fn a_moderator_is_asked_about_before_strangers() {
    let mut world = World::joined(|s| s.identified = Identified::Required, "@gibi");
    for n in 0..20 {
        world.says(&format!(":s{n}!a@h PRIVMSG ptgbot :help"));
    }
    world.says(":gibi!a@h PRIVMSG #ptg :#swift now x");
    assert_eq!(world.written()[0], "WHOIS gibi");
}

#[test]
fn a_throttled_answer_is_tried_again_soon() {
    let mut world = World::joined(|_| {}, "");
    world.notify("one");
    let start = world.now;
    for _ in 0..3 {
        while world.said() != ["PRIVMSG #ptg one"] {
            world.wait(Duration::from_millis(100));
        }
        world.hear(":irc NOTICE ptgbot :*** Message to #ptg throttled due to flooding");
    }
    while !world.session.is_done() {
        world.said();
        world.wait(Duration::from_millis(100));
    }
    assert!(world.now - start < Duration::from_secs(20), "{:?}", world.now - start);
}

#[test]
fn lines_that_were_not_confirmed_are_said_again_on_the_next_connection() {
    let mut world = World::joined(|_| {}, "");
    world.notify("one");
    world.notify("two");
    assert_eq!(world.written(), ["PRIVMSG #ptg one", "PRIVMSG #ptg two"]);
    world.wait(Duration::from_secs(3));
    assert_eq!(world.written(), ["PING ptgbot-1"]);
    world.hear(":irc PONG irc :ptgbot-1");
    world.notify("three");
    assert_eq!(world.written(), ["PRIVMSG #ptg three"]);
    assert!(matches!(world.try_hear("ERROR :Closing Link"), Err(End::Lost(_))));
    world.session.disconnected();
    assert_eq!(world.session.window(world.now), Window::Closed);
    world.session.connected(world.now);
    world.hear("CAP * LS :");
    world.written();
    world.hear(":irc 001 ptgbot :Welcome");
    world.wait(Duration::ZERO);
    assert_eq!(world.written(), ["JOIN #ptg"]);
    world.hear(":ptgbot!p@h JOIN #ptg");
    assert_eq!(world.said_in_time(), ["PRIVMSG #ptg three"]);
    assert!(world.session.is_done());
}

#[test]
fn a_throttled_message_is_said_again() {
    let mut world = World::joined(|_| {}, "");
    world.notify("one");
    world.notify("two");
    world.written();
    world.hear(":irc NOTICE ptgbot :*** Message to #ptg throttled due to flooding");
    world.wait(Duration::from_secs(3));
    assert_eq!(world.written(), ["PING ptgbot-1"]);
    world.hear(":irc PONG irc :ptgbot-1");
    assert_eq!(world.said_in_time(), ["PRIVMSG #ptg two"]);
}

#[test]
fn a_line_refused_because_of_a_kick_is_said_after_the_rejoin() {
    let mut world = World::joined(|_| {}, "");
    world.notify("kept");
    assert_eq!(world.written(), ["PRIVMSG #ptg kept"]);
    world.hear(":ann!a@h KICK #ptg ptgbot :out");
    world.wait(Duration::from_secs(3));
    assert_eq!(world.written(), ["JOIN #ptg"]);
    world.wait(Duration::from_secs(3));
    assert_eq!(world.written(), ["PING ptgbot-1"]);
    world.hear(":irc 404 ptgbot #ptg :Cannot send to channel");
    world.hear(":ptgbot!p@h JOIN #ptg");
    world.hear(":irc PONG irc :ptgbot-1");
    assert_eq!(world.said_in_time(), ["PRIVMSG #ptg kept"]);
}

#[test]
fn sixty_messages_never_break_the_limits() {
    let mut world = World::joined(|_| {}, "");
    (0..60).for_each(|n| world.notify(&format!("{n} {}", "x".repeat(300))));
    assert!(world.written().len() <= 4);
    assert_eq!(world.session.window(world.now), Window::Closed);
    let said = world.said_in_time();
    assert!(
        said.iter()
            .enumerate()
            .all(|(n, line)| line.contains(&format!(":{} ", n + 4)) || line.contains(&format!(":{} ", n + 3)))
    );
    assert_eq!(world.session.window(world.now), Window::Open);
}

#[test]
fn a_server_that_reads_nothing_gets_no_more_than_it_can_hold() {
    let mut world = World::joined(|_| {}, "");
    (0..20).for_each(|_| world.notify(&"x".repeat(400)));
    let mut bytes = 0;
    for _ in 0..50 {
        bytes += world.written().iter().map(|l| l.len() + 2).sum::<usize>();
        world.now += Duration::from_millis(1_100);
    }
    assert!(bytes <= 2_560, "{bytes}");
}

#[test]
fn a_message_cannot_bring_a_command_with_it() {
    let mut world = World::joined(|_| {}, "");
    for (to, text) in [("ann", "a\r\nQUIT\0b"), ("#ptg\r\nQUIT :", "x"), (" ", "x")] {
        world.session.say(to, text, None);
    }
    assert_eq!(world.said_in_time(), ["PRIVMSG ann a", "PRIVMSG ann QUITb"]);
}
