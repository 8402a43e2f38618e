//! `ptgbot check`: a data file, or a board, as somebody reads it who knows what is regretted later.

use super::{Failure, UsageError};
use crate::clock::{Clock, SystemClock};
use crate::import::formats::{Format, Given, read_file};
use crate::store::{self, Access, Blocking, StoreAddress};
use chrono::{DateTime, Utc};
use clap::Args;
use ptgbot_core::chrono_tz::Tz;
use ptgbot_core::{Finding, FindingKind, Findings, Severity, check_file, data_file};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is checked, and how it is told.
#[derive(Debug, Args)]
pub(super) struct CheckFlags {
    /// The data file; - is standard input
    #[arg(value_name = "FILE", required_unless_present = "store", conflicts_with = "store")]
    file: Option<PathBuf>,
    /// The board of a store instead: sqlite:PATH or postgres://…?board=NAME
    #[arg(long, value_name = "STORE")]
    store: Option<StoreAddress>,
    /// How the file is written
    #[arg(long = "from", value_name = "FORMAT", default_value = "ptg", conflicts_with = "store")]
    format: Format,
    /// The zone of times without one, where the file names none
    #[arg(long, value_name = "ZONE", value_parser = super::data::zone, conflicts_with = "store")]
    timezone: Option<Tz>,
    /// One JSON object, for scripts
    #[arg(long)]
    json: bool,
    /// As of this time (RFC 3339) instead of now
    #[arg(long, value_name = "TIME", value_parser = super::time)]
    at: Option<DateTime<Utc>>,
}

/// Prints what is found. The status is 1 if there are errors, else 0.
pub(super) async fn check(flags: &CheckFlags) -> Result<ExitCode, Failure> {
    let (data, source) = match (&flags.file, &flags.store) {
        (Some(file), _) => read(file, flags.format, flags.timezone)?,
        (None, Some(store)) => {
            (exported(store).await.map_err(|error| UsageError(error.to_string()))?, store.to_string())
        }
        (None, None) => return Err(UsageError("name a data file, or a board with --store".into()).into()),
    };
    let findings = check_file(&data, flags.at.unwrap_or_else(|| SystemClock.now()));
    let mut output = io::stdout().lock();
    if flags.json {
        serde_json::to_writer_pretty(&mut output, &Checked { checked: &source, findings: &findings })?;
        writeln!(output)?;
    } else {
        write(&mut output, &source, &findings)?;
    }
    output.flush()?;
    Ok(if findings.errors() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(file: &Path, format: Format, zone: Option<Tz>) -> Result<(Value, String), UsageError> {
    let (text, source) = if file == Path::new("-") {
        (read_file(io::stdin()), "standard input".to_owned())
    } else {
        (File::open(file).and_then(read_file), file.display().to_string())
    };
    let text = text.map_err(|error| UsageError(format!("cannot read {source}: {error}")))?;
    let given = Given { board: Value::Object(Map::new()), zone };
    let read = format.read(&text, &given);
    let read = read.map_err(|error| UsageError(format!("cannot read {source} as {}: {error}", format.noun())))?;
    Ok((read.document, source))
}

async fn exported(store: &StoreAddress) -> Result<Value, Failure> {
    let mut journal = store::open(store, Access::ReadOnly, Blocking::Inline).await?;
    Ok(data_file::full(&journal.load().await?))
}

/// What scripts read.
#[derive(Serialize)]
struct Checked<'a> {
    checked: &'a str,
    #[serde(flatten)]
    findings: &'a Findings,
}

/// For people: by kind, errors first; findings with the same words together.
fn write(output: &mut impl Write, source: &str, findings: &Findings) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(output, "{source}: no errors, no advice.");
    }
    let errors = counted(findings.errors(), "error", "errors");
    writeln!(output, "{source}: {errors}, {}", counted(findings.advice(), "piece of advice", "pieces of advice"))?;
    for (kind, kept, count) in findings.by_kind() {
        write_kind(output, kind, kept, count)?;
    }
    Ok(())
}

fn write_kind(output: &mut impl Write, kind: FindingKind, kept: &[Finding], count: usize) -> io::Result<()> {
    let word = match kind.severity() {
        Severity::Error => "Error",
        Severity::Advice => "Advice",
    };
    writeln!(output, "\n{word}: {}", kind.title())?;
    for alike in kept.chunk_by(|one, other| one.reason == other.reason && one.proposal == other.proposal) {
        for finding in alike.iter().take(PLACES) {
            writeln!(output, "  {}  {}", finding.name, finding.path)?;
        }
        if alike.len() > PLACES {
            writeln!(output, "  \u{2026} and {} more", alike.len() - PLACES)?;
        }
        if let Some(Finding { reason, proposal, .. }) = alike.first() {
            writeln!(output, "      {reason}\n      \u{2192} {proposal}")?;
        }
    }
    if count > kept.len() {
        writeln!(output, "  \u{2026} and {} more of this kind", count - kept.len())?;
    }
    Ok(())
}

fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// How many places with the same words are named.
const PLACES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn findings_with_the_same_words_stand_together() {
        let slots: Vec<_> = (1..=7).map(|number| json!({"name": format!("A{number}")})).collect();
        let file = json!({
            "eventid": "oct2026", "timezone": "Europe/Dublin",
            "slots": {"Monday": slots, "Tuesday": [{"name": "B", "realtime": "2026-10-20T08:00:00Z", "duration": 60}]},
            "schedule": {"Hall": {"B": ""}},
        });
        let findings = check_file(&file, "2026-10-01T00:00:00Z".parse().expect("a time"));
        let mut text = Vec::new();
        write(&mut text, "event.json", &findings).expect("memory");
        let text = String::from_utf8(text).expect("text");
        let is = "event.json: no errors, 8 pieces of advice\n\nAdvice: slots without a time\n  Monday  $.slots.Monday\n      \
                  none of its 7 slots has a time: they are in no calendar\n      \u{2192} say when it begins, as in \
                  \"realtime\": \"2026-10-19T09:00:00Z\"\n\nAdvice: slots that no room has\n  A1  $.slots.Monday[0].name\n  \
                  A2  $.slots.Monday[1].name\n  A3  $.slots.Monday[2].name\n  A4  $.slots.Monday[3].name\n  A5  \
                  $.slots.Monday[4].name\n  \u{2026} and 2 more\n      no room has it, so nobody can book it\n      \u{2192} \
                  add it to the rooms that are open then, or leave it out\n";
        assert_eq!(text, is);
    }
}
