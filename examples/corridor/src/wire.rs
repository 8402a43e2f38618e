//! What passes over the wire: one JSON object a line.

use serde::{Deserialize, Serialize};

/// What the server tells.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromServer {
    /// The bot is in; the newest message has this number.
    Welcome {
        /// Counted from 1.
        newest: u64,
    },
    /// The bot may not come in, now or later.
    Denied {
        /// In a sentence.
        reason: String,
    },
    /// Something was said, edited or deleted.
    Message(Message),
    /// A post of the bot is on everybody's screen.
    Taken {
        /// The post's name.
        post: String,
    },
    /// A post of the bot will be on nobody's screen.
    Refused {
        /// The post's name.
        post: String,
        /// In a sentence.
        reason: String,
    },
}

/// Something that a person did.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Message {
    /// Counted by the server, over everything; an edit has a number of its own.
    pub number: u64,
    /// Where; missing in private.
    pub room: Option<String>,
    /// Who.
    pub from: String,
    /// What they may do there.
    pub rank: Rank,
    /// The message that is edited or deleted.
    pub original: Option<u64>,
    /// The words; missing where a message was deleted.
    pub text: Option<String>,
}

/// What somebody may do in a room.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Whoever runs the room.
    Host,
    /// Whoever has the floor.
    Speaker,
    /// Anybody else.
    Guest,
}

/// What the bot tells the server.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToServer {
    /// The bot comes in, and wants to hear what came after a message.
    Hello {
        /// The bot's.
        name: String,
        /// The message; without one the bot hears what comes from now on.
        after: Option<u64>,
    },
    /// The bot says something. A post that comes again, with the same name, counts once.
    Post {
        /// Its name.
        post: String,
        /// Who is to read it.
        to: Address,
        /// One line.
        text: String,
    },
}

/// Where a post goes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// To all in a room.
    Room(String),
    /// To one person.
    Person(String),
}
