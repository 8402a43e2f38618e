//! How one line of an answer looks: commands stand out, web addresses can be followed, and nothing that somebody typed
//! becomes a mention, a room or markup.

use ptgbot_core::command::{Scope, Spec, TABLE};
use ptgbot_core::{HttpUrl, clean};
use std::sync::LazyLock;

/// A stretch of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// As it is.
    Plain,
    /// A command to type, or a name that a client would turn into a mention or a link to a room.
    Code,
    /// An address to follow.
    Link,
}

/// The line as HTML. It depends on nothing but the line.
pub(crate) fn html(line: &str) -> String {
    let mut html = String::with_capacity(line.len() * 2);
    let mut plain = 0;
    let mut at = 0;
    while at < line.len() {
        let found = if begins_word(&line[..at]) { look(line, at) } else { None };
        match found {
            Some((look, len)) => {
                add(&mut html, Look::Plain, &line[plain..at]);
                at += len;
                plain = at;
                add(&mut html, look, &line[at - len..at]);
            }
            None => at += line[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    add(&mut html, Look::Plain, &line[plain..]);
    html
}

/// One clean line, in which `@room` calls nobody: a joiner of words, which is not seen, parts it.
pub(crate) fn harmless(line: &str) -> String {
    let line = clean(line);
    let lower = line.to_ascii_lowercase();
    let mut parted = String::with_capacity(line.len());
    let mut done = 0;
    for (at, _) in lower.match_indices("@room") {
        parted.push_str(&line[done..=at]);
        parted.push('\u{2060}');
        done = at + 1;
    }
    parted.push_str(&line[done..]);
    parted
}

fn add(html: &mut String, look: Look, text: &str) {
    let (before, after) = match look {
        Look::Plain => ("", ""),
        Look::Code => ("<code>", "</code>"),
        Look::Link => ("", "</a>"),
    };
    if look == Look::Link {
        html.push_str("<a href=\"");
        escape(html, text);
        html.push_str("\">");
    }
    html.push_str(before);
    escape(html, text);
    html.push_str(after);
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
}

/// Whether a word may begin behind this.
fn begins_word(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| c.is_whitespace() || "('\"[<".contains(c))
}

/// What begins at a place of the line, and its length, which is never 0.
fn look(line: &str, at: usize) -> Option<(Look, usize)> {
    let (before, rest) = line.split_at(at);
    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
    if word.is_empty() {
        return None;
    }
    address(word)
        .or_else(|| identifier(word).map(|len| (Look::Code, len)))
        .or_else(|| command(before, rest).map(|len| (Look::Code, len)))
}

/// A web address, without the punctuation behind it. One of matrix.to is shown, but would be a mention as a link.
fn address(word: &str) -> Option<(Look, usize)> {
    if !["http://", "https://"].iter().any(|scheme| starts_with_in_any_case(word, scheme)) {
        return None;
    }
    let end = if word.contains('(') { "" } else { ")" };
    let address = word.trim_end_matches(|c| ".,;:!?'\">]".contains(c) || end.contains(c));
    let url = HttpUrl::parse(address).ok()?;
    let is_mention = url.as_url().host_str().is_some_and(|host| host.trim_end_matches('.').ends_with("matrix.to"));
    Some((if is_mention { Look::Code } else { Look::Link }, address.len()))
}

/// The ID of a user or a room, or a `matrix:` address.
fn identifier(word: &str) -> Option<usize> {
    let name = word.trim_end_matches(|c: char| ".,;:!?'\")>]".contains(c));
    if starts_with_in_any_case(name, "matrix:") {
        return Some(name.len());
    }
    let (local, server) = name.strip_prefix(['@', '#', '!'])?.split_once(':')?;
    (!local.is_empty() && server.starts_with(|c: char| c.is_alphanumeric() || c == '[')).then_some(name.len())
}

/// A command, as the core writes one: by its usage, by its sign and name, or in full where it quotes or suggests it.
fn command(before: &str, rest: &str) -> Option<usize> {
    if before.ends_with("Did you mean: ") {
        return quoted_behind_colon(rest);
    }
    usage(rest).or_else(|| quoted(before, rest)).or_else(|| signed(rest))
}

/// A usage line of the table: `~motd del N`.
fn usage(rest: &str) -> Option<usize> {
    if !rest.starts_with(['+', '#', '~']) {
        return None;
    }
    let fits = |form: &str| rest.strip_prefix(form).is_some_and(ends_word);
    FORMS.iter().filter(|form| fits(form)).map(String::len).max()
}

/// A command in full: `(#infra book A-MonA1)`, `'#nova unbook A-MonA1' cannot`, `jane: #swift now rings (taken back)`.
fn quoted(before: &str, rest: &str) -> Option<usize> {
    let (first, behind) = rest.split_once(' ')?;
    let verb = behind.split([' ', ')', '\'']).next().unwrap_or_default();
    let is_command = match first.split_at_checked(1)? {
        ("#", name) => !name.is_empty() && Spec::find(Scope::Track, verb).is_some(),
        ("~", name) => Spec::find(Scope::Admin, name).is_some(),
        _ => false,
    };
    if !is_command {
        return None;
    }
    let near = &rest[..rest.floor_char_boundary(LONGEST_COMMAND)];
    if before.ends_with(": ") {
        quoted_behind_colon(rest)
    } else if before.ends_with('(') {
        closing_bracket(near)
    } else if before.ends_with('\'') {
        near.find("' ").or_else(|| near.ends_with('\'').then(|| near.len() - 1))
    } else {
        None
    }
}

/// Up to the remark in brackets at the end, if there is one.
fn quoted_behind_colon(rest: &str) -> Option<usize> {
    if rest.len() > LONGEST_COMMAND {
        return None;
    }
    let remark = if rest.ends_with(')') { rest.rfind(" (") } else { None };
    Some(remark.filter(|len| *len > 0).unwrap_or(rest.len()))
}

fn closing_bracket(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `+free`, `~add`, with the words in capitals that are to be replaced: `~add TRACK`.
fn signed(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix(['+', '~'])?;
    let name = &name[..name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len())];
    let scope = if rest.starts_with('+') { Scope::User } else { Scope::Admin };
    Spec::find(scope, name).or_else(|| Spec::find(Scope::User, name).filter(|spec| spec.name == "help"))?;
    let mut len = 1 + name.len();
    if !ends_word(&rest[len..]) {
        return None;
    }
    while let Some(more) = rest[len..].strip_prefix(' ') {
        let word = &more[..more.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(more.len())];
        if word.len() < 2 || !ends_word(&more[word.len()..]) {
            break;
        }
        len += 1 + word.len();
    }
    Some(len)
}

fn ends_word(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric() || "-_".contains(c))
}

fn starts_with_in_any_case(text: &str, start: &str) -> bool {
    text.as_bytes().get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
}

/// Every way to type a command.
static FORMS: LazyLock<Vec<String>> = LazyLock::new(|| TABLE.iter().flat_map(Spec::forms).collect());

/// No command is looked for the end of beyond this: a line full of beginnings would take for ever.
const LONGEST_COMMAND: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The line with `‹›` around what is code and `«»` around what is a link.
    fn marked(line: &str) -> String {
        let html = html(line).replace("<code>", "‹").replace("</code>", "›").replace("</a>", "»");
        let mut parts = html.split("<a href=\"");
        let first = parts.next().unwrap_or_default().to_owned();
        let text = parts.fold(first, |text, link| text + "«" + link.split_once("\">").expect("a link").1);
        text.replace("&#39;", "'")
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    }

    #[test]
    fn commands_that_the_core_names_stand_out() {
        for line in [
            "There are no tracks yet. ‹~add TRACK› adds one.",
            "There is no track #nope; an op can ‹~add› it.",
            "There is no slot X. Send ‹+free› for the codes that can be booked.",
            "Usage: ‹~motd add LEVEL TEXT› or ‹~motd del N› or ‹~motd reorder X [Y…]› or ‹~motd clean›",
            "etherpad: only http and https links are taken. Usage: ‹#TRACK etherpad URL› or ‹#TRACK etherpad auto›",
            "‹+now [#TRACK]›: tells what is discussed now",
            "‹#TRACK now TOPIC›: announces what is discussed now and clears what was next",
            "Did you mean: ‹#swift now discussing rings›",
            "I do not know that command. Did you mean: ‹help there› (or send help for the list)",
            "Noted. But #infra has no room today: book one (‹#infra book Pike's Peak (2)-MonA1›) or say where it meets (‹#infra location …›).",
            "'‹#nova unbook Pike's Peak-MonA1›' cannot be taken back: '‹#cinder book A-MonA1›' came later. Take that back first.",
            "Taken back for #swift: ‹#swift advance (ponds)› (2026-10-19 10:30 IST, gibi)",
            "2026-10-19 09:30 UTC, tony: ‹~clean swift nova› (taken back)",
            "2026-10-19 09:30 UTC, tony: ‹~undo› (of change 15)",
            "Admin commands are given in the channel, by ops: ‹~list›, ‹~add›, … Send help for what works here.",
            "‹~requirevoice› is for channel operators.",
        ] {
            assert_eq!(marked(&line.replace(['‹', '›'], "")), line);
        }
    }

    #[test]
    fn words_that_only_look_like_commands_stay_as_they_are() {
        for line in [
            "#swift now (Ballroom A): rings and 2 + 2, ~10 minutes, +1, +income, ~listing",
            "4 tracks: #cinder #infra #nova #swift",
            "For ops (~cmd in the channel): list, add",
            "For everyone (+cmd here, or cmd in private): in, out",
            "#swift (Roof): #nova is there",
        ] {
            assert_eq!(marked(line), line);
        }
    }

    #[test]
    fn web_addresses_can_be_followed_where_that_is_safe() {
        assert_eq!(marked("#swift is in A: https://a.example/b."), "#swift is in A: «https://a.example/b».");
        assert_eq!(marked("(see http://a.example/b_(c))"), "(see «http://a.example/b_(c))»");
        assert_eq!(marked("(see HTTP://a.example/b)"), "(see «HTTP://a.example/b»)");
        assert_eq!(
            html("https://a.example/?q=\"<b>&c"),
            "<a href=\"https://a.example/?q=&quot;&lt;b&gt;&amp;c\">https://a.example/?q=&quot;&lt;b&gt;&amp;c</a>"
        );
        for line in ["javascript:alert(1)", "https://me:secret@a.example/", "https://", "xhttps://a.example/"] {
            assert_eq!(marked(line), line);
        }
    }

    #[test]
    fn nobody_is_mentioned_and_no_room_is_linked() {
        assert_eq!(marked("ada may be @ada:example.org, or so"), "ada may be ‹@ada:example.org›, or so");
        assert_eq!(marked("ask in #infra:example.org."), "ask in ‹#infra:example.org›.");
        assert_eq!(marked("#swift: rings"), "#swift: rings");
        assert_eq!(marked("https://matrix.to/#/@ada:example.org"), "‹https://matrix.to/#/@ada:example.org›");
        assert_eq!(marked("matrix:u/ada:example.org"), "‹matrix:u/ada:example.org›");
        assert_eq!(harmless("hello  @ROOM and @room"), "hello @\u{2060}ROOM and @\u{2060}room");
    }

    #[test]
    fn nothing_typed_becomes_markup() {
        assert_eq!(html("<b onclick='x'>&amp;"), "&lt;b onclick=&#39;x&#39;&gt;&amp;amp;");
        assert_eq!(html("Did you mean: <i>"), "Did you mean: <code>&lt;i&gt;</code>");
    }

    proptest! {
        #[test]
        fn every_line_keeps_its_words(
            line in "(Did you mean: |jane: |\\(|')?[#+~@]?(swift |room|now |add |https://|a:b)?[\\PC ()':@<&]{0,40}\\)?",
        ) {
            let line = harmless(&line);
            prop_assert_eq!(&harmless(&line), &line, "harmless is harmless");
            prop_assert!(!line.to_lowercase().contains("@room"));
            let text = marked(&line).replace(['‹', '›', '«', '»'], "");
            prop_assert_eq!(text, line.replace(['‹', '›', '«', '»'], ""));
        }
    }
}
