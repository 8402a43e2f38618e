//! Whether other people's clients will trust the bot's device, and whether its keys outlive it.

use super::unless_missing;
use super::visit::Visit;
use crate::settings::Settings;
use crate::trust::key_file;
use matrix_sdk::ruma::UserId;
use matrix_sdk::ruma::api::client::backup::get_latest_backup_info;
use matrix_sdk::ruma::api::client::config::get_global_account_data;
use matrix_sdk::ruma::api::client::keys::get_keys;
use ptgbot_runtime::Checklist;
use serde_json::Value;

/// Tells how the device, the owner's verification and the backup stand.
pub(super) async fn look(visit: &Visit, settings: &Settings, checklist: &mut Checklist) {
    let mut request = get_keys::v3::Request::new();
    for user in [Some(&visit.us), settings.owner.as_ref()].into_iter().flatten() {
        request.device_keys.insert(user.clone(), Vec::new());
    }
    let keys = match visit.client.send(request).await {
        Ok(answer) => answer,
        Err(error) => return checklist.fault("device", format_args!("the homeserver does not tell its keys: {error}")),
    };
    let us = &visit.us;
    let json = |raw: Option<&str>| raw.and_then(|raw| serde_json::from_str::<Value>(raw).ok()).unwrap_or_default();
    let master = json(keys.master_keys.get(us).map(|key| key.json().get()));
    let signing = json(keys.self_signing_keys.get(us).map(|key| key.json().get()));
    let of_users = json(keys.user_signing_keys.get(us).map(|key| key.json().get()));
    let file = key_file(settings, &settings.data);
    match &visit.device {
        None if master.is_null() => {
            checklist.ok("device", "there is none yet, and no identity: the first start makes both")
        }
        None if file.exists() => {
            checklist.ok("device", format_args!("there is none yet; {} vouches for the new one", file.display()))
        }
        None => checklist.advise("device", format_args!("{OTHER_IDENTITY} {}", file.display())),
        Some(device) => {
            let devices = keys.device_keys.get(us);
            let published = devices.and_then(|devices| devices.iter().find(|(id, _)| id.as_str() == device));
            let published = json(published.map(|(_, keys)| keys.json().get()));
            if published.is_null() {
                checklist.advise("device", format_args!("{device} has published no keys yet: the next start does"));
            } else if is_signed(&published, us, &signing) && is_signed(&signing, us, &master) {
                checklist.ok("device", format_args!("{device} is signed by the account's identity"));
            } else if master.is_null() {
                checklist.advise("device", format_args!("{device} is signed by nobody: {NO_IDENTITY}"));
            } else {
                checklist.advise("device", format_args!("{device} is not signed. {OTHER_IDENTITY} {}", file.display()));
            }
        }
    }
    match &settings.owner {
        None => checklist.ok("owner", "none is named; owner under [matrix] says who may verify the bot by emojis"),
        Some(owner) => {
            let owners = json(keys.master_keys.get(owner).map(|key| key.json().get()));
            if owners.is_null() {
                checklist.advise(
                    "owner",
                    format_args!("{owner} has no identity: no client of theirs has set up encryption"),
                );
            } else if is_signed(&owners, us, &of_users) {
                checklist.ok("owner", format_args!("{owner} and the bot are verified"));
            } else {
                checklist.advise("owner", format_args!("{owner} has not verified the bot: {VERIFY}"));
            }
        }
    }
    backup(visit, checklist).await;
    recovery(visit, &file, checklist).await;
}

/// Whether a key or device bears the signature of another key of its owner's.
fn is_signed(what: &Value, by: &UserId, key: &Value) -> bool {
    let ids = key["keys"].as_object().into_iter().flat_map(|keys| keys.keys());
    ids.into_iter().any(|id| what["signatures"][by.as_str()][id].is_string())
}

async fn backup(visit: &Visit, checklist: &mut Checklist) {
    match unless_missing(visit.client.send(get_latest_backup_info::v3::Request::new()).await) {
        Ok(Some(info)) => checklist.ok("backup", format_args!("{} keys of messages are backed up", info.count)),
        Ok(None) => checklist.advise("backup", "keys of messages are not backed up; the next start begins a backup"),
        Err(error) => checklist.advise("backup", format_args!("the homeserver does not tell: {error}")),
    }
}

async fn recovery(visit: &Visit, file: &std::path::Path, checklist: &mut Checklist) {
    let kind = "m.secret_storage.default_key".into();
    let request = get_global_account_data::v3::Request::new(visit.us.clone(), kind);
    match (unless_missing(visit.client.send(request).await), file.exists()) {
        (Ok(Some(_)), true) => {
            checklist.ok("recovery", format_args!("its key is in {}; keep a copy elsewhere", file.display()))
        }
        (Ok(Some(_)), false) => checklist.advise(
            "recovery",
            format_args!("its key is not in {}: without it a lost data folder means a new identity", file.display()),
        ),
        (Ok(None), _) => checklist.ok("recovery", "it is not set up; the next start does that, and hands over the key"),
        (Err(error), _) => checklist.advise("recovery", format_args!("the homeserver does not tell: {error}")),
    }
}

const OTHER_IDENTITY: &str = "The account has an identity already; its recovery key vouches for the device, in";
const NO_IDENTITY: &str = "start once with the password (PTGBOT_MATRIX_PASSWORD) in an empty data folder";
const VERIFY: &str = "open a direct room with it, choose Verify, and compare the emojis with the bot's log";

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;
    use serde_json::json;

    #[test]
    fn a_signature_of_another_key_is_none() {
        let (us, key) = (user_id!("@ptgbot:b"), json!({"keys": {"ed25519:SIGNING": "SIGNING"}}));
        let device = |id: &str| json!({"signatures": {"@ptgbot:b": {id: "x"}}});
        assert!(is_signed(&device("ed25519:SIGNING"), us, &key));
        assert!(!is_signed(&device("ed25519:DEVICE"), us, &key));
        assert!(!is_signed(&device("ed25519:SIGNING"), us, &Value::Null));
        assert!(!is_signed(&device("ed25519:SIGNING"), user_id!("@jane:b"), &key));
    }
}
