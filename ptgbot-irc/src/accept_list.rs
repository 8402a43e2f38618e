//! Our own accept list, on servers that put everybody on it to whom we write.
//!
//! A person who ignores strangers (`+g`) keeps a list of whom they hear (`ACCEPT`). OFTC's server puts whoever a
//! client writes to on that client's list, so that they can answer, and never takes anybody off. Once the list is
//! full a message to anybody else is not delivered (494). So we take people off before it is full, and where it is
//! full all the same (somebody changed their nick unseen) we ask who is on it and empty it. Notices and channels are
//! exempt.

use crate::isupport::Isupport;
use irc::proto::Command;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Whom the server has put on our accept list, as far as we know.
#[derive(Debug)]
pub(crate) struct AcceptList {
    filling: Filling,
    /// Folded and as written to, oldest first.
    people: Vec<(String, String)>,
    /// How many were taken off last, and how many of them were not on it.
    removed: usize,
    missed: usize,
    /// The server is telling who is on the list; not waited for longer than that.
    listing: Option<Instant>,
    /// Lines on their way whose answer confirms all before them: their tokens, and until when they are waited for.
    confirming: VecDeque<(u64, Instant)>,
    /// The server did not say that we are not on our own list.
    is_mute: bool,
}

/// Whether the server puts people on the list by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Filling {
    /// Nothing is known about that.
    #[default]
    Possible,
    /// It has refused a message because the list was full.
    Certain,
    /// It did not know whom we took off.
    No,
}

impl AcceptList {
    /// An empty list: the connection is new.
    pub(crate) fn new() -> Self {
        Self {
            filling: Filling::default(),
            people: Vec::new(),
            removed: 0,
            missed: 0,
            listing: None,
            confirming: VecDeque::new(),
            is_mute: false,
        }
    }

    /// A private message is about to leave. Services that are addressed with their server are on no list.
    pub(crate) fn wrote_to(&mut self, nick: &str, isupport: &Isupport) {
        let key = isupport.fold(nick);
        if !nick.contains('@') && self.people.iter().all(|(known, _)| *known != key) {
            self.people.push((key, nick.to_owned()));
        }
    }

    /// True when there is hardly room for one more.
    pub(crate) fn is_nearly_full(&self, isupport: &Isupport) -> bool {
        self.places(isupport).is_some_and(|places| !self.people.is_empty() && self.people.len() + SPARE >= places)
    }

    /// True if taking people off would have the server say that it has read everything before.
    pub(crate) fn can_confirm(&self, isupport: &Isupport) -> bool {
        !self.is_mute && !self.people.is_empty() && self.places(isupport).is_some()
    }

    /// Takes people off, as many as fit into a line. Our own nick is the last of them: that it is not on the list
    /// is the server's answer to the whole line, and stands for this token.
    pub(crate) fn take_off(&mut self, own_nick: &str, token: u64, now: Instant) -> Command {
        let fit = self.people.iter().scan(0, |length, (_, nick)| {
            *length += nick.len() + 2;
            (*length <= LONGEST).then_some(())
        });
        let fit = fit.count();
        self.confirming.push_back((token, now + PATIENCE));
        (self.removed, self.missed) = (fit, 0);
        let nicks: Vec<String> = self.people.drain(..fit).map(|(_, nick)| nick).collect();
        accept(nicks.iter().map(String::as_str).chain([own_nick]))
    }

    /// Somebody has a new nick and keeps their place.
    pub(crate) fn renamed(&mut self, old: &str, new: &str, isupport: &Isupport) {
        let old = isupport.fold(old);
        if let Some(person) = self.people.iter_mut().find(|(known, _)| *known == old) {
            *person = (isupport.fold(new), new.to_owned());
        }
    }

    /// Somebody has left the network, and the list with it.
    pub(crate) fn gone(&mut self, nick: &str, isupport: &Isupport) {
        let key = isupport.fold(nick);
        self.people.retain(|(known, _)| *known != key);
    }

    /// The server did not deliver a message because the list is full (494): asks who is on it.
    pub(crate) fn is_full(&mut self, now: Instant, out: &mut VecDeque<Command>) {
        self.filling = Filling::Certain;
        if self.listing.is_none() {
            self.listing = Some(now + PATIENCE);
            out.push_back(Command::Raw(ACCEPT.to_owned(), vec!["*".to_owned()]));
        }
    }

    /// One line of the list (281).
    pub(crate) fn listed(&mut self, names: &[String], out: &mut VecDeque<Command>) {
        if self.listing.is_some() {
            let nicks: Vec<&str> = names.iter().flat_map(|words| words.split_ascii_whitespace()).map(nick_of).collect();
            out.extend(nicks.chunks(NICKS_A_LINE).map(|nicks| accept(nicks.iter().copied())));
        }
    }

    /// The list is told to its end (282): whoever was on it is being taken off.
    pub(crate) fn list_ends(&mut self) {
        if self.listing.take().is_some() {
            self.people.clear();
        }
    }

    /// Somebody whom we took off was not on the list (458). If that is ourselves, the token of the line that it
    /// answers. If it goes for most of the others, the server never put them there.
    pub(crate) fn was_not_on_it(&mut self, who: &str, own_nick: &str, isupport: &Isupport) -> Option<u64> {
        if isupport.fold(nick_of(who)) == isupport.fold(own_nick) {
            return self.confirming.pop_front().map(|(token, _)| token);
        }
        self.missed += 1;
        if self.filling == Filling::Possible && self.missed >= FEW && self.missed * 2 > self.removed {
            tracing::debug!("this server does not fill our accept list");
            self.filling = Filling::No;
        }
        None
    }

    /// Gives up what never comes. True if that is a confirmation, which must be asked for in another way.
    pub(crate) fn tick(&mut self, now: Instant) -> bool {
        self.listing = self.listing.filter(|until| now < *until);
        let is_late = self.confirming.front().is_some_and(|(_, until)| now >= *until);
        if is_late {
            self.is_mute = true;
            self.confirming.clear();
        }
        is_late
    }

    /// When [`tick`](Self::tick) has something to do.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        self.listing.into_iter().chain(self.confirming.front().map(|(_, until)| *until)).min()
    }

    /// True while a private message would not be delivered.
    pub(crate) fn is_closed(&self) -> bool {
        self.listing.is_some()
    }

    /// How many people fit on the list, if the server may put them there.
    fn places(&self, isupport: &Isupport) -> Option<usize> {
        match self.filling {
            Filling::No => None,
            Filling::Possible => isupport.accept_length(),
            Filling::Certain => isupport.accept_length().or(Some(Isupport::USUAL_ACCEPT_LENGTH)),
        }
    }
}

/// The line that takes these people off.
fn accept<'a>(nicks: impl Iterator<Item = &'a str>) -> Command {
    let list: Vec<String> = nicks.map(|nick| format!("-{nick}")).collect();
    Command::Raw(ACCEPT.to_owned(), vec![list.join(",")])
}

/// Some servers say `nick!user@host`.
fn nick_of(who: &str) -> &str {
    who.split('!').next().unwrap_or(who)
}

const ACCEPT: &str = "ACCEPT";
/// For a message on its way, and for whoever was put there unseen.
const SPARE: usize = 2;
/// Bytes of nicks in a line.
const LONGEST: usize = 400;
/// Of the longest nicks.
const NICKS_A_LINE: usize = 12;
const PATIENCE: Duration = Duration::from_secs(5);
/// So many may have left and come back.
const FEW: usize = 3;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn oftc() -> Isupport {
        let mut isupport = Isupport::default();
        isupport.apply(&["CALLERID".to_owned(), "CASEMAPPING=rfc1459".to_owned()]);
        isupport
    }

    fn said(out: &mut VecDeque<Command>) -> Vec<String> {
        out.drain(..).map(|c| String::from(&c)).collect()
    }

    /// Writes to this many people and makes room when it is time.
    fn written(list: &mut AcceptList, people: usize, isupport: &Isupport) -> Vec<String> {
        let mut lines = Vec::new();
        for n in 0..people {
            if list.is_nearly_full(isupport) {
                lines.push(String::from(&list.take_off("bot", n as u64, Instant::now())));
            }
            list.wrote_to(&format!("p{n}"), isupport);
        }
        lines
    }

    #[test]
    fn people_are_taken_off_before_the_list_is_full() {
        let lines = written(&mut AcceptList::new(), 60, &oftc());
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("ACCEPT -p0,-p1,") && lines[0].ends_with(",-p17,-bot"), "{}", lines[0]);
    }

    #[test]
    fn who_is_written_to_again_needs_no_second_place() {
        let (mut list, oftc) = (AcceptList::new(), oftc());
        for _ in 0..60 {
            list.wrote_to("Jane[]", &oftc);
            list.wrote_to("jane{}", &oftc);
        }
        assert!(!list.is_nearly_full(&oftc));
    }

    #[test]
    fn long_nicks_take_several_lines() {
        let (mut list, oftc) = (AcceptList::new(), oftc());
        (0..18).for_each(|n| list.wrote_to(&format!("{n:a>30}"), &oftc));
        let lines = [1, 2].map(|token| String::from(&list.take_off("bot", token, Instant::now())));
        assert!(lines.iter().all(|l| l.len() < 510), "{lines:?}");
        assert!(!list.can_confirm(&oftc), "nobody is left");
    }

    #[test]
    fn that_we_are_not_on_our_own_list_confirms_the_line() {
        let (mut list, oftc, now) = (AcceptList::new(), oftc(), Instant::now());
        written(&mut list, 3, &oftc);
        assert!(list.can_confirm(&oftc));
        list.take_off("Bot", 7, now);
        assert_eq!(list.was_not_on_it("p1", "Bot", &oftc), None);
        assert_eq!(list.was_not_on_it("bot!*@*", "Bot", &oftc), Some(7));
        assert_eq!(list.was_not_on_it("bot", "Bot", &oftc), None, "nobody asked");
        assert!(list.wake_at().is_none());
    }

    #[test]
    fn a_server_that_does_not_say_so_is_asked_in_another_way() {
        let (mut list, oftc, now) = (AcceptList::new(), oftc(), Instant::now());
        written(&mut list, 3, &oftc);
        list.take_off("bot", 7, now);
        assert!(!list.tick(now));
        assert!(list.tick(list.wake_at().unwrap()));
        written(&mut list, 3, &oftc);
        assert!(!list.can_confirm(&oftc) && list.wake_at().is_none());
    }

    #[test]
    fn a_full_list_is_asked_for_once_and_emptied() {
        let (mut list, mut out, now) = (AcceptList::new(), VecDeque::new(), Instant::now());
        list.is_full(now, &mut out);
        list.is_full(now, &mut out);
        assert_eq!(said(&mut out), ["ACCEPT *"]);
        assert!(list.is_closed());
        list.listed(&["a".to_owned(), "b c!u@h".to_owned()], &mut out);
        list.list_ends();
        assert_eq!(said(&mut out), ["ACCEPT -a,-b,-c"]);
        assert!(!list.is_closed());
        list.listed(&["d".to_owned()], &mut out);
        assert!(out.is_empty(), "nobody asked");
    }

    #[test]
    fn a_list_that_never_comes_is_not_waited_for() {
        let (mut list, mut out, now) = (AcceptList::new(), VecDeque::new(), Instant::now());
        list.is_full(now, &mut out);
        list.tick(list.wake_at().unwrap());
        assert!(!list.is_closed());
    }

    #[test]
    fn a_server_that_fills_no_list_is_left_alone() {
        let (mut list, oftc) = (AcceptList::new(), oftc());
        assert_eq!(written(&mut list, 19, &oftc).len(), 1);
        for n in 0..10 {
            list.was_not_on_it(&format!("p{n}"), "bot", &oftc);
        }
        assert!(written(&mut list, 60, &oftc).is_empty());
        assert!(written(&mut AcceptList::new(), 60, &Isupport::default()).is_empty());
        list.is_full(Instant::now(), &mut VecDeque::new());
        assert!(!written(&mut list, 60, &Isupport::default()).is_empty(), "it said so itself");
    }

    #[test]
    fn people_keep_their_place_under_another_nick_and_lose_it_when_they_leave() {
        let (mut list, oftc) = (AcceptList::new(), oftc());
        written(&mut list, 18, &oftc);
        list.renamed("P0", "Zoe", &oftc);
        list.gone("p1", &oftc);
        assert!(!list.is_nearly_full(&oftc));
        list.wrote_to("new", &oftc);
        assert!(list.is_nearly_full(&oftc));
        assert!(String::from(&list.take_off("bot", 1, Instant::now())).starts_with("ACCEPT -Zoe,-p2,"));
    }
}
