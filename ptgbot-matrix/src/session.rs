//! Signing in: one session, one device, one store of keys, kept together and used again at each start.

use crate::causes::causes;
use crate::error::MatrixError;
use crate::folder::Folder;
use crate::retry::Pauses;
use crate::settings::{Homeserver, Secret, Settings};
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::encryption::{BackupDownloadStrategy, EncryptionSettings};
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::{Client, ClientBuilder, SessionMeta, SessionTokens, SqliteStoreConfig};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::time::Duration;

/// What is kept of a session. The device is chosen and kept before the first sign-in: if that is cut off, the next
/// one goes on with the same device, whose keys may be in the store already.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    device: String,
    /// Where the server was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) homeserver: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<MatrixSession>,
}

/// Gives a client that is signed in. A kept session needs no network; the first sign-in waits for the server as
/// long as it takes.
///
/// # Errors
/// When the password or token is refused, or the data folder is not that of this account.
pub(crate) async fn sign_in(settings: &Settings, folder: &Folder) -> Result<Client, MatrixError> {
    match folder.read::<Kept>(FILE)? {
        Some(Kept { session: Some(_), .. }) => restore(settings, folder).await,
        Some(Kept { device, .. }) => begin(settings, folder, device).await,
        None => begin(settings, folder, new_device()).await,
    }
}

/// Gives a client for the session that is kept, as the disk has it now.
///
/// # Errors
/// When there is none, it is another account's, or the store cannot be opened.
pub(crate) async fn restore(settings: &Settings, folder: &Folder) -> Result<Client, MatrixError> {
    let Some(Kept { device, homeserver, session: Some(session) }) = folder.read::<Kept>(FILE)? else {
        return Err(MatrixError::NoSecret);
    };
    belongs_to(settings, folder, &session)?;
    let client = client(settings, folder, homeserver.as_deref()).await?;
    tracing::info!(user = %session.meta.user_id, %device, "the session is restored");
    client.restore_session(session).await.map_err(MatrixError::sdk)?;
    Ok(client)
}

/// What the server's word that it knows a session no longer means for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Only the token is worth nothing any more ("soft logout").
    Token,
    /// The device was deleted, and its keys on the server with it.
    Device,
}

/// Prepares the folder for signing in anew at the next start: on the same device if that still exists, else on a new
/// one, for which the deleted one's keys are put aside.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn end(folder: &Folder, ended: Ended) -> Result<(), MatrixError> {
    let Some(kept) = folder.read::<Kept>(FILE)? else {
        return Ok(());
    };
    let device = match ended {
        Ended::Token => kept.device,
        Ended::Device => {
            // Named after the new device: if this is cut off and done again, nothing stands in the way.
            let device = new_device();
            let aside = folder.path().join(format!("store-before-{device}"));
            std::fs::rename(folder.store(), &aside).map_err(|source| MatrixError::Folder { path: aside, source })?;
            device
        }
    };
    folder.keep(FILE, &Kept { device, homeserver: kept.homeserver, session: None })
}

async fn begin(settings: &Settings, folder: &Folder, device: String) -> Result<Client, MatrixError> {
    let Some(secret) = &settings.secret else {
        return Err(MatrixError::NoSecret);
    };
    let chosen = Kept { device: device.clone(), homeserver: None, session: None };
    folder.keep(FILE, &chosen)?;
    let mut pauses = Pauses::new(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        let error = match try_to_begin(settings, folder, &device, secret).await {
            Ok(client) => {
                let device = client.device_id().map_or(device, ToString::to_string);
                keep(folder, &client, &device)?;
                tracing::info!(user = ?client.user_id(), %device, "signed in on a new device");
                return Ok(client);
            }
            Err(Attempt::Final(error)) => return Err(error),
            Err(Attempt::Later(error)) => error,
        };
        let pause = pauses.next();
        let error = causes(&error);
        tracing::warn!(homeserver = %settings.homeserver, error, again_in = ?pause, "cannot sign in yet");
        tokio::time::sleep(pause).await;
    }
}

/// Why an attempt failed, and whether another may do better.
enum Attempt {
    Final(MatrixError),
    Later(MatrixError),
}

async fn try_to_begin(settings: &Settings, folder: &Folder, device: &str, secret: &Secret) -> Result<Client, Attempt> {
    let client = client(settings, folder, None).await.map_err(|error| match &error {
        MatrixError::Homeserver { source, .. } if may_pass(source.as_ref()) => Attempt::Later(error),
        _ => Attempt::Final(error),
    })?;
    let failed = |error: matrix_sdk::Error| match error.as_client_api_error() {
        Some(answer) if answer.status_code.is_client_error() && answer.status_code.as_u16() != TOO_MANY => {
            Attempt::Final(refused(settings, &error))
        }
        _ => Attempt::Later(MatrixError::sdk(error)),
    };
    match secret {
        Secret::Password(password) => {
            let auth = client.matrix_auth();
            let login = auth
                .login_username(settings.user.to_string(), password.expose_secret())
                .device_id(device)
                .initial_device_display_name(&settings.device_name);
            login.send().await.map_err(failed)?;
        }
        Secret::Token(token) => {
            let session = session_of(&client, token.expose_secret()).await.map_err(failed)?;
            belongs_to(settings, folder, &session).map_err(Attempt::Final)?;
            client.restore_session(session).await.map_err(failed)?;
        }
    }
    Ok(client)
}

/// Whose an access token is, and of which device.
async fn session_of(client: &Client, token: &str) -> Result<MatrixSession, matrix_sdk::Error> {
    use matrix_sdk::ruma::api::client::account::whoami::v3;
    let tokens = SessionTokens { access_token: token.to_owned(), refresh_token: None };
    let asker = Client::builder().homeserver_url(client.homeserver()).build().await;
    let asker = asker.map_err(|error| matrix_sdk::Error::UnknownError(Box::new(error)))?;
    lend(&asker, tokens.clone()).await?;
    let answer = asker.send(v3::Request::new()).await?;
    let no_device = || matrix_sdk::Error::UnknownError("the access token belongs to no device".into());
    let meta = SessionMeta { user_id: answer.user_id, device_id: answer.device_id.ok_or_else(no_device)? };
    Ok(MatrixSession { meta, tokens })
}

/// Lets a client without keys ask with the token of a session. It is given another device than the session's, of which
/// it has no keys, and so publishes none.
///
/// # Errors
/// When its store fails.
pub(crate) async fn lend(asker: &Client, tokens: SessionTokens) -> Result<(), matrix_sdk::Error> {
    // A question needs a session; the answer to `whoami` says which one it is.
    let placeholder = SessionMeta {
        user_id: matrix_sdk::ruma::user_id!("@unknown:localhost").to_owned(),
        device_id: "UNKNOWN".into(),
    };
    asker.restore_session(MatrixSession { meta: placeholder, tokens }).await
}

/// What is kept in a data folder, read beside a bot that is at work with it.
///
/// # Errors
/// When the file cannot be read.
#[cfg(feature = "bot")]
pub(crate) fn kept(data: &std::path::Path) -> Result<Option<Kept>, MatrixError> {
    crate::folder::read(data, FILE)
}

/// A client that keeps nothing.
///
/// # Errors
/// When the homeserver cannot be found.
#[cfg(feature = "bot")]
pub(crate) async fn visitor(settings: &Settings, found_at: Option<&str>) -> Result<Client, MatrixError> {
    let builder = Client::builder().request_config(RequestConfig::new().timeout(REQUEST_TIMEOUT).disable_retry());
    build(settings, found_at, builder).await
}

async fn client(settings: &Settings, folder: &Folder, found_at: Option<&str>) -> Result<Client, MatrixError> {
    let builder = Client::builder()
        .sqlite_store_with_config_and_cache_path(
            SqliteStoreConfig::with_low_memory_config(folder.store()),
            None::<&std::path::Path>,
        )
        .request_config(RequestConfig::new().timeout(REQUEST_TIMEOUT).retry_limit(RETRIES))
        .with_encryption_settings(EncryptionSettings {
            auto_enable_cross_signing: true,
            auto_enable_backups: true,
            backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
        });
    build(settings, found_at, builder).await
}

async fn build(settings: &Settings, found_at: Option<&str>, builder: ClientBuilder) -> Result<Client, MatrixError> {
    let builder = builder
        // The operator's word counts, not the address that the server announces at the sign-in.
        .respect_login_well_known(false)
        .user_agent(concat!("ptgbot-matrix/", env!("CARGO_PKG_VERSION")));
    let builder = match (&settings.homeserver, found_at) {
        (Homeserver::Address(address), _) => builder.homeserver_url(address.as_str()),
        (Homeserver::Name(_), Some(address)) => builder.homeserver_url(address),
        (Homeserver::Name(name), None) => builder.server_name(name),
    };
    builder.build().await.map_err(|source| MatrixError::Homeserver {
        homeserver: settings.homeserver.to_string(),
        source: source.into(),
    })
}

fn keep(folder: &Folder, client: &Client, device: &str) -> Result<(), MatrixError> {
    let homeserver = Some(client.homeserver().to_string());
    let session = client.matrix_auth().session();
    folder.keep(FILE, &Kept { device: device.to_owned(), homeserver, session })
}

fn belongs_to(settings: &Settings, folder: &Folder, session: &MatrixSession) -> Result<(), MatrixError> {
    let stored = &session.meta.user_id;
    if settings.user.is(stored) {
        return Ok(());
    }
    Err(MatrixError::OtherAccount {
        path: folder.path().to_owned(),
        stored: stored.to_string(),
        wanted: settings.user.to_string(),
    })
}

pub(crate) fn refused(settings: &Settings, error: &matrix_sdk::Error) -> MatrixError {
    let reason = match error.client_api_error_kind() {
        Some(ErrorKind::Forbidden) => "the user name or the password is wrong".to_owned(),
        Some(ErrorKind::UnknownToken(_)) => "the access token is not valid (any more)".to_owned(),
        Some(ErrorKind::UserDeactivated) => "the account is deactivated".to_owned(),
        Some(_) | None => error.to_string(),
    };
    MatrixError::Refused { homeserver: settings.homeserver.to_string(), user: settings.user.to_string(), reason }
}

/// A server that does not answer may do so later.
fn may_pass(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    use matrix_sdk::ClientBuildError::{AutoDiscovery, Http};
    matches!(error.downcast_ref(), Some(AutoDiscovery(_) | Http(_)))
}

/// A device name as servers make them.
fn new_device() -> String {
    (0..10).map(|_| fastrand::char('A'..='Z')).collect()
}

const FILE: &str = "session.json";
const TOO_MANY: u16 = 429;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const RETRIES: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn why_the_homeserver_cannot_be_reached_is_said() {
        let closed = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a free port");
        let data = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(data.path()).expect("the folder");
        let homeserver = format!("http://{closed}").parse().expect("an address");
        let settings = Settings::new(homeserver, "@ptgbot:example.org".parse().expect("a user"), data.path());
        let secret = Secret::Password("secret".to_owned().into());
        let tried = try_to_begin(&settings.expect("settings"), &folder, "DEVICE", &secret).await;
        let Err(Attempt::Later(error)) = tried else { panic!("nobody is there") };
        let error = causes(&error);
        assert!(error.contains("Connection refused"), "{error}");
    }
}
