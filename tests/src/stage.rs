//! A room with an op, a person and the bot in it.

use std::time::Duration;

use crate::deadline::{PATIENCE, wait_until};
use crate::homeserver::{Homeserver, NAME};
use crate::matrix_bot::MatrixBot;
use crate::matrix_client::{MatrixClient, NewRoom};
use crate::seen::Seen;

/// What most tests of the whole bot begin with.
#[derive(Debug)]
pub struct Stage {
    /// Who made the room, and so is an op.
    pub gibi: MatrixClient,
    /// A member.
    pub jane: MatrixClient,
    /// The bot.
    pub bot: MatrixBot,
    /// The room's ID.
    pub room: String,
}

impl Stage {
    /// A plain room whose op has power level 100.
    pub async fn plain(server: &Homeserver) -> Self {
        Self::of(server, NewRoom::new().version("11"), "").await
    }

    /// An encrypted room of the newest version.
    pub async fn encrypted(server: &Homeserver) -> Self {
        Self::of(server, NewRoom::new().encrypted(), "").await
    }

    /// gibi has made the room, jane and the bot have come, whose board is in a store that others use, too.
    pub async fn on(server: &Homeserver, room: NewRoom, store: &str) -> Self {
        let bot = MatrixBot::prepare_on(server, Some(store.to_owned())).await;
        let mut stage = Self::around(server, room, bot).await;
        stage.bot.start(&[&stage.room], "");
        stage.bot_comes().await;
        stage
    }

    /// gibi has made the room, jane and the bot have come.
    pub async fn of(server: &Homeserver, room: NewRoom, more: &str) -> Self {
        let mut stage = Self::without_bot(server, room).await;
        stage.bot.start(&[&stage.room], more);
        stage.bot_comes().await;
        stage
    }

    /// gibi has made the room, jane has come, the bot is invited and not started.
    pub async fn without_bot(server: &Homeserver, room: NewRoom) -> Self {
        Self::around(server, room, MatrixBot::prepare(server).await).await
    }

    async fn around(server: &Homeserver, room: NewRoom, bot: MatrixBot) -> Self {
        let (gibi, jane) = tokio::join!(server.person("gibi"), server.person("jane"));
        let invited = serde_json::json!([jane.id(), bot.account.id]);
        let room = gibi.create(room.with("invite", invited)).await;
        jane.join(&room).await;
        gibi.expect_member(&room, jane.id()).await;
        Self { gibi, jane, bot, room }
    }

    /// Waits until both people see the bot in the room.
    pub async fn bot_comes(&mut self) {
        for person in [&self.gibi, &self.jane] {
            let came = person.comes(&self.room, &self.bot.account.id).await;
            assert!(came, "the bot did not come; it wrote {}", self.bot.log());
        }
    }

    /// Says a command that succeeds without words; gives its event's ID.
    pub async fn done(&mut self, by: Who, command: &str) -> String {
        let event = self.say(by, command).await;
        self.acknowledged(&event, command).await;
        event
    }

    /// Says a command that is answered with words; gives the answer.
    pub async fn answered(&mut self, by: Who, command: &str) -> Seen {
        let event = self.say(by, command).await;
        let answer = self.gibi.soon(|seen| seen.reply_to() == Some(&event)).await;
        answer.unwrap_or_else(|| panic!("no answer to {command:?}; {}", self.report(&event)))
    }

    /// Waits for the ✅ on a command.
    pub async fn acknowledged(&mut self, event: &str, command: &str) -> Seen {
        let reaction = self.gibi.soon(|seen| seen.reaction_to() == Some((event, "✅"))).await;
        reaction.unwrap_or_else(|| panic!("no ✅ on {command:?}; {}", self.report(event)))
    }

    /// Demands that an event has no answer, once a later command has one.
    pub async fn unanswered(&mut self, event: &str) {
        self.settled().await;
        let answers = self.gibi.answers_to(event);
        assert!(answers.is_empty(), "{answers:#?}");
    }

    /// Waits until everything said before is done: messages of a room are handled in their order, and then no answer
    /// waits to be taken.
    pub async fn settled(&mut self) {
        self.answered(Who::Gibi, "#cinder").await;
        self.waits("answers", 0).await;
    }

    /// Waits until so much waits for the homeserver to take it, as operators see it: `answers`, `notifications`.
    pub async fn waits(&mut self, what: &str, number: usize) {
        let gauge = format!("ptgbot_outbox_waiting{{network=\"{NAME}\",what=\"{what}\"}} {number}");
        let shown = wait_until(&gauge, PATIENCE, || async {
            let metrics = self.bot.page.document("/metrics").await?;
            metrics.lines().any(|line| line == gauge).then_some(())
        });
        if let Err(late) = shown.await {
            panic!("{late}; the bot wrote {}", self.bot.log());
        }
    }

    /// Asks again and again until there is an answer.
    pub async fn asks_until_answered(&mut self, command: &str) {
        let answered = wait_until("an answer", PATIENCE, || async {
            let event = self.say(Who::Gibi, command).await;
            let answer = self.gibi.expect_any("an answer", |seen| seen.answers(&event));
            tokio::time::timeout(Duration::from_secs(1), answer).await.ok()
        });
        if let Err(late) = answered.await {
            panic!("{late}; the bot wrote {}", self.bot.log());
        }
    }

    /// Gives a person a display name, and waits until it is theirs in the room.
    pub async fn renamed(&self, who: Who, name: &str) {
        let person = self.person(who);
        person.display_name(name).await;
        let renamed = |seen: &Seen| {
            seen.room() == self.room
                && seen.membership_of(person.id()).is_some()
                && seen.content()["displayname"] == name
        };
        self.gibi.expect_any(&format!("{name:?} in the room"), renamed).await;
    }

    /// The one device of the bot that its owner vouches for, waited for.
    pub async fn vouched_device(&self) -> String {
        let vouched = wait_until("a cross-signed device", PATIENCE, || async {
            self.jane.cross_signed(&self.bot.account.id).await.pop()
        });
        vouched.await.unwrap_or_else(|late| panic!("{late}"))
    }

    /// A chat of jane with the bot alone, which has come.
    pub async fn direct(&mut self, room: NewRoom) -> String {
        let room = self.jane.create(room.direct(&self.bot.account.id)).await;
        let came = self.jane.comes(&room, &self.bot.account.id).await;
        assert!(came, "the bot did not come; it wrote {}", self.bot.log());
        room
    }

    /// Says something in the room; gives its event's ID.
    pub async fn say(&self, by: Who, words: &str) -> String {
        self.person(by).say(&self.room, words).await
    }

    /// Who that is.
    pub fn person(&self, who: Who) -> &MatrixClient {
        match who {
            Who::Gibi => &self.gibi,
            Who::Jane => &self.jane,
        }
    }

    fn report(&mut self, event: &str) -> String {
        format!("there is {:#?}; the bot wrote {}", self.gibi.answers_to(event), self.bot.process().output().tail())
    }
}

/// Who says it.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// The op.
    Gibi,
    /// A member.
    Jane,
}
