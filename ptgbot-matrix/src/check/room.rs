//! How the bot stands in a room of the event: whether it is there, what it may do, who can read it and be an op.

use super::visit::Visit;
use super::{status, unless_missing};
use crate::levels::shown;
use crate::settings::{RoomSetting, Settings};
use matrix_sdk::HttpError;
use matrix_sdk::ruma::api::client::alias::get_alias;
use matrix_sdk::ruma::api::client::keys::get_keys;
use matrix_sdk::ruma::api::client::membership::joined_members;
use matrix_sdk::ruma::api::client::room::get_summary;
use matrix_sdk::ruma::api::client::state::get_state_event_for_key::v3::{Request as StateRequest, StateEventFormat};
use matrix_sdk::ruma::events::room::create::RoomCreateEventContent;
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::events::room::power_levels::{RoomPowerLevels, RoomPowerLevelsEventContent};
use matrix_sdk::ruma::events::{MessageLikeEventType, StateEventType};
use matrix_sdk::ruma::room::JoinRuleSummary;
use matrix_sdk::ruma::{OwnedRoomId, OwnedUserId, RoomAliasId, RoomId, RoomVersionId, UserId};
use ptgbot_core::Role;
use ptgbot_runtime::Checklist;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Tells how the bot stands in a room of the configuration.
pub(super) async fn look(
    visit: &Visit,
    settings: &Settings,
    wanted: &RoomSetting,
    joined: &BTreeSet<OwnedRoomId>,
    checklist: &mut Checklist,
) {
    let subject = format!("room {wanted}");
    let id = match RoomId::parse(wanted.room.as_str()) {
        Ok(id) => id,
        Err(_) => match resolved(visit, wanted).await {
            Ok(Some(id)) => id,
            Ok(None) => return checklist.fault(&subject, "there is no such alias"),
            Err(error) => return checklist.fault(&subject, format_args!("cannot be found: {error}")),
        },
    };
    if !joined.contains(&id) {
        return from_outside(visit, wanted, &subject, checklist).await;
    }
    let found = match Found::ask(visit, &id).await {
        Ok(found) => found,
        Err(error) => return checklist.fault(&subject, format_args!("the homeserver does not tell: {error}")),
    };
    let lacks = found.lacks(&visit.us, settings);
    if wanted.room.as_str() != id {
        checklist.ok(&subject, format_args!("it is {id}"));
    }
    let ours = shown(found.powers.for_user(&visit.us));
    checklist.ok(&subject, format_args!("the bot is in it, with power level {ours}"));
    for Lack { what, needed, is_fatal } in lacks {
        let words = format!("the bot may not {what}: that needs power level {needed}");
        if is_fatal { checklist.fault(&subject, words) } else { checklist.advise(&subject, words) }
    }
    let ops = found.members.iter().filter(|user| settings.levels.role(found.powers.for_user(user)) == Role::Op);
    let ops: Vec<&str> = ops.filter(|user| **user != visit.us).map(|user| user.as_str()).take(MOST_NAMED).collect();
    match ops.as_slice() {
        [] => checklist.advise(&subject, "nobody in it is an op: give an organizer power level 50 (moderator)"),
        ops => checklist.ok(&subject, format_args!("ops: {}", ops.join(", "))),
    }
    if found.is_encrypted {
        encryption(visit, &found.members, &subject, checklist).await;
    } else {
        checklist.ok(&subject, "it is not encrypted");
    }
}

async fn resolved(visit: &Visit, wanted: &RoomSetting) -> Result<Option<OwnedRoomId>, HttpError> {
    let Ok(alias) = RoomAliasId::parse(wanted.room.as_str()) else { return Ok(None) };
    let answer = unless_missing(visit.client.send(get_alias::v3::Request::new(alias)).await)?;
    Ok(answer.map(|answer| answer.room_id))
}

/// What can be said of a room that the bot is not in.
async fn from_outside(visit: &Visit, wanted: &RoomSetting, subject: &str, checklist: &mut Checklist) {
    let invite = format!("invite {} to it", visit.us);
    let request = get_summary::v1::Request::new(wanted.room.clone(), wanted.via.clone());
    match visit.client.send(request).await {
        Ok(answer) => match (answer.membership, answer.summary.join_rule) {
            (Some(MembershipState::Invite), _) => {
                checklist.ok(subject, "the bot is invited, and joins at the next start")
            }
            (Some(MembershipState::Ban), _) => checklist.fault(subject, "the bot is banned from it"),
            (_, JoinRuleSummary::Public) => {
                checklist.ok(subject, "everybody may join it: the bot does at the next start")
            }
            _ => checklist.fault(subject, format_args!("the bot is not in it, and needs an invitation: {invite}")),
        },
        Err(error) if matches!(status(&error), Some(400..500)) => {
            checklist
                .advise(subject, format_args!("the bot is not in it, and it cannot be seen from outside: {invite}"));
        }
        Err(error) => checklist.fault(subject, format_args!("the homeserver does not tell: {error}")),
    }
}

/// What is found in a room.
struct Found {
    powers: RoomPowerLevels,
    is_encrypted: bool,
    members: BTreeSet<OwnedUserId>,
}

/// Something that the bot may not do.
#[derive(Debug, PartialEq, Eq)]
struct Lack {
    what: &'static str,
    needed: String,
    is_fatal: bool,
}

#[derive(Deserialize)]
struct Created {
    sender: OwnedUserId,
    content: RoomCreateEventContent,
}

impl Found {
    async fn ask(visit: &Visit, room: &RoomId) -> Result<Self, HttpError> {
        let created: Option<Created> = state(visit, room, StateEventType::RoomCreate, StateEventFormat::Event).await?;
        let content = StateEventFormat::Content;
        let powers: Option<RoomPowerLevelsEventContent> =
            state(visit, room, StateEventType::RoomPowerLevels, content.clone()).await?;
        let encryption: Option<serde_json::Value> = state(visit, room, StateEventType::RoomEncryption, content).await?;
        let version = created.as_ref().map_or(RoomVersionId::V11, |created| created.content.room_version.clone());
        let rules = version.rules().unwrap_or(matrix_sdk::ruma::room_version_rules::RoomVersionRules::V12);
        let creators: Vec<OwnedUserId> = created
            .map(|created| created.content.additional_creators.into_iter().chain([created.sender]).collect())
            .unwrap_or_default();
        let powers = RoomPowerLevels::new(powers.into(), &rules.authorization, creators);
        let members = visit.client.send(joined_members::v3::Request::new(room.to_owned())).await?;
        Ok(Self { powers, is_encrypted: encryption.is_some(), members: members.joined.into_keys().collect() })
    }

    fn lacks(&self, us: &UserId, settings: &Settings) -> Vec<Lack> {
        let powers = &self.powers;
        let message =
            if self.is_encrypted { MessageLikeEventType::RoomEncrypted } else { MessageLikeEventType::RoomMessage };
        let mut lacks = Vec::new();
        for (what, kind, is_fatal) in
            [("speak", message, true), ("react with a ✅", MessageLikeEventType::Reaction, false)]
        {
            if !powers.user_can_send_message(us, kind.clone()) {
                lacks.push(Lack { what, needed: powers.for_message(kind).to_string(), is_fatal });
            }
        }
        let pin = StateEventType::RoomPinnedEvents;
        if settings.board_message && !powers.user_can_send_state(us, pin.clone()) {
            lacks.push(Lack { what: "pin the board", needed: powers.for_state(pin).to_string(), is_fatal: false });
        }
        lacks
    }
}

async fn state<T: DeserializeOwned>(
    visit: &Visit,
    room: &RoomId,
    kind: StateEventType,
    format: StateEventFormat,
) -> Result<Option<T>, HttpError> {
    let mut request = StateRequest::new(room.to_owned(), kind, String::new());
    request.format = format;
    let answer = unless_missing(visit.client.send(request).await)?;
    Ok(answer.and_then(|answer| serde_json::from_str(answer.event_or_content.get()).ok()))
}

/// Whether everybody in an encrypted room has keys, so that they can read the bot and be read by it.
async fn encryption(visit: &Visit, members: &BTreeSet<OwnedUserId>, subject: &str, checklist: &mut Checklist) {
    let mut request = get_keys::v3::Request::new();
    for user in members.iter().take(MOST_MEMBERS) {
        request.device_keys.insert(user.clone(), Vec::new());
    }
    let keys = match visit.client.send(request).await {
        Ok(answer) => answer.device_keys,
        Err(error) => {
            return checklist.advise(subject, format_args!("it is encrypted; members' keys are not told: {error}"));
        }
    };
    let looked_at: Vec<_> = members.iter().take(MOST_MEMBERS).collect();
    let without = looked_at.iter().filter(|user| keys.get(**user).is_none_or(|devices| devices.is_empty()));
    let without: Vec<&str> = without.map(|user| user.as_str()).collect();
    let devices: usize = keys.values().map(|devices| devices.len()).sum();
    let people = looked_at.len();
    checklist.ok(subject, format_args!("it is encrypted; {people} members have {devices} devices with keys"));
    if !without.is_empty() {
        let (number, named) = (without.len(), without[..without.len().min(MOST_NAMED)].join(", "));
        checklist.advise(subject, format_args!("{number} of them have no keys and cannot speak with the bot: {named}"));
    }
}

const MOST_NAMED: usize = 10;
/// More are not asked about at once.
const MOST_MEMBERS: usize = 500;
