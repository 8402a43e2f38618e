//! How to use the bot, read off the command table.

use ptgbot_core::Moderation;
use ptgbot_core::command::{Scope, Spec, TABLE};

/// The commands of one kind.
pub(super) struct Chapter {
    pub(super) title: &'static str,
    pub(super) note: &'static str,
    pub(super) specs: Vec<&'static Spec>,
}

/// All commands: first what moderators need most.
pub(super) fn chapters(moderation: Moderation) -> [Chapter; 3] {
    let of = |scope| TABLE.iter().filter(|spec| spec.scope == scope).collect();
    let tracks = match moderation {
        Moderation::Anyone => "In the channel, by anyone.",
        Moderation::VoicedOnly => "In the channel, by people with voice and by operators.",
    };
    [
        Chapter { title: "For a track", note: tracks, specs: of(Scope::Track) },
        Chapter {
            title: "For everyone",
            note: "In the channel, or in a private message and then without the plus sign.",
            specs: of(Scope::User),
        },
        Chapter { title: "For operators", note: "In the channel, by operators.", specs: of(Scope::Admin) },
    ]
}
