//! What a reply looks like: its spans as HTML, and as plain words for clients that show no HTML. Nothing that somebody
//! typed becomes markup or calls everybody.

use ptgbot_core::{HttpUrl, Line, Reply, Span};
use std::borrow::Cow;

/// The words of a reply, one line below the other.
pub(crate) fn plain(reply: &Reply) -> String {
    let lines: Vec<String> = reply.lines().iter().map(plain_line).collect();
    lines.join("\n")
}

/// The reply as HTML: one line as it is, of several those that are entries of a list in one, the others as paragraphs.
pub(crate) fn html(reply: &Reply) -> String {
    if let [line] = reply.lines() {
        return html_line(line);
    }
    let mut html = String::new();
    for group in reply.lines().chunk_by(|a, b| a.is_item() == b.is_item()) {
        let is_list = group.first().is_some_and(Line::is_item);
        let (before, after) = if is_list { ("<li>", "</li>") } else { ("<p>", "</p>") };
        html.push_str(if is_list { "<ul>" } else { "" });
        for line in group {
            html.extend([before, &html_line(line), after]);
        }
        html.push_str(if is_list { "</ul>" } else { "" });
    }
    html
}

/// Bytes that a span adds to both forms together, as JSON.
pub(crate) fn cost(span: &Span) -> usize {
    in_json(&harmless(&span.text())) + in_json(&html_span(span))
}

/// Bytes that a line adds to both forms together besides its spans: `<ul><li>` and their ends, and a line break.
pub(crate) const COST_OF_A_LINE: usize = "<ul><li></li></ul>\\n".len();

fn plain_line(line: &Line) -> String {
    line.spans().iter().map(|span| harmless(&span.text()).into_owned()).collect()
}

fn html_line(line: &Line) -> String {
    line.spans().iter().map(html_span).collect()
}

fn html_span(span: &Span) -> String {
    let text = span.text();
    let escaped = escaped(&harmless(&text));
    match span {
        Span::Command(_) | Span::Slot(_) => format!("<code>{escaped}</code>"),
        Span::Track(_) => format!("<strong>{escaped}</strong>"),
        Span::Link(address) if can_be_followed(address) => {
            format!("<a href=\"{}\">{escaped}</a>", self::escaped(&text))
        }
        // A time has no tag in Matrix, and a person's name is not to call the person.
        Span::Text(_) | Span::Link(_) | Span::Person(_) | Span::Time { .. } => escaped,
        _ => escaped,
    }
}

/// An address of the web that holds no password, and would not be shown as a mention.
fn can_be_followed(address: &str) -> bool {
    HttpUrl::parse(address).is_ok() && !address.to_ascii_lowercase().contains("//matrix.to/")
}

/// Words in which `@room` calls nobody: a joiner of words, which is not seen, parts it.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("@room") {
        return Cow::Borrowed(text);
    }
    let mut parted = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in lower.match_indices("@room") {
        parted.push_str(&text[done..=at]);
        parted.push('\u{2060}');
        done = at + 1;
    }
    parted.push_str(&text[done..]);
    Cow::Owned(parted)
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
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
    html
}

fn in_json(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ptgbot_core::{RoomName, SlotCode, SlotName, TrackName};

    fn line(spans: impl IntoIterator<Item = Span>) -> Line {
        Line::new(spans)
    }

    fn shown(span: Span) -> String {
        html(&line([span]).into())
    }

    #[test]
    fn each_span_looks_as_what_it_is() {
        let swift = TrackName::parse("swift").unwrap();
        let slot = SlotCode { room: RoomName::new("Ballroom A"), slot: SlotName::new("MonA2") };
        assert_eq!(shown("rings & <b>".into()), "rings &amp; &lt;b&gt;");
        assert_eq!(shown(Span::command("#swift now <TOPIC>")), "<code>#swift now &lt;TOPIC&gt;</code>");
        assert_eq!(shown((&swift).into()), "<strong>#swift</strong>");
        assert_eq!(shown((&slot).into()), "<code>Ballroom A-MonA2</code>");
        assert_eq!(shown(Span::person("Jane <3")), "Jane &lt;3");
        let link = "https://a.example/?q=1&x=2";
        let followed = "<a href=\"https://a.example/?q=1&amp;x=2\">https://a.example/?q=1&amp;x=2</a>";
        assert_eq!(shown(Span::link(link)), followed);
    }

    #[test]
    fn only_addresses_of_the_web_can_be_followed() {
        for address in ["javascript:alert(1)", "https://me:secret@a.example/", "https://matrix.to/#/@ada:b"] {
            assert!(!shown(Span::link(address)).contains("<a "), "{address}");
        }
    }

    #[test]
    fn one_line_is_a_line_and_items_are_a_list() {
        let reply = Reply::from(vec![line(["Now:".into()]), line(["a".into()]).item(), line(["b".into()]).item()]);
        assert_eq!(html(&reply), "<p>Now:</p><ul><li>a</li><li>b</li></ul>");
        assert_eq!(plain(&reply), "Now:\na\nb");
        assert_eq!(html(&"one".into()), "one");
        assert_eq!(html(&line(["one".into()]).item().into()), "one");
    }

    #[test]
    fn nobody_calls_the_whole_room() {
        let reply = Reply::from("hello @ROOM and @room");
        assert_eq!(plain(&reply), "hello @\u{2060}ROOM and @\u{2060}room");
        assert_eq!(html(&reply), plain(&reply));
        let link = shown(Span::link("https://a.example/@room"));
        assert!(link.starts_with("<a href=\"https://a.example/@room\">"), "the address stays as it is: {link}");
    }
}
