//! What a bot hears while it stands by: commands, judged by the rights of that moment, for when it acts.
//!
//! There is room for so many. Whoever has most in it loses first, and who runs the event last, so that nobody's commands
//! go because others talk much. Of a command that had to go the mark stays: the bot that acts may have handled it.

use crate::marks::Mark;
use ptgbot_core::{Incoming, PersonId, Role};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// The newest commands in the channels, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    commands: VecDeque<KeptCommand>,
    /// How many whole ones there are of each.
    shares: HashMap<Share, usize>,
    whole: usize,
}

/// A command that somebody may have handled.
#[derive(Debug)]
pub(crate) struct KeptCommand {
    pub(crate) mark: Mark,
    pub(crate) heard: Instant,
    /// `None` where there was no room for it, or it is too old.
    pub(crate) incoming: Option<Incoming>,
    share: Share,
    /// True where there was no room for it.
    pub(crate) is_lost: bool,
}

/// Whose room a command takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Share {
    is_members: bool,
    who: Option<PersonId>,
}

impl KeptCommand {
    pub(crate) fn new(mark: Mark, heard: Instant, incoming: Incoming) -> Self {
        let request = &incoming.request;
        let who = request.from.as_ref().map(|from| from.id.clone());
        let share = Share { is_members: request.role < Role::Voice, who };
        Self { mark, heard, incoming: Some(incoming), share, is_lost: false }
    }

    /// Who has said it, as the network compares names.
    pub(crate) fn who(&self) -> &str {
        self.share.who.as_ref().map_or("", PersonId::key)
    }
}

impl Kept {
    /// One more. Of what is too old or too many the mark stays: by it the place of the bot that acts is found again.
    pub(crate) fn push(&mut self, command: KeptCommand) {
        let now = command.heard;
        *self.shares.entry(command.share.clone()).or_default() += 1;
        self.whole += 1;
        self.commands.push_back(command);
        while let Some(oldest) = self.oldest().filter(|oldest| now > self.commands[*oldest].heard + OLDEST) {
            self.empty(oldest);
        }
        if self.whole > MOST {
            self.make_room();
        }
        if self.commands.len() > MOST_MARKS
            && let Some(oldest) = self.commands.iter().position(|command| command.incoming.is_none())
        {
            self.commands.remove(oldest);
        }
    }

    /// True where nothing was heard.
    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// All of it, whole where it is new enough; nothing is kept any more.
    pub(crate) fn take(&mut self, now: Instant) -> Vec<KeptCommand> {
        let mut kept = Vec::from(std::mem::take(self).commands);
        for command in kept.iter_mut().filter(|command| now > command.heard + OLDEST) {
            command.incoming = None;
        }
        kept
    }

    /// Where the oldest whole one is.
    fn oldest(&self) -> Option<usize> {
        self.commands.iter().position(|command| command.incoming.is_some())
    }

    /// The oldest command goes of who has most, people without rights first.
    fn make_room(&mut self) {
        let most = self.shares.iter().map(|(share, count)| (share.is_members, *count)).max();
        let has_most = |share: &Share| self.shares.get(share).map(|count| (share.is_members, *count)) == most;
        let mut commands = self.commands.iter();
        if let Some(oldest) = commands.position(|command| command.incoming.is_some() && has_most(&command.share)) {
            self.empty(oldest);
            self.commands[oldest].is_lost = true;
        }
    }

    /// Leaves of a command its mark.
    fn empty(&mut self, place: usize) {
        let command = &mut self.commands[place];
        if command.incoming.take().is_some() {
            self.whole -= 1;
            if let Some(left) = self.shares.get_mut(&command.share) {
                *left -= 1;
            }
            self.shares.retain(|_, left| *left > 0);
        }
    }
}

const MOST: usize = 1_000;
/// More than a place in what was said could ever be compared with.
const MOST_MARKS: usize = 4 * MOST;
/// Nobody expects an answer after that, and by then they have said it again.
const OLDEST: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{Ask, Folding, Network, Person, Request};

    fn command(who: &str, role: Role, n: usize, heard: Instant) -> KeptCommand {
        let network = Network::nearest("oftc");
        let request = Request::new(&network, Default::default(), Ask::Said(n.to_string()));
        let request = request.by(Person::new(&network, who, Folding::Ascii), role);
        let mark = Mark::of("#ptg", who, &n.to_string(), Folding::Ascii);
        KeptCommand::new(mark, heard, Incoming::new(request))
    }

    /// The numbers of what somebody said and is there whole.
    fn whole_of(who: &str, kept: &[KeptCommand]) -> Vec<usize> {
        let said = kept.iter().filter_map(|command| command.incoming.as_ref()).map(|incoming| &incoming.request);
        let theirs = said.filter(|request| request.from.as_ref().is_some_and(|from| from.name == who));
        let number = |request: &Request| match &request.ask {
            Ask::Said(text) => text.parse().expect("a number"),
            other => panic!("{other:?}"),
        };
        theirs.map(number).collect()
    }

    #[test]
    fn the_newest_thousand_of_the_last_ten_minutes_are_kept() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        let command = |n, heard| command("jane", Role::Op, n, heard);
        (0..1_500).for_each(|n| kept.push(command(n, start)));
        assert_eq!(whole_of("jane", &kept.take(start)), (500..1_500).collect::<Vec<_>>());
        assert!(kept.take(start).is_empty() && kept.is_empty());

        kept.push(command(1, start));
        kept.push(command(2, start + Duration::from_secs(500)));
        let left = kept.take(start + Duration::from_secs(700));
        assert_eq!((left.len(), whole_of("jane", &left)), (2, vec![2]));
        kept.push(command(1, start));
        kept.push(command(2, start + Duration::from_secs(601)));
        let left = kept.take(start);
        assert_eq!(whole_of("jane", &left), [2]);
        assert!(left.iter().all(|command| !command.is_lost), "what is too old is not lost");
    }

    #[test]
    fn one_person_who_says_very_much_loses_only_commands_of_their_own() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        for n in 0..10_000 {
            kept.push(command("mallory", Role::Member, n, start));
            if n % 4_000 == 0 {
                kept.push(command("ann", Role::Op, n, start));
                kept.push(command("jane", Role::Member, n, start));
            }
        }
        let kept = kept.take(start);
        assert_eq!(whole_of("ann", &kept), [0, 4_000, 8_000]);
        assert_eq!(whole_of("jane", &kept), [0, 4_000, 8_000]);
        assert_eq!(whole_of("mallory", &kept), (10_000 - 994..10_000).collect::<Vec<_>>());
        assert_eq!(kept.len(), MOST_MARKS, "of what went the marks are here, as many as help");
    }

    #[test]
    fn many_people_without_rights_take_no_moderators_command_and_share_the_rest() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        let who = |n: usize| format!("m{n}");
        for n in 0..100 {
            (0..100).for_each(|person| kept.push(command(&who(person), Role::Member, n, start)));
            if n % 40 == 0 {
                kept.push(command("ann", Role::Voice, n, start));
            }
        }
        let kept = kept.take(start);
        assert_eq!(whole_of("ann", &kept), [0, 40, 80]);
        for person in 0..100 {
            let share = whole_of(&who(person), &kept);
            assert!((9..=10).contains(&share.len()) && share.ends_with(&[98, 99]), "{person}: {share:?}");
        }
    }

    #[test]
    fn who_runs_the_event_loses_last() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        (0..MOST).for_each(|n| kept.push(command("mallory", Role::Member, n, start)));
        kept.push(command("bob", Role::Voice, 1, start));
        (0..MOST).for_each(|n| kept.push(command("ann", Role::Op, n, start)));
        let kept = kept.take(start);
        assert!(whole_of("mallory", &kept).is_empty());
        assert_eq!((whole_of("bob", &kept), whole_of("ann", &kept)), (vec![1], (1..MOST).collect()));
    }
}
