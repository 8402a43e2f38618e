//! What `--check` looks at: the homeserver, the session, the device's trust, the rooms. It reads, with requests alone: no
//! sync, so that nothing which a bot at work waits for is taken away from it, no key of the store, no lock of the folder.

mod device;
mod room;
mod visit;

use crate::settings::Settings;
use matrix_sdk::HttpError;
use matrix_sdk::ruma::api::client::membership::joined_rooms;
use ptgbot_runtime::Checklist;
use std::collections::BTreeSet;
use visit::Visit;

/// Looks around as a bot of these settings would find it, changes nothing, and tells what is found.
pub async fn check(settings: Settings, checklist: &mut Checklist) {
    let settings = &settings;
    let Some(visit) = Visit::begin(settings, checklist).await else { return };
    device::look(&visit, settings, checklist).await;
    match visit.client.send(joined_rooms::v3::Request::new()).await {
        Ok(answer) => {
            let joined: BTreeSet<_> = answer.joined_rooms.into_iter().collect();
            for wanted in &settings.rooms {
                room::look(&visit, settings, wanted, &joined, checklist).await;
            }
            if settings.rooms.is_empty() {
                checklist.ok("rooms", format_args!("none is named; the bot is in {} by invitation", joined.len()));
            }
        }
        Err(error) => checklist.fault("rooms", format_args!("the homeserver does not tell: {error}")),
    }
    checklist.ok("limits", LIMITS);
    visit.end().await;
}

/// The answer; `None` where there is no such thing.
fn unless_missing<T>(answer: Result<T, HttpError>) -> Result<Option<T>, HttpError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if status(&error) == Some(MISSING) => Ok(None),
        Err(error) => Err(error),
    }
}

fn status(error: &HttpError) -> Option<u16> {
    error.as_client_api_error().map(|error| error.status_code.as_u16())
}

const MISSING: u16 = 404;
const LIMITS: &str = "homeservers do not tell how much an account may say; the bot waits as long as it is asked to. \
    Synapse lets an account say one thing in five seconds unless its administrator lifts that: \
    POST /_synapse/admin/v1/users/USER/override_ratelimit";
