//! A look with the account's own right: the token of the session that is kept, else of a sign-in that ends with the
//! visit.

use crate::causes::causes;
use crate::folder::is_taken;
use crate::session;
use crate::settings::{Secret, Settings};
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::OwnedUserId;
use matrix_sdk::ruma::api::client::account::whoami;
use matrix_sdk::{Client, SessionTokens};
use ptgbot_runtime::Checklist;
use secrecy::ExposeSecret;

/// A client that asks as the bot's account.
pub(super) struct Visit {
    pub(super) client: Client,
    pub(super) us: OwnedUserId,
    /// The bot's device, where it has one already.
    pub(super) device: Option<String>,
    /// Whether its session is the visit's own.
    is_own: bool,
}

/// From where the right comes.
enum Right {
    Kept(SessionTokens),
    Token(SessionTokens),
    Password,
}

impl Visit {
    /// Finds the homeserver and asks who we are; `None` where nothing more can be seen, which is told.
    pub(super) async fn begin(settings: &Settings, checklist: &mut Checklist) -> Option<Self> {
        let kept = match session::kept(&settings.data) {
            Ok(kept) => kept,
            Err(error) => {
                checklist.fault("session", error);
                return None;
            }
        };
        if is_taken(&settings.data) {
            let folder = settings.data.display();
            checklist.ok("bot", format_args!("one is at work with {folder}; it is not disturbed"));
        }
        let found_at = kept.as_ref().and_then(|kept| kept.homeserver.as_deref());
        let client = match session::visitor(settings, found_at).await {
            Ok(client) => client,
            Err(error) => {
                checklist.fault("homeserver", causes(&error));
                return None;
            }
        };
        match client.server_versions().await {
            Ok(versions) => {
                let newest = versions.last().and_then(|version| version.as_str()).unwrap_or("an unknown version");
                let address = client.homeserver();
                checklist.ok("homeserver", format_args!("{address} answers, and knows Matrix up to {newest}"));
            }
            Err(error) => {
                checklist
                    .fault("homeserver", format_args!("{} does not answer: {}", client.homeserver(), causes(&error)));
                return None;
            }
        }
        let right = match (kept.and_then(|kept| kept.session), &settings.secret) {
            (Some(session), _) => Right::Kept(session.tokens),
            (None, Some(Secret::Token(token))) => {
                Right::Token(SessionTokens { access_token: token.expose_secret().to_owned(), refresh_token: None })
            }
            (None, Some(Secret::Password(_))) => Right::Password,
            (None, None) => {
                checklist.fault("session", crate::error::MatrixError::NoSecret);
                return None;
            }
        };
        Self::as_account(client, settings, right, checklist).await
    }

    async fn as_account(client: Client, settings: &Settings, right: Right, checklist: &mut Checklist) -> Option<Self> {
        let (kept, is_own) = (matches!(right, Right::Kept(_)), matches!(right, Right::Password));
        let entered = match (right, &settings.secret) {
            (Right::Kept(tokens) | Right::Token(tokens), _) => session::lend(&client, tokens).await,
            (Right::Password, Some(Secret::Password(password))) => {
                let user = settings.user.to_string();
                let login = client.matrix_auth().login_username(user, password.expose_secret());
                login.initial_device_display_name("ptgbot-matrix --check").send().await.map(drop)
            }
            (Right::Password, _) => return None,
        };
        let asked = match entered {
            Ok(()) => client.send(whoami::v3::Request::new()).await.map_err(Into::into),
            Err(error) => Err(error),
        };
        match asked {
            Ok(answer) if !settings.user.is(&answer.user_id) => {
                let (stored, wanted) = (&answer.user_id, &settings.user);
                checklist.fault("session", format_args!("it is {stored}'s, and user is {wanted}"));
                None
            }
            Ok(answer) => {
                let us = answer.user_id;
                let device = answer.device_id.filter(|_| !is_own).map(|device| device.to_string());
                match &device {
                    Some(device) if kept => {
                        let folder = settings.data.display();
                        checklist.ok("session", format_args!("{us} on device {device}, kept in {folder}"));
                    }
                    Some(device) => checklist.ok("session", format_args!("the token is {us}'s, of device {device}")),
                    None => checklist.ok("session", format_args!("{us}: the password is right; {FIRST_START}")),
                }
                Some(Self { client, us, device, is_own })
            }
            Err(error) => {
                checklist.fault("session", session::refused(settings, &error));
                None
            }
        }
    }

    /// Signs out again, where the session was the visit's own.
    pub(super) async fn end(self) {
        if self.is_own {
            let request = matrix_sdk::ruma::api::client::session::logout::v3::Request::new();
            let once = RequestConfig::new().disable_retry();
            if let Err(error) = self.client.send(request).with_request_config(once).await {
                tracing::warn!(%error, "the visit's own session was not ended");
            }
        }
    }
}

const FIRST_START: &str = "the first start signs in on a device of its own";
