//! The log: to standard error, as text for people or as JSON for collectors.

use clap::{Args, ValueEnum};
use serde::Deserialize;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default, expecting = "a table [log] with filter or format")]
#[non_exhaustive]
pub struct LogConfig {
    /// What is logged, such as info,ptgbot_runtime=debug; the variable PTGBOT_LOG goes before it
    #[arg(id = "log_filter", long = "log", value_name = "FILTER")]
    pub filter: Option<String>,
    /// For whom [default: text]
    #[arg(id = "log_format", long = "log-format", value_name = "FORMAT", ignore_case = true)]
    pub format: LogFormat,
}

/// For whom the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// Lines for people; coloured on a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging for the whole process; called once, first thing in a `main`.
///
/// ```
/// use ptgbot_runtime::{LogConfig, start_logging};
///
/// start_logging(&LogConfig::default())?;
/// // Once a process.
/// assert!(start_logging(&LogConfig::default()).is_err());
/// # Ok::<(), ptgbot_runtime::LogError>(())
/// ```
///
/// # Errors
/// When the filter cannot be read, or logging was started before.
pub fn start_logging(config: &LogConfig) -> Result<(), LogError> {
    let set = std::env::var(VARIABLE).ok().or_else(|| config.filter.clone());
    let filter = filter(set.as_deref())?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match config.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    }
    .map_err(|_| LogError::Started)
}

/// Why logging cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is no list of directives.
    #[error("cannot read the log filter {0:?}; write it like \"info,ptgbot_runtime=debug\"")]
    Filter(String),
    /// It runs already.
    #[error("logging was started before")]
    Started,
}

fn filter(set: Option<&str>) -> Result<EnvFilter, LogError> {
    let directives = set.unwrap_or(DEFAULT_FILTER);
    EnvFilter::builder().parse(directives).map_err(|_| LogError::Filter(directives.to_owned()))
}

/// The Matrix library warns at each sync about backups nobody asked for, and calls every answer of a server that is
/// not a plain yes an error; the adapter says itself what matters of that.
const DEFAULT_FILTER: &str = "info,matrix_sdk=warn,matrix_sdk::http_client=off,matrix_sdk_crypto=error";
const VARIABLE: &str = "PTGBOT_LOG";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_or_refused() {
        assert!(filter(None).is_ok());
        assert!(filter(Some("warn,ptgbot_runtime=trace")).is_ok());
        let error = filter(Some("a=b=c")).expect_err("no directives").to_string();
        assert!(error.contains("a=b=c"), "{error}");
    }
}
