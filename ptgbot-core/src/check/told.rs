//! Findings as a chat is told of them: a line for each kind, and few lines.

use super::finding::{Finding, Findings};
use super::kind::{FindingKind, Severity};
use crate::reply::{Line, Reply, Span, say, spans};

/// What was found in a data file, errors first, in at most `most` lines.
pub(crate) fn findings_lines(findings: &Findings, most: usize) -> Vec<Line> {
    let kinds: Vec<_> = findings.by_kind().collect();
    let told = if kinds.len() > most { most.saturating_sub(1) } else { kinds.len() };
    let mut lines: Vec<_> = kinds[..told].iter().map(|(kind, kept, count)| line(*kind, kept, *count)).collect();
    let more: usize = kinds[told..].iter().map(|(_, _, count)| count).sum();
    if more > 0 && most > 0 {
        lines.push(spans!["\u{2026} and ", more, " more: ", Span::command("ptgbot check"), " tells all."].item());
    }
    lines
}

/// The answer to whom a data file with errors is refused.
pub(crate) fn refusal(findings: &Findings) -> Reply {
    let count = match findings.errors() {
        1 => "an error".to_owned(),
        errors => format!("{errors} errors"),
    };
    let mut reply = say!["The data cannot be used, nothing was changed: it has ", count, "."];
    findings_lines(findings, Reply::LINES_IN_A_CHANNEL - 1).into_iter().for_each(|line| reply.push(line));
    reply
}

/// `Advice, slots without a time: MonA1, MonA2 and 3 more ($.slots.Monday[0].realtime). It has no time. Say when it begins.`
fn line(kind: FindingKind, kept: &[Finding], count: usize) -> Line {
    let (mut names, mut named): (Vec<&str>, usize) = (Vec::new(), 0);
    for name in kept.iter().map(|finding| finding.name.as_str()) {
        let length: usize = names.iter().map(|name| name.len()).sum();
        let is_named = names.contains(&name);
        if !is_named && !names.is_empty() && (names.len() == NAMES || length + name.len() > NAMES_LEN) {
            break;
        }
        named += 1;
        if !is_named {
            names.push(name);
        }
    }
    let mut names = names.join(", ");
    if count > named {
        names.push_str(&format!(" and {} more", count - named));
    }
    let word = match kind.severity() {
        Severity::Error => "Error, ",
        Severity::Advice => "Advice, ",
    };
    let mut line = spans![word, kind.title(), ": ", names];
    if let Some(first) = kept.first() {
        let place = format!(" ({}).", first.path);
        let sentences = [&first.reason, &first.proposal].map(|phrase| format!(" {}.", sentence(phrase)));
        let mut left = LINE_LEN.saturating_sub(line.to_string().len());
        for part in [place].into_iter().chain(sentences) {
            if part.len() <= left {
                left -= part.len();
                line = line.and([Span::from(part)]);
            }
        }
    }
    line.item()
}

/// A phrase with a capital at its beginning.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// How many things of a kind are named.
const NAMES: usize = 3;
/// In bytes.
const NAMES_LEN: usize = 90;
/// In bytes: one line on any network.
const LINE_LEN: usize = 300;
