//! Measures what `docs/src/figures.md` claims, on this machine, in one run, and prints one table.
//!
//! ```text
//! cargo run --release -p ptgbot-tests --bin figures                 all
//! cargo run --release -p ptgbot-tests --bin figures store memory    some: core, store, stdio, writers, postgres,
//!                                                                   start, crash, replay, web, replica, boards,
//!                                                                   memory, matrix, matrix-limits, networks, failover,
//!                                                                   first-run
//! ```
//!
//! It builds the programs first (release). Nothing is written outside `target`, so that it is a disk and not memory.
//! Ratios compare two things of the same run. `core` and `store` are the benchmarks of those crates, `cargo bench -p
//! ptgbot-core` and `-p ptgbot-runtime`; those of pages are `cargo bench -p ptgbot-render`.
#![allow(clippy::print_stderr, reason = "progress goes there, the table to standard output")]

mod benches;
mod boards;
mod bot;
mod crash;
mod failover;
mod first_run;
mod matrix;
mod memory;
mod networks;
mod postgres;
mod replay;
mod replica;
mod start;
mod stdio;
mod web;
mod writers;

use bot::Programs;
use std::error::Error;

/// One line of the table.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure with its unit.
    pub(crate) figure: String,
    /// What it must reach at least.
    pub(crate) goal: &'static str,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let programs = Programs::build()?;
    type Measure = fn(&Programs) -> Result<Vec<Row>, Box<dyn Error>>;
    let measures: [(&str, Measure); 8] = [
        ("core", |_| benches::core()),
        ("store", |_| benches::store()),
        ("stdio", stdio::measure),
        ("writers", writers::measure),
        ("start", start::measure),
        ("crash", crash::measure),
        ("replay", replay::measure),
        ("first-run", first_run::measure),
    ];
    let named: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|other| other == name);
    let mut failed = false;
    println!("| measure | figure | goal |\n|---|---|---|");
    for (name, measure) in measures.into_iter().filter(|(name, _)| wanted(name)) {
        failed |= !print(name, measure(&programs));
    }
    if wanted("postgres") {
        failed |= !print("postgres", postgres::measure(&programs).await);
    }
    if wanted("replica") {
        failed |= !print("replica", replica::measure(&programs).await);
    }
    if wanted("boards") {
        failed |= !print("boards", boards::measure(&programs).await);
    }
    if wanted("memory") {
        failed |= !print("memory", memory::measure(&programs).await);
    }
    if wanted("matrix") {
        failed |= !print("matrix", matrix::measure().await);
    }
    if wanted("matrix-limits") {
        failed |= !print("matrix-limits", matrix::measure_limits().await);
    }
    if wanted("networks") {
        failed |= !print("networks", networks::measure(&programs).await);
    }
    if wanted("failover") {
        failed |= !print("failover", failover::measure(&programs).await);
    }
    if wanted("web") {
        failed |= !print("web", web::measure(&programs).await);
    }
    if failed { Err("not everything could be measured".into()) } else { Ok(()) }
}

/// Prints the rows of one measure; false when it could not be taken.
fn print(name: &str, measured: Result<Vec<Row>, Box<dyn Error>>) -> bool {
    match &measured {
        Ok(rows) => rows.iter().for_each(|Row { what, figure, goal }| println!("| {what} | {figure} | {goal} |")),
        Err(error) => eprintln!("{name}: {error}"),
    }
    measured.is_ok()
}
