//! What the adapter is told: where it has its account, as whom, and in which rooms it works.

use crate::levels::Levels;
use matrix_sdk::ruma::matrix_uri::MatrixId;
use matrix_sdk::ruma::{
    MatrixToUri, MatrixUri, OwnedRoomOrAliasId, OwnedServerName, OwnedUserId, RoomOrAliasId, ServerName, UserId,
};
use ptgbot_core::HttpUrl;
use secrecy::SecretString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Everything that the adapter needs to know. Secrets print as `***`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the account is: a server's name (`example.org`, its address is discovered) or an address
    /// (`https://matrix.example.org`).
    pub homeserver: String,
    /// Whose account: a full ID (`@ptgbot:example.org`) or its first part (`ptgbot`).
    pub user: String,
    /// How to sign in. Needed once: later the session that was kept is enough.
    pub secret: Option<Secret>,
    /// The folder of the session and of the keys; nobody else may read it, and one process uses it.
    pub data: PathBuf,
    /// The rooms of the event, joined at the start.
    pub rooms: Vec<RoomSetting>,
    /// Whose invitations to further rooms are accepted.
    pub allowed: Vec<Allowed>,
    /// From which power levels people have rights.
    pub levels: Levels,
    /// A file with the recovery key of the account's keys.
    pub recovery_key_file: Option<PathBuf>,
    /// The name of the bot's device in the list of sessions.
    pub device_name: String,
}

/// What proves that the account is ours.
#[derive(Clone)]
pub enum Secret {
    /// The password of the account.
    Password(SecretString),
    /// An access token that somebody made for the bot.
    Token(SecretString),
}

/// A room as an operator names it: an alias, an ID, or a link to either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSetting {
    /// The alias or ID.
    pub room: OwnedRoomOrAliasId,
    /// Servers through which it is reached, where the link names some: an ID need not tell.
    pub via: Vec<OwnedServerName>,
}

/// Somebody whose invitations are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// One person.
    User(OwnedUserId),
    /// Everybody of a server.
    Server(OwnedServerName),
}

/// Where the account is, once it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Homeserver {
    /// A name; its address is to be discovered.
    Name(OwnedServerName),
    /// An address.
    Address(String),
}

/// A setting that no server could accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Neither a server's name nor a web address.
    #[error(
        "homeserver {0:?} is neither a server name such as example.org nor an address such as https://matrix.example.org"
    )]
    Homeserver(String),
    /// No user ID and no first part of one.
    #[error("user {user:?} is no Matrix user, which looks like @ptgbot:example.org: {reason}")]
    User {
        /// What was written.
        user: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither an alias nor an ID of a room.
    #[error(
        "room {0:?} is neither an alias such as #my-event:example.org nor an ID such as !abc:example.org, nor a link to one"
    )]
    Room(String),
    /// Neither a user nor a server.
    #[error("allowed {0:?} is neither a user such as @jane:example.org nor a server such as example.org")]
    Allowed(String),
    /// The account's server and the homeserver are not the same name.
    #[error("user {user} is not an account of homeserver {homeserver}")]
    OtherServer {
        /// The account.
        user: OwnedUserId,
        /// The server that is named.
        homeserver: OwnedServerName,
    },
    /// Everybody would have rights, or ops fewer than the rest.
    #[error("voice_level {voice} and op_level {op} do not fit: voice is at least 1, and op is not below voice")]
    Levels {
        /// As set.
        voice: i64,
        /// As set.
        op: i64,
    },
    /// There is nowhere to work.
    #[error("there is no room to join, and nobody who may invite the bot to one")]
    Nowhere,
    /// The device would be nameless.
    #[error("the device name is empty")]
    DeviceName,
    /// The folder would be nowhere.
    #[error("the data folder is empty")]
    Data,
}

impl Settings {
    /// The settings of an account that keeps its session in `data`; rooms are to be added.
    pub fn new(homeserver: &str, user: &str, data: impl Into<PathBuf>) -> Self {
        Self {
            homeserver: homeserver.to_owned(),
            user: user.to_owned(),
            secret: None,
            data: data.into(),
            rooms: Vec::new(),
            allowed: Vec::new(),
            levels: Levels::default(),
            recovery_key_file: None,
            device_name: "ptgbot".to_owned(),
        }
    }

    /// Refuses what no server could accept, before anything is connected.
    ///
    /// # Errors
    /// Names the setting and what it should look like.
    pub fn check(&self) -> Result<(), SettingError> {
        let homeserver = self.homeserver()?;
        let user = self.full_user()?;
        if let (Some(user), Homeserver::Name(name)) = (user, homeserver)
            && !user.server_name().as_str().eq_ignore_ascii_case(name.as_str())
        {
            return Err(SettingError::OtherServer { user, homeserver: name });
        }
        let Levels { voice, op } = self.levels;
        if voice < 1 || op < voice {
            return Err(SettingError::Levels { voice, op });
        }
        if self.rooms.is_empty() && self.allowed.is_empty() {
            return Err(SettingError::Nowhere);
        }
        if self.device_name.trim().is_empty() {
            return Err(SettingError::DeviceName);
        }
        if self.data.as_os_str().is_empty() {
            return Err(SettingError::Data);
        }
        Ok(())
    }

    /// Whether somebody may invite the bot to a room that is not configured.
    pub fn allows(&self, user: &UserId) -> bool {
        self.allowed.iter().any(|allowed| allowed.covers(user))
    }

    /// Where the account is.
    pub(crate) fn homeserver(&self) -> Result<Homeserver, SettingError> {
        let wrong = || SettingError::Homeserver(self.homeserver.clone());
        if self.homeserver.contains("://") {
            let address = HttpUrl::parse(&self.homeserver).map_err(|_| wrong())?;
            return Ok(Homeserver::Address(address.as_str().to_owned()));
        }
        ServerName::parse(self.homeserver.as_str()).map(Homeserver::Name).map_err(|_| wrong())
    }

    /// The account's full ID, where it is written in full; the server tells it otherwise.
    fn full_user(&self) -> Result<Option<OwnedUserId>, SettingError> {
        let wrong = |reason: String| SettingError::User { user: self.user.clone(), reason };
        if self.user.starts_with('@') {
            return UserId::parse(self.user.as_str()).map(Some).map_err(|error| wrong(error.to_string()));
        }
        if self.user.is_empty() {
            return Err(wrong("it is empty".to_owned()));
        }
        if self.user.contains(':') {
            return Err(wrong("the @ in front is missing".to_owned()));
        }
        // Any server will do to see whether the first part can be one.
        match UserId::parse(format!("@{}:example.org", self.user)) {
            Ok(_) => Ok(None),
            Err(error) => Err(wrong(error.to_string())),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password(***)",
            Self::Token(_) => "Token(***)",
        })
    }
}

impl FromStr for RoomSetting {
    type Err = SettingError;

    fn from_str(written: &str) -> Result<Self, SettingError> {
        let wrong = || SettingError::Room(written.to_owned());
        let linked = |id: &MatrixId, via: &[OwnedServerName]| {
            let room = match id {
                MatrixId::Room(room) => room.clone().into(),
                MatrixId::RoomAlias(alias) => alias.clone().into(),
                _ => return Err(wrong()),
            };
            Ok(Self { room, via: via.to_vec() })
        };
        // An empty part between two slashes makes the parser of links panic.
        if written.split_once("://").map_or(written, |(_, rest)| rest).contains("//") {
            return Err(wrong());
        }
        if let Ok(link) = MatrixToUri::parse(written) {
            return linked(link.id(), link.via());
        }
        if let Ok(link) = MatrixUri::parse(written) {
            return linked(link.id(), link.via());
        }
        let is_whole = written.len() > 1 && !written.contains(|c: char| c.is_whitespace() || c.is_control());
        let room = RoomOrAliasId::parse(written).ok().filter(|_| is_whole).ok_or_else(wrong)?;
        Ok(Self { room, via: Vec::new() })
    }
}

impl fmt::Display for RoomSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.room.as_str())
    }
}

impl Allowed {
    /// Whether a person is meant.
    pub fn covers(&self, user: &UserId) -> bool {
        match self {
            Self::User(allowed) => allowed == user,
            Self::Server(allowed) => allowed.as_str().eq_ignore_ascii_case(user.server_name().as_str()),
        }
    }
}

impl FromStr for Allowed {
    type Err = SettingError;

    fn from_str(written: &str) -> Result<Self, SettingError> {
        let wrong = || SettingError::Allowed(written.to_owned());
        if written.starts_with('@') {
            return UserId::parse(written).map(Self::User).map_err(|_| wrong());
        }
        ServerName::parse(written).map(Self::Server).map_err(|_| wrong())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;
    use proptest::prelude::*;

    fn settings() -> Settings {
        let mut settings = Settings::new("example.org", "@ptgbot:example.org", "data");
        settings.rooms.push("#my-event:example.org".parse().unwrap());
        settings
    }

    fn fault(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = settings();
        change(&mut settings);
        settings.check().err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_homeserver_is_a_name_or_an_address() {
        let read = |homeserver: &str| Settings::new(homeserver, "ptgbot", "data").homeserver();
        assert_eq!(read("example.org"), Ok(Homeserver::Name("example.org".try_into().unwrap())));
        assert_eq!(read("localhost:8448"), Ok(Homeserver::Name("localhost:8448".try_into().unwrap())));
        assert_eq!(read("http://127.0.0.1:8008"), Ok(Homeserver::Address("http://127.0.0.1:8008/".into())));
        for wrong in
            ["", "ftp://example.org", "https://", "https://me:secret@example.org", "two words", "example.org/x"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_user_is_written_in_full_or_as_its_first_part() {
        assert_eq!(fault(|_| {}), "");
        assert_eq!(fault(|s| s.user = "ptgbot".into()), "");
        assert_eq!(
            fault(|s| s.user = "ptgbot:example.org".into()),
            "user \"ptgbot:example.org\" is no Matrix user, which looks like @ptgbot:example.org: the @ in front is missing"
        );
        assert!(fault(|s| s.user = String::new()).ends_with("it is empty"));
        assert!(fault(|s| s.user = "@ptgbot".into()).starts_with("user \"@ptgbot\" is no Matrix user"));
        assert_eq!(
            fault(|s| s.homeserver = "example.com".into()),
            "user @ptgbot:example.org is not an account of homeserver example.com"
        );
        assert_eq!(fault(|s| s.homeserver = "https://matrix.example.com".into()), "", "a server may live elsewhere");
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_the_start() {
        assert!(fault(|s| s.rooms.clear()).starts_with("there is no room to join"));
        let invited_only = fault(|s| {
            s.rooms.clear();
            s.allowed.push(Allowed::User(user_id!("@jane:example.org").to_owned()));
        });
        assert_eq!(invited_only, "");
        assert!(fault(|s| s.levels.voice = 0).starts_with("voice_level 0 and op_level 50 do not fit"));
        assert!(fault(|s| s.levels.op = 0).starts_with("voice_level 1 and op_level 0 do not fit"));
        assert_eq!(fault(|s| s.device_name = " ".into()), "the device name is empty");
        assert_eq!(fault(|s| s.data = PathBuf::new()), "the data folder is empty");
    }

    #[test]
    fn a_room_is_an_alias_an_id_or_a_link() {
        let read = |written: &str| written.parse::<RoomSetting>().map(|room| (room.to_string(), room.via.len()));
        assert_eq!(read("#ptg:example.org"), Ok(("#ptg:example.org".into(), 0)));
        assert_eq!(read("!abc:example.org"), Ok(("!abc:example.org".into(), 0)));
        let version_12 = "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM";
        assert_eq!(read(version_12), Ok((version_12.into(), 0)));
        assert_eq!(read("https://matrix.to/#/%23ptg:example.org"), Ok(("#ptg:example.org".into(), 0)));
        assert_eq!(
            read("https://matrix.to/#/!abc:example.org?via=a.org&via=b.org"),
            Ok(("!abc:example.org".into(), 2))
        );
        assert_eq!(read("matrix:r/ptg:example.org"), Ok(("#ptg:example.org".into(), 0)));
        for wrong in [
            "",
            "#",
            "!",
            "ptg",
            "#ptg",
            "@ptg:example.org",
            "https://matrix.to/#/@ptg:example.org",
            "!a b",
            "https://matrix.to/#/!a//",
            "https://matrix.to/#///a",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn invitations_are_accepted_from_people_and_servers_that_are_named() {
        let mut settings = settings();
        settings.allowed = vec!["@jane:example.org".parse().unwrap(), "Partner.example".parse().unwrap()];
        assert!(settings.allows(user_id!("@jane:example.org")));
        assert!(settings.allows(user_id!("@anyone:partner.example")));
        assert!(!settings.allows(user_id!("@john:example.org")));
        assert!(!settings.allows(user_id!("@jane:partner.example.evil.example")));
        assert!("@jane".parse::<Allowed>().is_err() && "*".parse::<Allowed>().is_err());
    }

    #[test]
    fn no_secret_is_printed() {
        let mut settings = settings();
        for secret in [Secret::Password("sesame".into()), Secret::Token("sesame".into())] {
            settings.secret = Some(secret);
            let printed = format!("{settings:?}");
            assert!(!printed.contains("sesame") && printed.contains("***"), "{printed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(written in "\\PC{0,40}|(https://matrix.to/#/|matrix:)(\\PC{0,20}|[/#!@$%?&=:ar]{0,8})") {
            written.parse::<RoomSetting>().ok();
            written.parse::<Allowed>().ok();
            let settings = Settings::new(&written, &written, "data");
            prop_assert!(settings.check().is_err(), "no room is named");
        }
    }
}
