//! What to try next in the demo: a line at a time, after what somebody did, and each once.

use ptgbot_core::Outcome;
use std::collections::{BTreeSet, VecDeque};

/// What somebody has tried, and what they were offered.
#[derive(Debug)]
pub(crate) struct Hints {
    page: String,
    /// What was typed and is not answered yet.
    typed: VecDeque<Option<Deed>>,
    done: BTreeSet<Deed>,
    offered: BTreeSet<Deed>,
    is_over: bool,
}

/// Something to try, in the order in which it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Now,
    Next,
    Free,
    Book,
    Subscribe,
    Become,
    CheckIn,
    Help,
}

/// A deed as it is offered.
struct Offer {
    deed: Deed,
    line: &'static str,
    meaning: &'static str,
}

impl Hints {
    /// For somebody who has done nothing yet. `page` is the page's address.
    pub(crate) fn new(page: &str) -> Self {
        let (typed, done, offered) = Default::default();
        Self { page: page.to_owned(), typed, done, offered, is_over: false }
    }

    /// What to try first, or next; it is not offered again by itself.
    pub(crate) fn offer(&mut self) -> String {
        match self.next() {
            Some(offer) => {
                self.offered.insert(offer.deed);
                format!("Try: {}   ({})", offer.line, offer.meaning)
            }
            None => END.to_owned(),
        }
    }

    /// Somebody typed a line for the bot, which [`handled`](Self::handled) follows.
    pub(crate) fn typed(&mut self, line: &str) {
        self.typed.push_back(Deed::of(line));
    }

    /// The oldest line without an answer has it now. Gives what to say after it, if anything.
    pub(crate) fn handled(&mut self, outcome: Outcome) -> Option<String> {
        match (self.typed.pop_front().flatten()?, outcome) {
            (deed, Outcome::Changed | Outcome::Answered) => self.did(deed),
            (_, Outcome::Refused | Outcome::Ignored) => None,
        }
    }

    /// Somebody is somebody else from here on.
    pub(crate) fn became(&mut self) -> Option<String> {
        self.did(Deed::Become)
    }

    /// The terminal itself has answered a line: help is followed by the offer that still stands.
    pub(crate) fn answered(&mut self, line: &str) -> Option<String> {
        (Deed::of(line) == Some(Deed::Help)).then(|| self.offer())
    }

    fn did(&mut self, deed: Deed) -> Option<String> {
        let is_first = self.done.insert(deed);
        let seen = match deed {
            Deed::Now if is_first => format!("The page shows it: {}. ", self.page),
            Deed::Help => return Some(self.offer()),
            _ => String::new(),
        };
        match self.next() {
            // Once offered is enough.
            Some(offer) if self.offered.contains(&offer.deed) => (!seen.is_empty()).then_some(seen),
            Some(_) => Some(seen + &self.offer()),
            None if self.is_over => None,
            None => {
                self.is_over = true;
                Some(seen + END)
            }
        }
    }

    fn next(&self) -> Option<&'static Offer> {
        OFFERS.iter().find(|offer| !self.done.contains(&offer.deed))
    }
}

impl Deed {
    /// What a line would do.
    fn of(line: &str) -> Option<Self> {
        let line = line.trim().to_lowercase();
        let line = line.strip_prefix("/msg ").unwrap_or(&line);
        let mut words = line.split_whitespace();
        let first = words.next()?;
        let named = first.trim_start_matches(['#', '+', '/', '~']);
        Some(match (named, words.next()) {
            ("free", _) => Self::Free,
            ("subscribe", _) => Self::Subscribe,
            ("in", _) => Self::CheckIn,
            ("help", _) => Self::Help,
            (_, Some("now")) => Self::Now,
            (_, Some("next")) => Self::Next,
            (_, Some("book")) => Self::Book,
            _ => return None,
        })
    }
}

const OFFERS: [Offer; 7] = [
    Offer { deed: Deed::Now, line: "#harbour now tide tables", meaning: "the page follows at once" },
    Offer { deed: Deed::Next, line: "#harbour next lunch", meaning: "what comes after it" },
    Offer { deed: Deed::Free, line: "+free", meaning: "which slots nobody has" },
    Offer { deed: Deed::Book, line: "#harbour book CODE", meaning: "with one of the codes that +free shows" },
    Offer {
        deed: Deed::Subscribe,
        line: "/subscribe tide",
        meaning: "a line with / is private; who subscribes is told",
    },
    Offer {
        deed: Deed::Become,
        line: "/as john voice",
        meaning: "then, as John: #harbour now high tide; you are told",
    },
    Offer { deed: Deed::CheckIn, line: "+in #harbour", meaning: "people find you: +seen john" },
];
const END: &str = "That was the tour. +help lists everything; an event of your own begins with: ptgbot new";

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said after a line that the bot has done.
    fn after(hints: &mut Hints, line: &str) -> Option<String> {
        hints.typed(line);
        hints.handled(Outcome::Changed)
    }

    fn hints() -> Hints {
        let mut hints = Hints::new("http://127.0.0.1:8000");
        assert!(hints.offer().starts_with("Try: #harbour now tide tables"));
        hints
    }

    #[test]
    fn each_deed_is_followed_by_the_next_offer_and_the_first_by_the_page() {
        let mut hints = hints();
        let said = after(&mut hints, "#Harbour NOW tide tables").expect("the page");
        assert!(said.starts_with("The page shows it: http://127.0.0.1:8000. Try: #harbour next lunch"), "{said}");
        for (line, offer) in [
            ("#harbour next lunch", "Try: +free"),
            ("+free", "Try: #harbour book CODE"),
            ("#harbour book A-MonP1", "Try: /subscribe tide"),
            ("/subscribe tide", "Try: /as john voice"),
        ] {
            let said = after(&mut hints, line).expect(line);
            assert!(said.starts_with(offer), "{line}: {said}");
        }
        assert!(hints.became().expect("an offer").starts_with("Try: +in #harbour"));
        assert_eq!(after(&mut hints, "+in #harbour").as_deref(), Some(END));
        assert_eq!(after(&mut hints, "+in #harbour"), None);
    }

    #[test]
    fn nobody_is_told_twice_and_nothing_follows_what_was_refused_or_is_talk() {
        let mut hints = hints();
        assert_eq!(after(&mut hints, "hello"), None);
        hints.typed("#harbor now tides");
        assert_eq!(hints.handled(Outcome::Refused), None);
        assert_eq!(after(&mut hints, "#harbour next lunch"), None, "the first offer still stands");
        assert!(after(&mut hints, "#harbour now tides").is_some_and(|said| said.ends_with("(which slots nobody has)")));
        assert_eq!(after(&mut hints, "#swift now rings"), None);
    }

    #[test]
    fn what_was_tried_before_is_not_offered() {
        let mut hints = hints();
        for line in ["/msg subscribe tide", "+free"] {
            assert_eq!(after(&mut hints, line), None, "{line}");
        }
        after(&mut hints, "#harbour now a");
        assert!(after(&mut hints, "#harbour next b").is_some_and(|said| said.contains("#harbour book CODE")));
        assert!(after(&mut hints, "#harbour book A").is_some_and(|said| said.contains("/as john voice")));
    }

    #[test]
    fn help_offers_it_again() {
        let mut hints = hints();
        assert!(after(&mut hints, "+help").is_some_and(|said| said.starts_with("Try: #harbour now")));
        assert!(hints.answered("/help").is_some_and(|said| said.starts_with("Try: #harbour now")));
        assert_eq!(hints.answered("/quit"), None);
    }

    #[test]
    fn lines_that_wait_are_answered_in_their_order() {
        let mut hints = hints();
        hints.typed("hello");
        hints.typed("#harbour now tides");
        assert_eq!(hints.handled(Outcome::Ignored), None);
        assert!(hints.handled(Outcome::Changed).is_some());
        assert_eq!(hints.handled(Outcome::Changed), None, "nothing more was typed");
    }
}
