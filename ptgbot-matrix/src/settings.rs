//! What the adapter is told: where it has its account, as whom, and in which rooms it works.

use crate::levels::Levels;
use matrix_sdk::ruma::matrix_uri::MatrixId;
use matrix_sdk::ruma::{
    MatrixToUri, MatrixUri, OwnedRoomOrAliasId, OwnedServerName, OwnedUserId, RoomOrAliasId, ServerName, UserId,
};
use ptgbot_core::{HttpUrl, Network};
use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Everything that the adapter needs to know. Secrets print as `***`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Where the account is.
    pub homeserver: Homeserver,
    /// Whose account.
    pub user: Account,
    /// The network, as people and the history carry it; without it the server of the account's ID.
    pub network: Option<Network>,
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
    /// Whether each room of the event has a pinned message that shows the board.
    pub board_message: bool,
    /// Who may verify the bot by emojis.
    pub owner: Option<OwnedUserId>,
    /// A file with the recovery key of the account's keys.
    pub recovery_key_file: Option<PathBuf>,
    /// The name of the bot's device in the list of sessions.
    pub device_name: String,
}

/// Where an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Homeserver {
    /// A server's name (`example.org`); its address is to be discovered.
    Name(OwnedServerName),
    /// An address (`https://matrix.example.org`).
    Address(HttpUrl),
}

/// Whose account it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Account {
    /// A full ID (`@ptgbot:example.org`).
    Full(OwnedUserId),
    /// The first part of one (`ptgbot`); the server tells the rest.
    First(String),
}

/// What proves that the account is ours.
#[derive(Clone)]
#[non_exhaustive]
pub enum Secret {
    /// The password of the account.
    Password(SecretString),
    /// An access token that somebody made for the bot.
    Token(SecretString),
}

/// A room as an operator names it: an alias, an ID, or a link to either.
///
/// ```
/// use ptgbot_matrix::RoomSetting;
///
/// let link: RoomSetting = "https://matrix.to/#/!abc:example.org?via=example.com".parse()?;
/// assert_eq!((link.room.as_str(), link.via.len()), ("!abc:example.org", 1));
/// assert!("my-event".parse::<RoomSetting>().is_err());
/// # Ok::<(), ptgbot_matrix::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomSetting {
    /// The alias or ID.
    pub room: OwnedRoomOrAliasId,
    /// Servers through which it is reached, where the link names some: an ID need not tell.
    pub via: Vec<OwnedServerName>,
}

/// Somebody whose invitations are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allowed {
    /// One person.
    User(OwnedUserId),
    /// Everybody of a server.
    Server(OwnedServerName),
}

/// A setting that no server could accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
    /// No user ID.
    #[error("owner {0:?} is no Matrix user, which looks like @jane:example.org")]
    Owner(String),
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
}

impl Settings {
    /// The settings of an account that keeps its session in `data`; rooms are to be added.
    ///
    /// ```
    /// use ptgbot_matrix::{Account, Homeserver, Settings};
    ///
    /// let server: Homeserver = "example.org".parse()?;
    /// let settings = Settings::new(server.clone(), "@board:example.org".parse()?, "board-session")?;
    /// assert_eq!((settings.device_name.as_str(), settings.rooms.len()), ("ptgbot", 0));
    ///
    /// let elsewhere: Account = "@board:example.com".parse()?;
    /// assert!(Settings::new(server, elsewhere, "board-session").is_err());
    /// # Ok::<(), ptgbot_matrix::SettingError>(())
    /// ```
    ///
    /// # Errors
    /// When the account is not one of the server that is named.
    pub fn new(homeserver: Homeserver, user: Account, data: impl Into<PathBuf>) -> Result<Self, SettingError> {
        if let (Account::Full(user), Homeserver::Name(name)) = (&user, &homeserver)
            && !user.server_name().as_str().eq_ignore_ascii_case(name.as_str())
        {
            return Err(SettingError::OtherServer { user: user.clone(), homeserver: name.clone() });
        }
        Ok(Self {
            homeserver,
            user,
            network: None,
            secret: None,
            data: data.into(),
            rooms: Vec::new(),
            allowed: Vec::new(),
            levels: Levels::default(),
            board_message: false,
            owner: None,
            recovery_key_file: None,
            device_name: "ptgbot".to_owned(),
        })
    }

    /// Whether somebody may invite the bot to a room that is not configured.
    pub fn allows(&self, user: &UserId) -> bool {
        self.allowed.iter().any(|allowed| allowed.covers(user))
    }
}

impl FromStr for Homeserver {
    type Err = SettingError;

    fn from_str(written: &str) -> Result<Self, SettingError> {
        let wrong = || SettingError::Homeserver(written.to_owned());
        if written.contains("://") {
            return HttpUrl::parse(written).map(Self::Address).map_err(|_| wrong());
        }
        ServerName::parse(written).map(Self::Name).map_err(|_| wrong())
    }
}

impl fmt::Display for Homeserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name.as_str()),
            Self::Address(address) => f.write_str(address.as_str()),
        }
    }
}

impl Account {
    /// The first part of the ID.
    pub fn localpart(&self) -> &str {
        match self {
            Self::Full(user) => user.localpart(),
            Self::First(first) => first,
        }
    }

    /// True for the account's ID, whatever its case.
    pub(crate) fn is(&self, user: &UserId) -> bool {
        match self {
            Self::Full(full) => full.as_str().eq_ignore_ascii_case(user.as_str()),
            Self::First(first) => first.eq_ignore_ascii_case(user.localpart()),
        }
    }
}

impl FromStr for Account {
    type Err = SettingError;

    fn from_str(written: &str) -> Result<Self, SettingError> {
        let wrong = |reason: String| SettingError::User { user: written.to_owned(), reason };
        if written.starts_with('@') {
            return UserId::parse(written).map(Self::Full).map_err(|error| wrong(error.to_string()));
        }
        if written.is_empty() {
            return Err(wrong("it is empty".to_owned()));
        }
        if written.contains(':') {
            return Err(wrong("the @ in front is missing".to_owned()));
        }
        // Any server will do to see whether the first part can be one.
        match UserId::parse(format!("@{written}:example.org")) {
            Ok(_) => Ok(Self::First(written.to_owned())),
            Err(error) => Err(wrong(error.to_string())),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(user) => f.write_str(user.as_str()),
            Self::First(first) => f.write_str(first),
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

/// The owner, as an operator names them.
///
/// # Errors
/// When it is no user ID.
pub(crate) fn owner(written: &str) -> Result<OwnedUserId, SettingError> {
    UserId::parse(written).map_err(|_| SettingError::Owner(written.to_owned()))
}

/// Reads what a file says by the parser that flags have, too.
macro_rules! deserialize_parsed {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}
deserialize_parsed!(Homeserver, Account, RoomSetting, Allowed);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;
    use proptest::prelude::*;

    fn settings(homeserver: &str, user: &str) -> Result<Settings, String> {
        Settings::new(homeserver.parse().unwrap(), user.parse().unwrap(), "data").map_err(|error| error.to_string())
    }

    #[test]
    fn a_homeserver_is_a_name_or_an_address() {
        let read = |written: &str| written.parse::<Homeserver>();
        assert_eq!(read("example.org"), Ok(Homeserver::Name("example.org".try_into().unwrap())));
        assert_eq!(read("localhost:8448"), Ok(Homeserver::Name("localhost:8448".try_into().unwrap())));
        assert_eq!(read("http://127.0.0.1:8008").map(|it| it.to_string()), Ok("http://127.0.0.1:8008/".into()));
        for wrong in
            ["", "ftp://example.org", "https://", "https://me:secret@example.org", "two words", "example.org/x"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_user_is_written_in_full_or_as_its_first_part() {
        let fault = |user: &str| user.parse::<Account>().expect_err("a fault").to_string();
        assert_eq!(
            fault("ptgbot:example.org"),
            "user \"ptgbot:example.org\" is no Matrix user, which looks like @ptgbot:example.org: the @ in front is missing"
        );
        assert!(fault("").ends_with("it is empty"));
        assert!(fault("@ptgbot").starts_with("user \"@ptgbot\" is no Matrix user"));
        for (written, is) in [("ptgbot", true), ("@PTGbot:example.org", true), ("@ptgbot:example.com", false)] {
            assert_eq!(written.parse::<Account>().unwrap().is(user_id!("@ptgbot:example.org")), is, "{written}");
        }
    }

    #[test]
    fn an_account_is_one_of_its_homeserver() {
        assert!(settings("example.com", "ptgbot").is_ok() && settings("example.org", "@ptgbot:example.org").is_ok());
        assert_eq!(
            settings("example.com", "@ptgbot:example.org").expect_err("a fault"),
            "user @ptgbot:example.org is not an account of homeserver example.com"
        );
        assert!(settings("https://matrix.example.com", "@ptgbot:example.org").is_ok(), "a server may live elsewhere");
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
        let mut settings = settings("example.org", "ptgbot").unwrap();
        settings.allowed = vec!["@jane:example.org".parse().unwrap(), "Partner.example".parse().unwrap()];
        assert!(settings.allows(user_id!("@jane:example.org")));
        assert!(settings.allows(user_id!("@anyone:partner.example")));
        assert!(!settings.allows(user_id!("@john:example.org")));
        assert!(!settings.allows(user_id!("@jane:partner.example.evil.example")));
        assert!("@jane".parse::<Allowed>().is_err() && "*".parse::<Allowed>().is_err());
    }

    #[test]
    fn no_secret_is_printed() {
        let mut settings = settings("example.org", "ptgbot").unwrap();
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
            written.parse::<Homeserver>().ok();
            written.parse::<Account>().ok();
        }
    }
}
