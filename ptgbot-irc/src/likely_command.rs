//! Whether words in a channel are meant for the bot, as far as that can be said without the board.
//!
//! Needed only where people must be identified: asking about everybody who says anything would be rude and slow.

use ptgbot_core::Folding;
use ptgbot_core::command::{Scope, Spec};

/// True if a line could hold a command at all. Everything that the bot would obey is in here, and much more: who
/// says it must be known to services, or it goes no further.
pub(crate) fn could_be_command(text: &str) -> bool {
    text.contains(SIGNS)
}

/// True if a line begins with a name, as what is said to somebody does.
pub(crate) fn is_addressed(text: &str, name: &str, folding: Folding) -> bool {
    let first = text.split_whitespace().next().and_then(|word| word.strip_suffix([':', ',']));
    first.is_some_and(|word| folding.fold(word) == folding.fold(name))
}

/// True if a line is a command beyond doubt: then its author deserves a word when it is refused.
pub(crate) fn is_command(text: &str) -> bool {
    let mut words = text.split_whitespace().skip_while(|word| word.ends_with([':', ','])).take(2);
    let (Some(first), second) = (words.next(), words.next()) else { return false };
    let knows = |scope, word| Spec::find(scope, word).is_some();
    match first.split_at_checked(1) {
        Some(("+", word)) => knows(Scope::User, word),
        Some(("~", word)) => knows(Scope::Admin, word) || word.eq_ignore_ascii_case("help"),
        Some(("#", word)) => match second {
            None => word.contains(char::is_alphabetic),
            Some(verb) => knows(Scope::Track, verb) || Spec::find(Scope::User, word).is_some_and(|spec| spec.with_hash),
        },
        _ => false,
    }
}

const SIGNS: [char; 3] = ['#', '+', '~'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_somebody_begin_with_their_name() {
        for yes in ["ptgbot: help", " PTGBOT, help", "ptgbot:"] {
            assert!(is_addressed(yes, "ptgbot", Folding::Ascii), "{yes}");
        }
        for no in ["ptgbot help", "ptgbot_: help", "hello ptgbot: help", ""] {
            assert!(!is_addressed(no, "ptgbot", Folding::Ascii), "{no}");
        }
    }

    #[test]
    fn only_what_is_surely_a_command_is_refused_aloud() {
        for yes in
            ["#swift now x", "~add a", "+in #swift", "bot: #swift now x", "Bot, ~list", " #nova", "~help", "#in #swift"]
        {
            assert!(is_command(yes) && could_be_command(yes), "{yes}");
        }
        for no in [
            "",
            "hello #swift",
            "+1",
            "#1234",
            "# x",
            "~",
            "bot: hello",
            "#topic budget",
            "~10 minutes",
            "+hugs",
            "bot:",
        ] {
            assert!(!is_command(no), "{no}");
        }
        assert!(!could_be_command("good morning, everybody"));
        assert!(could_be_command("\u{200b}#swift now x") && could_be_command("bot{: #swift now x"));
    }
}
