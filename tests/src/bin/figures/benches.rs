//! What the benchmarks of the crates measure, as rows of the table.

use crate::Row;
use serde_json::Value;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Commands a second in the core, with nobody subscribed and with subscriptions of several kinds.
pub(crate) fn core() -> Result<Vec<Row>, Box<dyn Error>> {
    bench("ptgbot-core", "commands", &["commands/"])?;
    let kinds = [
        ("no subscriptions", "no subscriptions", ""),
        ("literal/10000", "10,000 subscriptions, a literal each", "50,000/s"),
        ("alternation/10000", "10,000 subscriptions, an alternation each", "50,000/s"),
        ("dots/1000", "1,000 subscriptions such as .*17x", "2,000/s"),
        ("no literal/1000", "1,000 subscriptions without a literal", "2,000/s"),
    ];
    let row = |(name, kind, goal): (&str, &str, &'static str)| {
        let rate = rate(&target()?.join("criterion/commands").join(name.replace(' ', "_")))
            .or_else(|_| rate(&target()?.join("criterion/commands").join(name)))?;
        Ok(Row { what: format!("core, commands with {kind}"), figure: format!("{rate:.0}/s"), goal })
    };
    let commands: Result<Vec<Row>, Box<dyn Error>> = kinds.into_iter().map(row).collect();
    let printed = bench("ptgbot-core", "due", &[])? + &bench("ptgbot-core", "check", &[])?;
    Ok(commands?.into_iter().chain(rows(&printed)).collect())
}

/// Durable changes in one process, and several processes on one store.
pub(crate) fn store() -> Result<Vec<Row>, Box<dyn Error>> {
    Ok(rows(&(bench("ptgbot-runtime", "durable", &[])? + &bench("ptgbot-runtime", "writers", &[])?)))
}

/// Rows that a benchmark prints itself.
fn rows(printed: &str) -> Vec<Row> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix('|')?.split(" |").map(|cell| cell.trim().to_owned());
        let (what, figure, goal) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Row { what, figure, goal: goal.leak() })
    };
    printed.lines().filter_map(row).collect()
}

/// Elements a second by what criterion kept of its last run.
fn rate(folder: &Path) -> Result<f64, Box<dyn Error>> {
    let read = |name: &str| -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_slice(&fs::read(folder.join("new").join(name))?)?)
    };
    let nanoseconds = read("estimates.json")?["median"]["point_estimate"].as_f64().ok_or("no estimate")?;
    let elements = read("benchmark.json")?["throughput"]["Elements"].as_f64().ok_or("no throughput")?;
    Ok(elements * 1e9 / nanoseconds)
}

fn bench(package: &str, name: &str, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["bench", "--locked", "--quiet", "-p", package, "--bench", name]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{package}, {name}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The folder of all that cargo builds.
fn target() -> Result<std::path::PathBuf, Box<dyn Error>> {
    let program = std::env::current_exe()?;
    Ok(program.ancestors().nth(2).ok_or("this program lies nowhere")?.to_owned())
}
