//! In which rooms the bot is: joins those of the configuration, answers invitations, follows replaced rooms, leaves
//! empty ones and those that are none of its business. All of it beside the sync, since a join may take a minute.

mod wanted;

use crate::removal::{How, Removal};
use crate::retry::{Failure, Heartbeat, Retry};
use crate::room_changes::{Change, RoomChanges};
use crate::room_names::RoomNames;
use crate::settings::Settings;
use crate::shared_client::SharedClient;
use matrix_sdk::ruma::api::client::membership::get_member_events;
use matrix_sdk::ruma::api::client::state::get_state_event_for_key;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::events::room::member::MembershipState;
use matrix_sdk::ruma::{OwnedRoomId, RoomId, UserId};
use matrix_sdk::{Client, Error, HttpError, Room, RoomState};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};
use wanted::Wanted;

/// Looks after the rooms.
pub(crate) struct RoomManager {
    account: SharedClient,
    settings: Arc<Settings>,
    names: RoomNames,
    changes: RoomChanges,
    heartbeat: Heartbeat,
    wanted: Vec<Wanted>,
    invitations: HashMap<OwnedRoomId, Postponed>,
}

/// An invitation that could not be accepted yet.
struct Postponed {
    due: Instant,
    retry: Retry,
}

/// What is said to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Welcome {
    /// Somebody invites us to a room of the configuration.
    Configured,
    /// Somebody who may invites us to a room of their own.
    Trusted,
    /// Anybody may talk to us, if nobody else is there.
    DirectOnly,
    Decline,
}

/// How many people a room has.
struct People {
    /// In it or invited, we with them.
    here: usize,
    /// Who have left or were put out.
    gone: usize,
}

impl RoomManager {
    pub(crate) fn new(
        account: SharedClient,
        settings: Arc<Settings>,
        names: RoomNames,
        changes: RoomChanges,
        heartbeat: Heartbeat,
    ) -> Self {
        let wanted = settings.rooms.iter().map(Wanted::new).collect();
        Self { account, settings, names, changes, heartbeat, wanted, invitations: HashMap::new() }
    }

    /// Works without end.
    ///
    /// It begins when the bot listens: in a room that it joins before that, on a first start, the first command
    /// could be taken for the past.
    pub(crate) async fn run(mut self) -> Infallible {
        // What else is told before that, looking around finds.
        while self.changes.next().await != Change::Listening {}
        self.look_around().await;
        loop {
            let rooms = self.wanted.iter().filter_map(|wanted| wanted.due);
            let due = rooms.chain(self.invitations.values().map(|postponed| postponed.due)).min();
            let change = tokio::select! {
                change = self.changes.next() => Some(change),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
            };
            match change {
                Some(Change::Listening) => {}
                Some(Change::Invited(room)) => self.answer_invitation(&room).await,
                Some(Change::Replaced(room)) => self.follow(&room).await,
                Some(Change::MemberLeft(room)) => self.leave_if_empty(&room).await,
                Some(Change::NotOurs(room)) => self.leave_if_not_ours(&room).await,
                Some(Change::RemovedFromRoom(room, removal)) => self.removed(&room, removal).await,
                None => {
                    self.join_what_is_due().await;
                    self.accept_what_is_due().await;
                }
            }
        }
    }

    /// What happened while no bot ran.
    async fn look_around(&mut self) {
        self.join_what_is_due().await;
        let (invited, joined) = {
            let client = self.account.client().await;
            let mut joined = Vec::new();
            for room in client.joined_rooms() {
                joined.push((room.room_id().to_owned(), room.is_direct().await, room.active_members_count()));
            }
            (client.invited_rooms().into_iter().map(|room| room.room_id().to_owned()).collect::<Vec<_>>(), joined)
        };
        let not_direct = joined.iter().filter(|(_, direct, _)| matches!(direct, Ok(false)));
        self.names.complete_with(not_direct.map(|(room, ..)| room.clone())).await;
        for room in invited {
            self.answer_invitation(&room).await;
        }
        for (room, _, members) in joined {
            match members {
                0 | 1 => self.leave_if_empty(&room).await,
                2 => {}
                _ => self.leave_if_not_ours(&room).await,
            }
        }
    }

    async fn accept_what_is_due(&mut self) {
        let now = Instant::now();
        let due = self.invitations.iter().filter(|(_, postponed)| postponed.due <= now);
        for room in due.map(|(room, _)| room.clone()).collect::<Vec<_>>() {
            self.answer_invitation(&room).await;
        }
    }

    async fn answer_invitation(&mut self, id: &RoomId) {
        let retry = self.invitations.remove(id).map(|postponed| postponed.retry);
        let client = self.account.client().await;
        let Some(room) = client.get_room(id).filter(|room| room.state() == RoomState::Invited) else {
            return;
        };
        let inviter = match room.invite_details().await {
            Ok(details) => details.inviter_id,
            Err(error) => return tracing::warn!(room = %id, %error, "an invitation without a sender is ignored"),
        };
        let configured = self.configured(&client, id).await;
        let direct = room.is_direct().await.unwrap_or(false);
        let welcome = welcome(&self.settings, configured.is_some(), direct, &inviter);
        match (welcome, configured) {
            (Welcome::Configured, Some(index)) => {
                drop(client);
                self.join(index).await;
            }
            (Welcome::Configured, None) => {}
            (Welcome::Trusted | Welcome::DirectOnly, _) => {
                let Err(error) = self.accept(&client, &room, &inviter, direct, welcome).await else { return };
                let mut retry = retry.unwrap_or_else(|| Retry::new(&self.heartbeat));
                let pause = retry.after(Failure::of(&error));
                tracing::warn!(room = %id, by = %inviter, %error, again_in = ?pause, "cannot accept an invitation");
                if let Some(pause) = pause {
                    self.invitations.insert(id.to_owned(), Postponed { due: Instant::now() + pause, retry });
                }
            }
            (Welcome::Decline, _) => {
                tracing::info!(room = %id, by = %inviter, "declined an invitation: neither a room of ours nor a direct one, and its sender is not in `allowed`");
                if let Err(error) = room.leave().await {
                    tracing::warn!(room = %id, %error, "cannot decline an invitation");
                }
            }
        }
    }

    async fn accept(
        &self,
        client: &Client,
        room: &Room,
        inviter: &UserId,
        direct: bool,
        welcome: Welcome,
    ) -> Result<(), Error> {
        let id = room.room_id();
        let _entering = self.names.entering(id);
        if direct {
            self.names.set_direct(id, inviter);
        }
        if welcome == Welcome::Trusted {
            self.names.accept(id).await;
        }
        room.join().await?;
        tracing::info!(room = %id, by = %inviter, direct, "accepted an invitation");
        if welcome == Welcome::DirectOnly {
            self.leave_if_several(client, room).await;
        }
        Ok(())
    }

    async fn leave_if_not_ours(&self, id: &RoomId) {
        let client = self.account.client().await;
        if let Some(room) = client.get_room(id).filter(|room| room.state() == RoomState::Joined)
            && !self.names.is_ours(id)
        {
            self.leave_if_several(&client, &room).await;
        }
    }

    /// Leaves a room that somebody opened as a direct one if more than two people are in it.
    async fn leave_if_several(&self, client: &Client, room: &Room) {
        let id = room.room_id();
        match people(client, id).await {
            Ok(People { here: 0..=2, .. }) => {}
            Ok(_) => {
                tracing::info!(room = %id, "left a room of several people: its opener is not in `allowed`");
                self.leave(room).await;
            }
            Err(error) => tracing::warn!(room = %id, %error, "cannot see who is in the room"),
        }
    }

    /// Rooms of the configuration are kept: people may still come. So is a direct room that is just being opened: it
    /// has nobody yet, for invitations come last, and nobody has left it.
    async fn leave_if_empty(&self, id: &RoomId) {
        let client = self.account.client().await;
        let Some(room) = client.get_room(id).filter(|room| room.state() == RoomState::Joined) else {
            return;
        };
        if self.index_of(id).is_some() {
            return;
        }
        match people(&client, id).await {
            Ok(People { here: 0 | 1, gone: 1.. }) => {
                tracing::info!(room = %id, "left an empty room");
                self.leave(&room).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(room = %id, %error, "cannot see who is in the room"),
        }
    }

    async fn leave(&self, room: &Room) {
        match room.leave().await {
            Ok(()) => {
                self.names.leave(room.room_id()).await;
                room.forget().await.ok();
            }
            Err(error) => tracing::warn!(room = %room.room_id(), %error, "cannot leave a room"),
        }
    }

    async fn removed(&mut self, id: &RoomId, removal: Option<Removal>) {
        if let Some(Removal { by, how, reason }) = removal {
            match how {
                How::Kick => tracing::warn!(room = %id, %by, ?reason, "put out of a room"),
                How::Ban => tracing::warn!(room = %id, %by, ?reason, "banned from a room"),
            }
        }
        match self.index_of(id) {
            Some(index) => {
                let wanted = &mut self.wanted[index];
                let pause = wanted.try_later();
                tracing::warn!(room = %wanted.setting, %id, again_in = ?pause, "no longer in the room");
            }
            None => self.names.leave(id).await,
        }
    }
}

/// Who is in a room and who has left, as the server sees it now.
async fn people(client: &Client, id: &RoomId) -> Result<People, HttpError> {
    #[derive(Deserialize)]
    struct Member {
        membership: MembershipState,
    }
    let answer = client.send(get_member_events::v3::Request::new(id.to_owned())).await?;
    let members = answer.chunk.iter().filter_map(|event| event.get_field::<Member>("content").ok().flatten());
    let (here, gone): (Vec<_>, Vec<_>) =
        members.partition(|member| matches!(member.membership, MembershipState::Join | MembershipState::Invite));
    Ok(People { here: here.len(), gone: gone.len() })
}

/// A state event's content, as far as it can be read.
async fn request_state<T: DeserializeOwned>(
    client: &Client,
    room: &RoomId,
    kind: StateEventType,
) -> Result<Option<T>, HttpError> {
    let request = get_state_event_for_key::v3::Request::new(room.to_owned(), kind, String::new());
    let answer = client.send(request).await?;
    Ok(serde_json::from_str(answer.event_or_content.get()).ok())
}

fn welcome(settings: &Settings, configured: bool, direct: bool, inviter: &UserId) -> Welcome {
    if configured {
        Welcome::Configured
    } else if settings.allows(inviter) {
        Welcome::Trusted
    } else if direct {
        Welcome::DirectOnly
    } else {
        Welcome::Decline
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;

    #[test]
    fn strangers_may_only_open_a_direct_room() {
        let mut settings =
            Settings::new("example.org".parse().expect("a server"), "ptgbot".parse().expect("a user"), "data")
                .expect("settings");
        settings.allowed = vec!["@jane:example.org".parse().expect("a user")];
        let (jane, stranger) = (user_id!("@jane:example.org"), user_id!("@s:elsewhere.org"));
        let asked = |configured, direct, who| welcome(&settings, configured, direct, who);
        assert_eq!(asked(false, false, jane), Welcome::Trusted);
        assert_eq!(asked(false, true, jane), Welcome::Trusted);
        assert_eq!(asked(false, true, stranger), Welcome::DirectOnly);
        assert_eq!(asked(true, false, stranger), Welcome::Configured);
        assert_eq!(asked(false, false, stranger), Welcome::Decline);
    }
}
