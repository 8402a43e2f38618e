//! Noticing an old copy of the data folder before it is used.
//!
//! Keys move on with every message. A folder that was copied, and started again after the original had gone on, would
//! encrypt with keys that others have seen already, and they could read nothing any more, without a word to anybody.
//! So a counter moves on with the keys, kept in the folder and with the account on the homeserver: where the
//! homeserver is further, the folder is an old copy.

use crate::error::MatrixError;
use crate::folder::Folder;
use crate::shared_client::SharedClient;
use matrix_sdk::ruma::events::{AnyGlobalAccountDataEventContent, GlobalAccountDataEventType};
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::{Client, Error};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// What the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Newest,
    OldCopy,
}

/// How often the counter of a device has moved on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Generation {
    #[serde(default)]
    device: String,
    generation: u64,
}

/// Whether the homeserver has seen a newer state of the folder than this.
///
/// # Errors
/// When it cannot be asked.
pub(crate) async fn age(client: &Client, folder: &Folder) -> Result<Age, Error> {
    let (ours, theirs) = (in_folder(client, folder), with_account(client).await?);
    Ok(if ours.generation < theirs { Age::OldCopy } else { Age::Newest })
}

/// Moves the counter on at the start, and then, at most once a minute, whenever something was said. Ends when another
/// process does so, too, from a copy of the folder: of two with the same keys one has to go.
pub(crate) async fn keep_up(account: SharedClient, folder: Arc<Folder>, news: Arc<Notify>) -> MatrixError {
    loop {
        match advance(&account, &folder).await {
            Ok(()) => {}
            Err(error @ MatrixError::Copied { .. }) => return error,
            Err(error) => tracing::debug!(%error, "an old copy of the data folder might go unnoticed"),
        }
        tokio::time::sleep(AT_MOST_EVERY).await;
        news.notified().await;
    }
}

/// The folder first: a counter that only the homeserver has would make the folder an old copy of itself.
async fn advance(account: &SharedClient, folder: &Arc<Folder>) -> Result<(), MatrixError> {
    let client = account.client().await;
    let mut next = in_folder(&client, folder);
    if with_account(&client).await.map_err(MatrixError::sdk)? > next.generation {
        return Err(MatrixError::Copied { path: folder.path().to_owned() });
    }
    next.generation += 1;
    let (content, folder) = (Content { generation: next.generation }, folder.clone());
    let kept = tokio::task::spawn_blocking(move || folder.keep(FILE, &next)).await;
    kept.map_err(MatrixError::panicked)??;
    let content = Raw::new(&content).map_err(MatrixError::sdk)?.cast_unchecked::<AnyGlobalAccountDataEventContent>();
    client.account().set_account_data_raw(kind(&client), content).await.map_err(MatrixError::sdk)?;
    Ok(())
}

/// What the homeserver keeps.
#[derive(Serialize, Deserialize)]
struct Content {
    generation: u64,
}

/// The counter of this device as the folder has it: none in one that was made by version 0.1.
fn in_folder(client: &Client, folder: &Folder) -> Generation {
    let device = device(client);
    let kept: Option<Generation> = folder.read(FILE).unwrap_or_default();
    kept.filter(|kept| kept.device == device).unwrap_or(Generation { device, generation: 0 })
}

async fn with_account(client: &Client) -> Result<u64, Error> {
    let content = client.account().fetch_account_data(kind(client)).await?;
    let content = content.and_then(|content| content.cast_unchecked::<Content>().deserialize().ok());
    Ok(content.map_or(0, |content| content.generation))
}

/// Each device has a counter of its own.
fn kind(client: &Client) -> GlobalAccountDataEventType {
    format!("ptgbot.generation.{}", device(client)).into()
}

fn device(client: &Client) -> String {
    client.device_id().map(ToString::to_string).unwrap_or_default()
}

const FILE: &str = "generation.json";
const AT_MOST_EVERY: Duration = Duration::from_secs(60);
