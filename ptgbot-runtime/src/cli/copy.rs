//! `ptgbot copy`: the whole journal of a board into an empty store.

use super::Failure;
use crate::store::{self, Access, Blocking, StoreAddress};
use indicatif::{ProgressBar, ProgressStyle};
use ptgbot_core::{Board, Journal, Mark, Network, Revision};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Copies changes, what is remembered of deliveries, and with them people's data; then compares. Changes that others
/// make meanwhile are copied, too.
pub(super) async fn copy(from: &StoreAddress, to: &StoreAddress) -> Result<(), Failure> {
    let mut source = store::open(from, Access::ReadOnly, Blocking::Inline).await?;
    let last = source.load().await?.revision();
    let mut target = store::open(to, Access::ReadWrite, Blocking::Inline).await?;
    let held = target.load().await?.revision();
    if held > 0 {
        return Err(format!(
            "{} holds a board already (of {held} changes): only an empty store is copied into",
            store::place(to)
        )
        .into());
    }
    let (board, networks) = changes(source.as_mut(), target.as_mut(), last).await?;
    for network in &networks {
        let delivered = source.delivered(network).await?;
        if let Some(everyone) = delivered.everyone {
            target.mark_delivered(network, Mark::Everyone(everyone)).await?;
        }
        target.mark_delivered(network, Mark::People(delivered.people.into_iter().collect())).await?;
        if target.delivered(network).await? != source.delivered(network).await? {
            return Err(format!("what was delivered to {network} is not the same in {to}").into());
        }
    }
    target.snapshot(&board).await?;
    if target.load().await? != board {
        return Err(format!("the board in {to} is not the same").into());
    }
    writeln!(io::stdout(), "Copied {} changes and compared them.", board.revision())?;
    Ok(())
}

/// Gives the board to which the changes lead, and the networks that they name.
async fn changes(
    source: &mut dyn Journal,
    target: &mut dyn Journal,
    last: Revision,
) -> Result<(Board, BTreeSet<Network>), Failure> {
    let progress = ProgressBar::new(last).with_style(ProgressStyle::with_template(PROGRESS)?);
    let (mut board, mut networks) = (Board::default(), BTreeSet::new());
    loop {
        let records = source.read_after(board.revision(), PAGE).await?;
        if records.is_empty() {
            progress.finish_and_clear();
            return Ok((board, networks));
        }
        let before = board.revision();
        for record in &records {
            board.apply(record);
            networks.extend(record.people().filter_map(|person| person.network().cloned()));
            networks.extend(Network::parse(&record.origin.network).ok());
        }
        target.append(before, &records, &board, None).await?;
        progress.set_position(board.revision());
    }
}

/// Shown only where somebody looks.
const PROGRESS: &str = "{wide_bar} {pos} of {len} changes, {eta} left";
const PAGE: usize = 1000;
