//! People in Matrix rooms through a client that is not ours, so that a test
//! sees what any other person sees: matrix-nio, steered by `matrix_client.py`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::deadline::PATIENCE;
use crate::homeserver::Account;
use crate::matrix_driver::Driver;
use crate::seen::{Kind, Seen};
use crate::transcript::Transcript;

/// A signed-in person with a device and keys of its own. Everything the person
/// sees is kept; what fails panics with it.
#[derive(Debug)]
pub struct MatrixClient {
    id: String,
    name: String,
    token: String,
    driver: Driver,
    seen: Transcript,
    next: usize,
}

/// How a room begins.
#[derive(Debug, Clone)]
pub struct NewRoom(Value);

/// Whether a person's device can encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// As people's clients can.
    Some,
    /// As with people who are bridged from another network.
    None,
}

impl MatrixClient {
    /// The whole user ID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The user ID before its colon.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the server knows this client by.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Makes a room and waits until it is there; gives its ID.
    pub async fn create(&self, room: NewRoom) -> String {
        text(&self.ask("create", room.0).await)
    }

    /// Enters a room by its ID or alias and waits until it is there.
    pub async fn join(&self, room: &str) -> String {
        text(&self.ask("join", json!({"room": room})).await)
    }

    /// Says something, as people do; gives the event's ID.
    pub async fn say(&self, room: &str, words: &str) -> String {
        self.send(room, json!({"msgtype": "m.text", "body": words})).await
    }

    /// Says something with a formatted body.
    pub async fn say_html(&self, room: &str, words: &str, html: &str) -> String {
        let format = "org.matrix.custom.html";
        self.send(room, json!({"msgtype": "m.text", "body": words, "format": format, "formatted_body": html})).await
    }

    /// Says something in the thread of an earlier message.
    pub async fn say_in_thread(&self, room: &str, root: &str, words: &str) -> String {
        let relation = json!({"rel_type": "m.thread", "event_id": root});
        self.send(room, json!({"msgtype": "m.text", "body": words, "m.relates_to": relation})).await
    }

    /// Says something as a bot does.
    pub async fn notice(&self, room: &str, words: &str) -> String {
        self.send(room, json!({"msgtype": "m.notice", "body": words})).await
    }

    /// Replies as older clients do: with lines of the other message in front.
    pub async fn reply(&self, room: &str, to: &str, author: &str, quoted: &str, words: &str) -> String {
        let body = format!("> <{author}> {quoted}\n\n{words}");
        let html = format!("<mx-reply><blockquote>{quoted}</blockquote></mx-reply>{words}");
        let content = json!({
            "msgtype": "m.text", "body": body, "format": "org.matrix.custom.html", "formatted_body": html,
            "m.relates_to": {"m.in_reply_to": {"event_id": to}},
        });
        self.send(room, content).await
    }

    /// Replaces the words of an earlier message of one's own.
    pub async fn edit(&self, room: &str, event: &str, words: &str) -> String {
        let content = json!({
            "msgtype": "m.text", "body": format!("* {words}"),
            "m.new_content": {"msgtype": "m.text", "body": words},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event},
        });
        self.send(room, content).await
    }

    /// Sends a message with any content.
    pub async fn send(&self, room: &str, content: Value) -> String {
        text(&self.ask("send", json!({"room": room, "content": content})).await)
    }

    /// Reacts to a message.
    pub async fn react(&self, room: &str, event: &str, key: &str) -> String {
        let content = json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}});
        text(&self.ask("send", json!({"room": room, "type": "m.reaction", "content": content})).await)
    }

    /// Takes a message out of the room.
    pub async fn redact(&self, room: &str, event: &str) -> String {
        text(&self.ask("redact", json!({"room": room, "event": event})).await)
    }

    /// Gives a person a power level in a room.
    pub async fn power(&self, room: &str, user: &str, level: i64) {
        self.ask("power", json!({"room": room, "user": user, "level": level})).await;
    }

    /// Gives a power level to all in a room who have none of their own.
    pub async fn power_of_everybody(&self, room: &str, level: i64) {
        self.ask("power", json!({"room": room, "user": null, "level": level})).await;
    }

    /// Invites a person to a room.
    pub async fn invite(&self, room: &str, user: &str) {
        self.api("POST", &format!("/rooms/{room}/invite"), json!({"user_id": user})).await;
    }

    /// Removes a person from a room.
    pub async fn kick(&self, room: &str, user: &str) {
        self.api("POST", &format!("/rooms/{room}/kick"), json!({"user_id": user})).await;
    }

    /// Leaves a room.
    pub async fn leave(&self, room: &str) {
        self.api("POST", &format!("/rooms/{room}/leave"), json!({})).await;
    }

    /// Takes a display name.
    pub async fn display_name(&self, name: &str) {
        self.api("PUT", &format!("/profile/{}/displayname", self.id), json!({"displayname": name})).await;
    }

    /// Replaces a room by a new one of another version; gives the new one's ID.
    pub async fn upgrade(&self, room: &str, version: &str) -> String {
        let answer = self.api("POST", &format!("/rooms/{room}/upgrade"), json!({"new_version": version})).await;
        text(&answer["replacement_room"])
    }

    /// Sets state of a room.
    pub async fn state(&self, room: &str, kind: &str, key: &str, content: Value) {
        self.api("PUT", &format!("/rooms/{room}/state/{kind}/{key}"), content).await;
    }

    /// Who is in a room, by IDs.
    pub async fn members(&self, room: &str) -> Vec<String> {
        let answer = self.api("GET", &format!("/rooms/{room}/joined_members"), Value::Null).await;
        answer["joined"].as_object().map(|joined| joined.keys().cloned().collect()).unwrap_or_default()
    }

    /// The rooms that this person is in.
    pub async fn rooms(&self) -> Vec<String> {
        let answer = self.api("GET", "/joined_rooms", Value::Null).await;
        answer["joined_rooms"].as_array().into_iter().flatten().map(text).collect()
    }

    /// Ends this client's session, or all sessions of its account.
    pub async fn sign_out_everywhere(&self) {
        self.api("POST", "/logout/all", json!({})).await;
    }

    /// The devices of a user that their owner has vouched for: signed by a
    /// self-signing key that the master key has signed.
    pub async fn cross_signed(&self, user: &str) -> Vec<String> {
        let devices = self.ask("cross_signed", json!({"user": user})).await;
        devices.as_array().into_iter().flatten().map(text).collect()
    }

    /// A request of the client API by its path after `/v3`.
    pub async fn api(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask("call", json!({"method": method, "path": path, "body": body})).await
    }

    /// A request by an administrator to the server's own API.
    pub async fn admin_api(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask("admin", json!({"method": method, "path": path, "body": body})).await
    }

    /// Waits for the next thing seen that is meant, passing over others; what
    /// is before it is not looked at again by `expect`.
    ///
    /// # Panics
    /// When it does not come in time; shows what came instead.
    pub async fn expect(&mut self, what: &str, is_meant: impl Fn(&Seen) -> bool) -> Seen {
        let (place, seen) = self.wait_for(what, PATIENCE, self.next, is_meant).await;
        self.next = place + 1;
        seen
    }

    /// Waits for anything meant, seen now or at any time before.
    pub async fn expect_any(&self, what: &str, is_meant: impl Fn(&Seen) -> bool) -> Seen {
        self.wait_for(what, PATIENCE, 0, is_meant).await.1
    }

    /// [`expect_any`](Self::expect_any) with a deadline of its own.
    pub async fn expect_any_within(&self, deadline: Duration, what: &str, is_meant: impl Fn(&Seen) -> bool) -> Seen {
        self.wait_for(what, deadline, 0, is_meant).await.1
    }

    /// The first thing meant at or after a place in all that was seen, waited for without end; gives its place.
    /// Cancel safe.
    pub async fn next_after(&self, place: usize, is_meant: impl Fn(&Seen) -> bool) -> (usize, Seen) {
        loop {
            let found = self.seen.wait_for("something", PATIENCE, place, |line| is_meant(&Seen::parse(line))).await;
            if let Ok((place, line)) = found {
                return (place, Seen::parse(&line));
            }
        }
    }

    /// Anything meant, seen before or in time; `None` when it is too late.
    pub async fn soon(&self, is_meant: impl Fn(&Seen) -> bool) -> Option<Seen> {
        let found = self.seen.wait_for("something", PATIENCE, 0, |line| is_meant(&Seen::parse(line))).await;
        found.ok().map(|(_, line)| Seen::parse(&line))
    }

    /// Whether a person is in a room in time.
    pub async fn comes(&self, room: &str, user: &str) -> bool {
        self.soon(|seen| seen.room() == room && seen.membership_of(user) == Some("join")).await.is_some()
    }

    /// Waits for a message that replies to an event.
    pub async fn expect_reply_to(&self, event: &str) -> Seen {
        self.expect_any(&format!("a reply to {event}"), |seen| seen.reply_to() == Some(event)).await
    }

    /// Waits for a ✅ on an event.
    pub async fn expect_reaction(&self, event: &str) -> Seen {
        self.expect_any(&format!("a reaction to {event}"), |seen| seen.reaction_to() == Some((event, "✅"))).await
    }

    /// Waits for the next message of another in a room that contains a text.
    pub async fn expect_words_in(&mut self, room: &str, text: &str) -> Seen {
        let own = self.id.clone();
        let meant = |seen: &Seen| seen.room() == room && seen.sender() != own && seen.body().contains(text);
        self.expect(&format!("a message in {room} with {text:?}"), meant).await
    }

    /// Waits, for as long as many answers may take, until an event has one.
    pub async fn expect_answer_in_the_end(&self, event: &str) {
        self.expect_any_within(PATIENCE * 6, &format!("an answer to {event}"), |seen| seen.answers(event)).await;
    }

    /// Waits until a person is in a room.
    pub async fn expect_member(&self, room: &str, user: &str) {
        self.expect_membership(room, user, "join").await;
    }

    /// Waits until a person's last membership is this one: `join`, `leave`.
    pub async fn expect_membership(&self, room: &str, user: &str, membership: &str) {
        let what = format!("{user} {membership} in {room}");
        self.expect_any(&what, |seen| seen.membership_of(user) == Some(membership) && seen.room() == room).await;
    }

    /// Waits for an invite by a person; gives the room.
    pub async fn expect_invite_by(&mut self, user: &str) -> Seen {
        let meant = |seen: &Seen| seen.kind() == Kind::Invite && seen.sender() == user;
        self.expect(&format!("an invite by {user}"), meant).await
    }

    /// All replies and reactions to an event that have come.
    pub fn answers_to(&self, event: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.answers(event)).collect()
    }

    /// Everything this person has seen, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lines().iter().map(|line| Seen::parse(line)).collect()
    }

    pub(crate) async fn sign_in(driver: &Driver, account: &Account, keys: Keys) -> Self {
        let seen = driver.follow(&account.id);
        let keys = keys == Keys::Some;
        let with = json!({"user": account.name, "password": account.password, "keys": keys});
        let answer = match driver.ask(None, "login", with).await {
            Ok(answer) => answer,
            Err(error) => panic!("{} cannot sign in: {error}", account.name),
        };
        Self {
            id: account.id.clone(),
            name: account.name.clone(),
            token: text(&answer["token"]),
            driver: driver.clone(),
            seen,
            next: 0,
        }
    }

    async fn ask(&self, what: &str, with: Value) -> Value {
        match self.driver.ask(Some(&self.id), what, with.clone()).await {
            Ok(answer) => answer,
            Err(error) => panic!("{} cannot {what} {with}: {error}", self.name),
        }
    }

    async fn wait_for(
        &self,
        what: &str,
        deadline: Duration,
        from: usize,
        is_meant: impl Fn(&Seen) -> bool,
    ) -> (usize, Seen) {
        match self.seen.wait_for(what, deadline, from, |line| is_meant(&Seen::parse(line))).await {
            Ok((place, line)) => (place, Seen::parse(&line)),
            Err(late) => {
                panic!("{}: {late}; it saw {}\nand reported {}", self.name, self.seen.tail(), self.driver.errors())
            }
        }
    }
}

impl NewRoom {
    /// A private room of the server's default version.
    pub fn new() -> Self {
        Self(json!({"encrypted": false, "preset": "private_chat"}))
    }

    /// With end-to-end encryption.
    pub fn encrypted(self) -> Self {
        self.with("encrypted", json!(true))
    }

    /// Of a room version.
    pub fn version(self, version: &str) -> Self {
        self.with("room_version", json!(version))
    }

    /// Open to everybody, under the alias `#name:localhost`.
    pub fn public(self, name: &str) -> Self {
        self.with("preset", json!("public_chat")).with("room_alias_name", json!(name))
    }

    /// With one person invited, as a direct chat.
    pub fn direct(self, user: &str) -> Self {
        self.with("is_direct", json!(true)).with("preset", json!("trusted_private_chat")).invite(user)
    }

    /// With one person invited.
    pub fn invite(self, user: &str) -> Self {
        self.with("invite", json!([user]))
    }

    /// With a key of `createRoom`'s body.
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }
}

impl Default for NewRoom {
    fn default() -> Self {
        Self::new()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
