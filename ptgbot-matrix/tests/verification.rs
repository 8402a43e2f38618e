//! The bot's owner verifies it by emojis, from a client as people have them.
//!
//! It is here and not with the other tests on real servers because only here the library is built anyway.

#![recursion_limit = "256"]

use futures_util::{Stream, StreamExt};
use matrix_sdk::Client;
use matrix_sdk::config::SyncSettings;
use matrix_sdk::encryption::EncryptionSettings;
use matrix_sdk::encryption::identities::UserIdentity;
use matrix_sdk::encryption::verification::{SasState, VerificationRequest, VerificationRequestState};
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::events::key::verification::VerificationMethod;
use matrix_sdk::ruma::{OwnedRoomId, UserId};
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::homeserver::Account;
use ptgbot_tests::{Homeserver, MatrixBot};
use serde_json::Value;
use tokio::task::AbortHandle;

/// Somebody with a client of the library, in a direct room with the bot.
struct Person {
    client: Client,
    direct: OwnedRoomId,
    syncing: AbortHandle,
}

impl Person {
    async fn with(server: &Homeserver, account: &Account, bot: &mut MatrixBot) -> Self {
        let keys = EncryptionSettings { auto_enable_cross_signing: true, ..EncryptionSettings::default() };
        let builder = Client::builder().homeserver_url(server.url()).with_encryption_settings(keys);
        let client = builder.build().await.expect("a client");
        let login = client.matrix_auth().login_username(&account.name, &account.password);
        login.send().await.expect("the password is right");
        client.encryption().wait_for_e2ee_initialization_tasks().await;
        let syncs = client.clone();
        let syncing = tokio::spawn(async move { syncs.sync(SyncSettings::default()).await }).abort_handle();
        let id = user(&bot.account.id);
        let direct = client.create_dm(&id).await.expect("a room").room_id().to_owned();
        let joined = wait_until("the bot in the direct room", PATIENCE, || async {
            let member = client.get_room(&direct)?.get_member_no_sync(&id).await.ok()??;
            (member.membership().as_str() == "join").then_some(())
        });
        joined.await.unwrap_or_else(|late| panic!("{late}; the bot wrote {}", bot.log()));
        Self { client, direct, syncing }
    }

    async fn identity_of(&self, bot: &MatrixBot) -> UserIdentity {
        let id = user(&bot.account.id);
        let identity = wait_until("an identity of the bot", PATIENCE, || async {
            self.client.encryption().request_user_identity(&id).await.ok().flatten()
        });
        identity.await.unwrap_or_else(|late| panic!("{late}"))
    }

    async fn asks(&self, bot: &MatrixBot) -> VerificationRequest {
        let methods = vec![VerificationMethod::SasV1];
        let request = self.identity_of(bot).await.request_verification_with_methods(methods).await;
        request.expect("a direct room with the bot")
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.syncing.abort();
    }
}

fn user(id: &str) -> matrix_sdk::ruma::OwnedUserId {
    UserId::parse(id).expect("an ID")
}

/// The first state that is meant.
async fn reaches<S>(
    what: &str,
    now: S,
    later: impl Stream<Item = S>,
    is_meant: impl Fn(&S) -> bool,
    bot: &mut MatrixBot,
) -> S {
    let states = futures_util::stream::once(std::future::ready(now)).chain(later);
    let mut states = std::pin::pin!(states);
    let found = tokio::time::timeout(PATIENCE, async {
        while let Some(state) = states.next().await {
            if is_meant(&state) {
                return state;
            }
        }
        panic!("it ended without: {what}")
    });
    match found.await {
        Ok(state) => state,
        Err(_) => panic!("{what} did not come; the bot wrote {}", bot.log()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_compares_the_emojis_with_the_log_and_both_are_verified() {
    let Some(server) = Homeserver::shared().await else { return };
    let jane = server.account("jane").await;
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&[], &format!("allowed = ['localhost']\nowner = '{}'", jane.id));
    bot.process().wait_for_line("the owner can verify the bot").await;
    let jane = Person::with(&server, &jane, &mut bot).await;

    let request = jane.asks(&bot).await;
    let is_ready = |state: &VerificationRequestState| matches!(state, VerificationRequestState::Ready { .. });
    let changes = request.changes();
    reaches("the bot's consent", request.state(), changes, is_ready, &mut bot).await;
    let sas = request.start_sas().await.expect("it is ready").expect("both know emojis");
    let changes = sas.changes();
    let are_shown = |state: &SasState| matches!(state, SasState::KeysExchanged { .. });
    let shown = reaches("emojis", sas.state(), changes, are_shown, &mut bot).await;
    let SasState::KeysExchanged { emojis: Some(emojis), .. } = shown else { panic!("{shown:?}") };
    bot.process().wait_for_line("Compare, and confirm").await;
    let emojis = emojis.emojis.map(|emoji| format!("{} {}", emoji.symbol, emoji.description)).join(", ");
    assert!(bot.log().contains(&emojis), "{emojis} are not in {}", bot.log());

    let changes = sas.changes();
    sas.confirm().await.expect("the server takes it");
    reaches("the end", sas.state(), changes, |state| matches!(state, SasState::Done { .. }), &mut bot).await;
    bot.process().wait_for_line("the owner has verified the bot").await;
    let verified =
        wait_until("a verified bot", PATIENCE, || async { jane.identity_of(&bot).await.is_verified().then_some(()) });
    verified.await.unwrap_or_else(|late| panic!("{late}"));
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_the_owner_is_told_so() {
    let Some(server) = Homeserver::shared().await else { return };
    let (jane, kim) = (server.account("jane").await, server.account("kim").await);
    let mut bot = MatrixBot::prepare(&server).await;
    bot.start(&[], &format!("allowed = ['localhost']\nowner = '{}'", jane.id));
    bot.process().wait_for_line("the owner can verify the bot").await;
    let kim = Person::with(&server, &kim, &mut bot).await;
    let request = kim.asks(&bot).await;
    let is_over = |state: &VerificationRequestState| matches!(state, VerificationRequestState::Cancelled(_));
    let changes = request.changes();
    let over = reaches("the bot's refusal", request.state(), changes, is_over, &mut bot).await;
    let VerificationRequestState::Cancelled(info) = over else { panic!("{over:?}") };
    assert!(!info.cancelled_by_us());
    let room = kim.client.get_room(&kim.direct).expect("it is there");
    let said = room.messages(MessagesOptions::backward()).await.expect("the server tells").chunk;
    let reasons = said.iter().filter_map(|event| event.raw().get_field::<Value>("content").ok().flatten());
    let reasons: Vec<Value> = reasons.filter_map(|content| content.get("reason").cloned()).collect();
    assert_eq!(reasons, ["This bot is verified by its owner alone."]);
}
