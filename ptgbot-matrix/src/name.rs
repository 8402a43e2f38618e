//! The bot's own name, as people write it in front of a command.

use matrix_sdk::ruma::{OwnedUserId, UserId};
use percent_encoding::percent_decode_str;
use ptgbot_core::clean_name;

/// What people call the bot in a room: its full ID, the first part of that, its display name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BotName {
    id: OwnedUserId,
    /// Each with and without an `@` in front, longest first: a display name may begin with another name.
    names: Vec<String>,
}

/// Whether a client has marked the message as one that mentions the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mention {
    /// Then the name in front is surely the bot's, also without `:` behind it.
    Marked,
    /// Somebody may just have typed it.
    Unmarked,
}

impl BotName {
    /// The names of the account `id`, which shows itself as `display` in the room.
    pub(crate) fn new(id: &UserId, display: Option<&str>) -> Self {
        let display = display.map(clean_name).filter(|name| !name.is_empty());
        let mut names: Vec<String> = [Some(id.localpart().to_owned()), display]
            .into_iter()
            .flatten()
            .flat_map(|name| [format!("@{name}"), name])
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self { id: id.to_owned(), names }
    }

    /// The account.
    pub(crate) fn id(&self) -> &UserId {
        &self.id
    }

    /// The words behind the bot's name, or all of them where they do not begin with it. `html` is the formatted body.
    pub(crate) fn drop_from<'a>(&self, body: &'a str, html: Option<&str>, mention: Mention) -> &'a str {
        let body = body.trim_start();
        self.after_markdown_link(body)
            .or_else(|| after_mark(after_name(body, &self.pill(html?)?)?))
            .or_else(|| after_mark(after_name(body, self.id.as_str())?))
            .or_else(|| {
                self.names.iter().find_map(|name| {
                    let rest = after_name(body, name)?;
                    match mention {
                        Mention::Marked => after_mark(rest),
                        Mention::Unmarked => after_colon(rest),
                    }
                })
            })
            .unwrap_or(body)
    }

    /// What the link to the bot says with which a formatted body begins.
    fn pill(&self, html: &str) -> Option<String> {
        let mut html = html.trim_start();
        while let Some(inner) = WRAPPINGS.iter().find_map(|tag| html.strip_prefix(tag)) {
            html = inner.trim_start();
        }
        let (attributes, rest) = html.strip_prefix("<a ")?.split_once('>')?;
        let (_, value) = attributes.split_once("href=")?;
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (link, _) = value[1..].split_once(quote)?;
        let (label, _) = rest.split_once("</a>")?;
        let label = clean_name(&unescape(label));
        (self.is_linked(&unescape(link)) && !label.is_empty()).then_some(label)
    }

    /// What follows `[name](link to the bot)`, which some clients write into the plain body.
    fn after_markdown_link<'a>(&self, body: &'a str) -> Option<&'a str> {
        let (_, rest) = body.strip_prefix('[')?.split_once("](")?;
        let (link, rest) = rest.split_once(')')?;
        if self.is_linked(link.trim_start_matches('<').trim_end_matches('>')) { after_mark(rest) } else { None }
    }

    /// Whether a link leads to the bot's account. (The SDK's parser of links panics on some that are broken.)
    fn is_linked(&self, link: &str) -> bool {
        let (target, sign) = match (link.strip_prefix("https://matrix.to/#/"), link.strip_prefix("matrix:u/")) {
            (Some(target), _) => (target, ""),
            (None, Some(target)) => (target, "@"),
            (None, None) => return false,
        };
        let target = target.split(['?', '/']).next().unwrap_or_default();
        let target = percent_decode_str(target).decode_utf8_lossy();
        self.id.as_str().strip_prefix(sign).is_some_and(|id| id == target)
    }
}

/// What follows a name, in any case and with any blanks between its words. `None`: the text begins otherwise.
fn after_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    for wanted in name.chars() {
        if wanted == ' ' {
            rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
        } else {
            let mut chars = rest.chars();
            chars.next().filter(|c| c.to_lowercase().eq(wanted.to_lowercase()))?;
            rest = chars.as_str();
        }
    }
    Some(rest)
}

/// What follows `: ` or `, ` behind a name that somebody typed.
fn after_colon(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix([':', ','])?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

/// What follows a name that is surely the bot's: `:`, `,` and blanks go, but none need be there.
fn after_mark(rest: &str) -> Option<&str> {
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let rest = rest.trim_start();
    Some(rest.strip_prefix([':', ',']).unwrap_or(rest).trim_start())
}

/// The five entities that writers of HTML need, and the blank.
fn unescape(html: &str) -> String {
    let text = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ");
    text.replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&")
}

/// What may stand around the first words of a formatted body.
const WRAPPINGS: [&str; 3] = ["<p>", "<div>", "<span>"];

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;
    use proptest::prelude::*;

    fn bot(display: &str) -> BotName {
        BotName::new(user_id!("@ptgbot:example.org"), Some(display))
    }

    fn typed(bot: &BotName, body: &str) -> String {
        bot.drop_from(body, None, Mention::Unmarked).to_owned()
    }

    #[test]
    fn a_typed_name_needs_a_colon_or_a_comma_and_a_blank() {
        let bot = bot("Event Bot");
        for body in [
            "ptgbot: #swift now x",
            "PTGBot,  #swift now x",
            " @ptgbot: #swift now x",
            "event  bot: #swift now x",
            "@Event Bot, #swift now x",
            "@ptgbot:example.org: #swift now x",
            "@PTGBOT:example.org #swift now x",
            "ptgbot:\n#swift now x",
        ] {
            assert_eq!(typed(&bot, body), "#swift now x", "{body}");
        }
        for body in ["ptgbot #swift", "ptgbot:#swift", "ptgbots: #swift", "event: #swift", "@ptgbot:example.organic: x"]
        {
            assert_eq!(typed(&bot, body), body);
        }
        assert_eq!(typed(&bot, "ptgbot:"), "");
    }

    #[test]
    fn a_display_name_may_hold_blanks_and_colons_and_another_name() {
        let bot = bot("ptgbot: the board");
        assert_eq!(typed(&bot, "PTGBOT: The Board: ~list"), "~list");
        assert_eq!(typed(&bot, "ptgbot: ~list"), "~list");
        assert_eq!(typed(&BotName::new(bot.id(), Some("Ärger")), "äRGER, ~list"), "~list");
    }

    #[test]
    fn a_pill_needs_nothing_behind_it() {
        let bot = bot("Event <b>");
        let said = |body: &'static str, html: &str| bot.drop_from(body, Some(html), Mention::Unmarked);
        let pill = "<a href=\"https://matrix.to/#/@ptgbot:example.org\">Event &lt;b&gt;</a>";
        for behind in [" ", ": ", ":", ", ", " : "] {
            let body = format!("Event <b>{behind}#swift now x");
            let html = format!("{pill}{behind}#swift now x");
            assert_eq!(bot.drop_from(&body, Some(&html), Mention::Unmarked), "#swift now x", "{body}");
        }
        let encoded = "<p><a class='x' href='https://matrix.to/#/%40ptgbot%3Aexample.org?via=a'>Old Name</a> ~list</p>";
        assert_eq!(said("Old Name ~list", encoded), "~list");
        assert_eq!(said("Botty ~list", "<a href=\"matrix:u/ptgbot:example.org\">Botty</a> ~list"), "~list");
        assert_eq!(said("[Bot](https://matrix.to/#/@ptgbot:example.org): ~list", pill), "~list");
        let other = "<a href=\"https://matrix.to/#/@jane:example.org\">Jane</a> ~list";
        assert_eq!(said("Jane ~list", other), "Jane ~list");
        assert_eq!(said("[Jane](https://matrix.to/#/@jane:example.org): ~list", other).get(..5), Some("[Jane"));
    }

    #[test]
    fn a_marked_mention_makes_a_bare_name_the_bots() {
        let bot = bot("Event Bot");
        assert_eq!(bot.drop_from("Event Bot ~list", None, Mention::Marked), "~list");
        assert_eq!(bot.drop_from("Event Bots ~list", None, Mention::Marked), "Event Bots ~list");
    }

    proptest! {
        #[test]
        fn any_body_and_any_html_leave_an_end_of_the_body(
            body in "(ptgbot|@ptgbot:example.org|\\[|Event )?\\PC{0,30}",
            html in "(<p>)?(<a href=[\"'](https://matrix.to/#/)?)?(@ptgbot:example.org)?\\PC{0,30}(</a>)?",
            display in "\\PC{0,10}",
        ) {
            let left = bot(&display).drop_from(&body, Some(&html), Mention::Marked).to_owned();
            prop_assert!(body.ends_with(&left));
        }
    }
}
