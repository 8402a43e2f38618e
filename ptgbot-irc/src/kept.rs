//! What a bot hears while it stands by: commands, judged by the rights of that moment, for when it acts.

use crate::marks::Mark;
use ptgbot_core::Incoming;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The newest commands in the channels, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Kept(VecDeque<KeptCommand>);

/// A command that somebody may have handled.
#[derive(Debug)]
pub(crate) struct KeptCommand {
    pub(crate) mark: Mark,
    pub(crate) heard: Instant,
    pub(crate) incoming: Incoming,
}

impl Kept {
    /// One more; what is too old or too many goes.
    pub(crate) fn push(&mut self, command: KeptCommand) {
        let now = command.heard;
        self.0.push_back(command);
        while self.0.len() > MOST || self.0.front().is_some_and(|oldest| now > oldest.heard + OLDEST) {
            self.0.pop_front();
        }
    }

    /// True where nothing was heard.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that is new enough; nothing is kept any more.
    pub(crate) fn take(&mut self, now: Instant) -> Vec<KeptCommand> {
        let kept = std::mem::take(&mut self.0);
        kept.into_iter().filter(|command| now <= command.heard + OLDEST).collect()
    }
}

const MOST: usize = 1_000;
/// Nobody expects an answer after that, and by then they have said it again.
const OLDEST: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_core::{Ask, Folding, Network, Request};

    fn command(n: usize, heard: Instant) -> KeptCommand {
        let request = Request::new(&Network::nearest("oftc"), Default::default(), Ask::Said(n.to_string()));
        KeptCommand { mark: Mark::of("#ptg", "jane", "", Folding::Ascii), heard, incoming: Incoming::new(request) }
    }

    #[test]
    fn the_newest_thousand_of_the_last_ten_minutes_are_kept() {
        let (mut kept, start) = (Kept::default(), Instant::now());
        (0..1_500).for_each(|n| kept.push(command(n, start)));
        let all = kept.take(start);
        assert_eq!((all.len(), &all[0].incoming.request.ask), (1_000, &Ask::Said("500".into())));
        assert!(kept.take(start).is_empty());

        kept.push(command(1, start));
        kept.push(command(2, start + Duration::from_secs(500)));
        assert_eq!(kept.take(start + Duration::from_secs(700)).len(), 1);
        kept.push(command(1, start));
        kept.push(command(2, start + Duration::from_secs(601)));
        assert_eq!(kept.take(start).len(), 1);
    }
}
