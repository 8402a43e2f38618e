//! Trust: the bot's device is signed by the bot's own identity, and its keys can be recovered.
//!
//! Since 2026 common clients keep devices out of encrypted rooms that nobody vouches for. A fresh account gets an
//! identity at the first sign-in; an account that has one already needs its recovery key. Nothing is ever reset here.

use crate::folder::write_secret;
use crate::settings::Settings;
use matrix_sdk::Client;
use matrix_sdk::encryption::recovery::{RecoveryError, RecoveryState};
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Where the device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Signed by its owner's identity.
    Trusted,
    /// There is an identity, and its keys are not here.
    Stranger,
    /// There is no identity.
    Alone,
}

/// Why the device is not trusted or its keys not safe. The bot works all the same where clients let it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    #[error("cannot read the recovery key: {path}: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the recovery key in {path} does not open the account's secrets: {source}")]
    WrongKey { path: PathBuf, source: Box<RecoveryError> },
    #[error("cannot set up recovery: {0}")]
    Recovery(#[from] Box<RecoveryError>),
    #[error("cannot see whether the device is trusted: {0}")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sees to it that the device is trusted and its keys are backed up; called once after the first sync.
///
/// # Errors
/// When that cannot be had now; it is tried again at the next start.
pub(crate) async fn establish(client: &Client, settings: &Settings, folder: &Path) -> Result<(), TrustError> {
    client.encryption().wait_for_e2ee_initialization_tasks().await;
    let key_file = key_file(settings, folder);
    let recovery = client.encryption().recovery();
    let mut standing = standing(client).await?;
    if (standing == Standing::Stranger || recovery.state() == RecoveryState::Incomplete) && key_file.exists() {
        let key = fs::read_to_string(&key_file)
            .map_err(|source| TrustError::Unreadable { path: key_file.clone(), source })?;
        let recovered = recovery.recover(key.trim()).await;
        recovered.map_err(|source| TrustError::WrongKey { path: key_file.clone(), source: Box::new(source) })?;
        tracing::info!("the account's keys are recovered");
        standing = self::standing(client).await?;
    }
    match standing {
        Standing::Trusted => tracing::info!("the device is signed by its owner"),
        Standing::Stranger => {
            tracing::error!(
                "this account has an identity already and its keys are not here, so other people's clients may keep \
                 this device out of encrypted rooms. Put the account's recovery key into {} and start again. \
                 Nothing was reset.",
                key_file.display()
            );
            return Ok(());
        }
        Standing::Alone => {
            tracing::error!(
                "the homeserver did not take an identity for this account: start once with the password \
                 (PTGBOT_MATRIX_PASSWORD) in an empty data folder, so that the device can be signed"
            );
            return Ok(());
        }
    }
    match recovery.state() {
        RecoveryState::Disabled => {
            let key = recovery.enable().await.map_err(Box::new)?;
            hand_over(&key, &key_file, settings.recovery_key_file.is_some());
        }
        RecoveryState::Incomplete => tracing::warn!(
            "the account's recovery lacks some secrets; put its recovery key into {} and start again",
            key_file.display()
        ),
        RecoveryState::Enabled | RecoveryState::Unknown => {}
    }
    Ok(())
}

/// Where the recovery key is looked for.
pub(crate) fn key_file(settings: &Settings, folder: &Path) -> PathBuf {
    settings.recovery_key_file.clone().unwrap_or_else(|| folder.join(KEY_FILE))
}

async fn standing(client: &Client) -> Result<Standing, TrustError> {
    let encryption = client.encryption();
    let unknown = |error| TrustError::Unknown(Box::new(error));
    let unanswered = |error: matrix_sdk::Error| TrustError::Unknown(Box::new(error));
    let Some(us) = client.user_id() else {
        return Ok(Standing::Alone);
    };
    if let Some(device) = encryption.get_own_device().await.map_err(unknown)?
        && device.is_cross_signed_by_owner()
    {
        return Ok(Standing::Trusted);
    }
    // What was signed a moment ago is known after asking.
    let identity = encryption.request_user_identity(us).await.map_err(unanswered)?;
    let device = encryption.get_own_device().await.map_err(unknown)?;
    Ok(match (device, identity) {
        (Some(device), Some(_)) if device.is_cross_signed_by_owner() => Standing::Trusted,
        (_, Some(_)) => Standing::Stranger,
        (_, None) => Standing::Alone,
    })
}

/// Gives the new recovery key to the operator, once: into the file that the configuration names, onto the terminal
/// where somebody looks at one, else into a file of the data folder. It never reaches a log.
fn hand_over(key: &str, file: &Path, named: bool) {
    let mut terminal = io::stdout();
    if !named && terminal.is_terminal() {
        let shown = writeln!(
            terminal,
            "\nRecovery key of the bot's account, shown this once. Keep it in a safe place: without it a lost data \
             folder means a new identity.\n\n    {key}\n"
        );
        if shown.is_ok() {
            return;
        }
    }
    match write_secret(file, &format!("{key}\n")) {
        Ok(()) => tracing::warn!(
            "the account's recovery key is in {}; copy it to a safe place outside this machine",
            file.display()
        ),
        Err(error) => tracing::error!(
            %error,
            "the recovery key could not be written to {}; make a new one from another session of the account",
            file.display()
        ),
    }
}

const KEY_FILE: &str = "recovery-key";
