//! Emoji verification: asked for by the bot's owner it is answered, by anybody else it is cancelled with the reason.
//!
//! It is the owner who compares. The bot shows its seven emojis in its log, where no homeserver can change them, and
//! confirms without comparing: it sees no screen. That vouches for nothing but that its keys and the owner's have met,
//! and the bot trusts nobody more for it.

mod asked;

use crate::content::notice;
use crate::send::once;
use crate::shared_client::SharedClient;
use crate::voice::Voice;
pub(crate) use asked::{Asked, asked_in};
use asked::{Flow, Sender};
use futures_util::{Stream, StreamExt};
use matrix_sdk::encryption::verification::{
    CancelInfo, SasState, SasVerification, Verification, VerificationRequest, VerificationRequestState,
};
use matrix_sdk::ruma::api::client::to_device::send_event_to_device::v3::Request;
use matrix_sdk::ruma::events::ToDeviceEventType;
use matrix_sdk::ruma::events::key::verification::VerificationMethod;
use matrix_sdk::ruma::events::key::verification::cancel::{
    CancelCode, KeyVerificationCancelEventContent, ToDeviceKeyVerificationCancelEventContent,
};
use matrix_sdk::ruma::events::relation::Reference;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::to_device::DeviceIdOrAllDevices;
use matrix_sdk::ruma::{OwnedUserId, RoomId, TransactionId};
use matrix_sdk::{Client, Error};
use ptgbot_core::Reply;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Who answers requests for verification. Copies share who was told no.
#[derive(Clone)]
pub(crate) struct Verifications {
    account: SharedClient,
    owner: Option<OwnedUserId>,
    voice: Voice,
    /// Once is enough for each of them.
    told_no: Arc<Mutex<HashSet<OwnedUserId>>>,
}

impl Verifications {
    pub(crate) fn new(account: SharedClient, owner: Option<OwnedUserId>, voice: Voice) -> Self {
        Self { account, owner, voice, told_no: Arc::default() }
    }

    /// Learns of the owner's devices: a request of one that is not known cannot be answered.
    pub(crate) async fn meet_the_owner(&self) {
        let Some(owner) = &self.owner else { return };
        let client = self.account.client().await.clone();
        match client.encryption().request_user_identity(owner).await {
            Ok(Some(identity)) if identity.is_verified() => tracing::info!(%owner, "the owner is verified"),
            Ok(_) => tracing::info!(%owner, "the owner can verify the bot by emojis in a direct room"),
            Err(error) => tracing::warn!(%owner, %error, "cannot learn of the owner's devices"),
        }
    }

    /// Answers a request.
    pub(crate) async fn answer(self, asked: Asked) {
        if !self.voice.may_speak() {
            return;
        }
        let Asked { sender: Sender { user, device }, flow } = &asked;
        let client = self.account.client().await.clone();
        let is_owner = self.owner.as_ref() == Some(user);
        if !is_owner && !self.is_first_no_to(user) {
            return;
        }
        let reason = match &self.owner {
            Some(_) if !is_owner => NOT_THE_OWNER,
            None => NO_OWNER,
            Some(_) => match client.encryption().get_verification_request(user, flow.id()).await {
                Some(request) => return verify(&client, &request).await,
                None => {
                    self.meet_the_owner().await;
                    NEW_DEVICE
                }
            },
        };
        tracing::info!(%user, %device, reason, "a verification is cancelled");
        if let Err(error) = cancel(&client, &asked, reason).await {
            tracing::warn!(%user, %error, "cannot cancel a verification");
        }
    }

    fn is_first_no_to(&self, user: &OwnedUserId) -> bool {
        let mut told = self.told_no.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < MOST_TOLD && told.insert(user.clone())
    }
}

/// Goes through a verification with the owner to its end.
async fn verify(client: &Client, request: &VerificationRequest) {
    let owner = request.other_user_id();
    let ended = tokio::time::timeout(LONGEST, async {
        let changes = request.changes();
        request.accept_with_methods(vec![VerificationMethod::SasV1]).await?;
        match begun(request, changes).await {
            Some(sas) => by_emojis(client, &sas).await,
            None => Ok(request.cancel_info()),
        }
    });
    match ended.await {
        Ok(Ok(None)) => tracing::info!(%owner, "the owner has verified the bot"),
        Ok(Ok(Some(info))) => tracing::warn!(%owner, reason = info.reason(), "the verification was cancelled"),
        Ok(Err(error)) => tracing::warn!(%owner, %error, "the verification has failed"),
        Err(_) => tracing::warn!(%owner, "the verification was not finished in time"),
    }
}

/// Waits until the owner begins; `None` when that has ended before.
async fn begun(
    request: &VerificationRequest,
    changes: impl Stream<Item = VerificationRequestState>,
) -> Option<SasVerification> {
    let states = futures_util::stream::once(std::future::ready(request.state())).chain(changes);
    let mut states = std::pin::pin!(states);
    while let Some(state) = states.next().await {
        match state {
            VerificationRequestState::Transitioned { verification: Verification::SasV1(sas), .. } => return Some(sas),
            VerificationRequestState::Done | VerificationRequestState::Cancelled(_) => return None,
            _ => {}
        }
    }
    None
}

/// Shows the emojis and confirms. Gives why it was cancelled, if it was.
async fn by_emojis(client: &Client, sas: &SasVerification) -> Result<Option<CancelInfo>, Error> {
    let changes = sas.changes();
    let states = futures_util::stream::once(std::future::ready(sas.state())).chain(changes);
    let mut states = std::pin::pin!(states);
    let (mut accepted, mut confirmed) = (false, false);
    while let Some(state) = states.next().await {
        match state {
            SasState::Started { .. } if !std::mem::replace(&mut accepted, true) => sas.accept().await?,
            SasState::KeysExchanged { emojis, decimals } if !std::mem::replace(&mut confirmed, true) => {
                let shown = match emojis {
                    Some(emojis) => {
                        let emojis = emojis.emojis.map(|emoji| format!("{} {}", emoji.symbol, emoji.description));
                        emojis.join(", ")
                    }
                    None => format!("{} {} {}", decimals.0, decimals.1, decimals.2),
                };
                tracing::info!(
                    owner = %sas.other_user_id(),
                    "the owner verifies the bot. Compare, and confirm on your screen only if it shows the same: {shown}"
                );
                if let Some(room) = sas.room_id() {
                    say(client, room, LOOK_INTO_THE_LOG).await;
                }
                sas.confirm().await?;
            }
            SasState::Done { .. } => return Ok(None),
            SasState::Cancelled(info) => return Ok(Some(info)),
            _ => {}
        }
    }
    Ok(sas.cancel_info())
}

async fn say(client: &Client, room: &RoomId, words: &str) {
    let Some(room) = client.get_room(room) else { return };
    let content = notice(&Reply::from(words), None, None);
    if let Err(error) = once(&room, content, TransactionId::new()).await {
        tracing::warn!(room = %room.room_id(), %error, "cannot say where the emojis are");
    }
}

/// Tells somebody why there is no verification.
async fn cancel(client: &Client, asked: &Asked, reason: &str) -> Result<(), Error> {
    let Asked { sender: Sender { user, device }, flow } = asked;
    match flow {
        Flow::InRoom { room, event } => {
            let Some(room) = client.get_room(room) else { return Ok(()) };
            let relation = Reference::new(event.clone());
            let content = KeyVerificationCancelEventContent::new(reason.to_owned(), CancelCode::User, relation);
            room.send(content).await?;
        }
        Flow::ToDevice { transaction } => {
            let content =
                ToDeviceKeyVerificationCancelEventContent::new(transaction.clone(), reason.into(), CancelCode::User);
            let content = Raw::new(&content)?.cast_unchecked();
            let to = BTreeMap::from([(DeviceIdOrAllDevices::DeviceId(device.clone()), content)]);
            let messages = BTreeMap::from([(user.clone(), to)]);
            let kind = ToDeviceEventType::KeyVerificationCancel;
            client.send(Request::new_raw(kind, TransactionId::new(), messages)).await?;
        }
    }
    Ok(())
}

const NOT_THE_OWNER: &str = "This bot is verified by its owner alone.";
const NO_OWNER: &str = "This bot has no owner who may verify it; its operator names one as owner under [matrix].";
const NEW_DEVICE: &str = "This device was not known to the bot yet. It is now: please try again.";
const LOOK_INTO_THE_LOG: &str = "My emojis are in my log, for no homeserver can change them there. Confirm only if your \
    screen shows the same. I cannot see your screen: I confirm without comparing.";
/// Requests are void after ten minutes.
const LONGEST: Duration = Duration::from_secs(11 * 60);
/// Who more wants to verify somebody else's bot gets no answer.
const MOST_TOLD: usize = 1_000;
