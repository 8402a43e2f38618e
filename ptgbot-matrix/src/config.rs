//! The `[matrix]` section of the configuration, which flags go before.

mod first_run;

use crate::levels::Levels;
use crate::settings::{Account, Allowed, Homeserver, RoomSetting, Secret, Settings, owner};
use clap::Args;
use matrix_sdk::ruma::OwnedUserId;
use ptgbot_core::Network;
use ptgbot_runtime::config::one_or_many;
use ptgbot_runtime::store::StoreAddress;
use ptgbot_runtime::{Config, ConfigError};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::path::{Path, PathBuf};

/// What an operator says of the Matrix account, in a file or as flags. Secrets are in files of their own or in the
/// environment.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[group(skip)]
#[serde(deny_unknown_fields, default, expecting = "a table [matrix] with user and rooms")]
#[non_exhaustive]
pub struct MatrixConfig {
    /// Name of the network, which people and the history carry [default: the server in the user's ID]
    #[arg(long)]
    network: Option<Network>,
    /// Server of the account, by name (example.org) or web address [default: the one in the user's ID]
    #[arg(long, value_name = "SERVER")]
    homeserver: Option<Homeserver>,
    /// Account of the bot, such as @ptgbot:example.org
    #[arg(long)]
    user: Option<Account>,
    /// A room of the event, its alias or ID; may be given several times
    #[arg(long = "room", value_name = "ROOM")]
    #[serde(alias = "room", deserialize_with = "one_or_many")]
    rooms: Vec<RoomSetting>,
    /// Whose invitations are accepted besides: a user's ID or a server; may be given several times
    #[arg(long = "allow", value_name = "WHO")]
    allowed: Vec<Allowed>,
    /// File with the password of the account
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// File with an access token, instead of a password
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Folder of the session and the keys, for one bot alone [default: ptgbot-matrix beside the store]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// File with the recovery key of the account's keys
    #[arg(long, value_name = "FILE")]
    recovery_key_file: Option<PathBuf>,
    /// Keep one pinned message in each room that shows now and next, edited in place
    #[arg(long)]
    board_message: bool,
    /// Who may verify the bot by emojis, such as @jane:example.org
    #[arg(long, value_name = "USER", value_parser = owner)]
    #[serde(deserialize_with = "some_owner")]
    owner: Option<OwnedUserId>,
    /// Power level from which people have voice [default: 1]
    #[arg(long, value_name = "LEVEL")]
    voice_level: Option<i64>,
    /// Power level from which people are ops [default: 50]
    #[arg(long, value_name = "LEVEL")]
    op_level: Option<i64>,
    /// Name of the bot's device in its list of sessions [default: ptgbot]
    #[arg(long, value_name = "NAME")]
    device_name: Option<String>,
}

impl MatrixConfig {
    /// The adapter's settings. The session is kept beside the bot's store where nothing else is said.
    ///
    /// # Errors
    /// When something is missing, contradicts itself, or a secret cannot be read.
    pub fn settings(self, bot: &Config) -> Result<Settings, ConfigError> {
        let user = self.user.ok_or_else(|| ConfigError::setting(NO_USER))?;
        let homeserver = match (self.homeserver, &user) {
            (Some(homeserver), _) => homeserver,
            (None, Account::Full(user)) => Homeserver::Name(user.server_name().to_owned()),
            (None, Account::First(first)) => {
                return Err(ConfigError::setting(format_args!("user {first} may be on any server: {NO_HOMESERVER}")));
            }
        };
        let data = self.data.unwrap_or_else(|| beside(bot.store.as_ref()));
        let device_name = self.device_name.unwrap_or_else(|| "ptgbot".to_owned());
        let (voice, op) = (self.voice_level.unwrap_or(1), self.op_level.unwrap_or(50));
        let levels = Levels::new(voice, op).ok_or_else(|| {
            ConfigError::setting(format_args!("voice_level {voice} and op_level {op} do not fit: {LEVELS}"))
        })?;
        for (is_missing, fault) in [
            (self.rooms.is_empty() && self.allowed.is_empty(), NO_ROOM),
            (device_name.trim().is_empty(), "the device name is empty"),
            (data.as_os_str().is_empty(), "the data folder is empty"),
        ] {
            if is_missing {
                return Err(ConfigError::setting(fault));
            }
        }
        let mut rooms: Vec<RoomSetting> = Vec::new();
        for room in self.rooms {
            if !rooms.contains(&room) {
                rooms.push(room);
            }
        }
        let password = bot.secrets.find("matrix_password", self.password_file.as_deref())?;
        let token = bot.secrets.find("matrix_token", self.token_file.as_deref())?;
        let secret = match (password, token) {
            (Some(_), Some(_)) => return Err(ConfigError::setting(TWO_SECRETS)),
            (Some(password), None) => Some(Secret::Password(password)),
            (None, token) => token.map(Secret::Token),
        };
        let settings = Settings::new(homeserver, user, data).map_err(ConfigError::setting)?;
        let (network, allowed, recovery_key_file) = (self.network, self.allowed, self.recovery_key_file);
        let (board_message, owner) = (self.board_message, self.owner);
        Ok(Settings {
            network,
            secret,
            rooms,
            allowed,
            levels,
            board_message,
            owner,
            recovery_key_file,
            device_name,
            ..settings
        })
    }
}

fn some_owner<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OwnedUserId>, D::Error> {
    owner(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

/// The folder for the session and the keys: beside a journal that is a file, else in the current folder.
fn beside(store: Option<&StoreAddress>) -> PathBuf {
    let folder = match store {
        Some(StoreAddress::Sqlite(file)) => file.parent().unwrap_or(Path::new("")),
        Some(_) | None => Path::new(""),
    };
    folder.join("ptgbot-matrix")
}

const NO_USER: &str =
    "no account is named: --user '@ptgbot:example.org', or user = \"@ptgbot:example.org\" under [matrix]";
const NO_HOMESERVER: &str = "--homeserver example.org, or homeserver = \"example.org\" under [matrix]";
const NO_ROOM: &str =
    "no room is named: --room '#my-event:example.org', or rooms = [\"#my-event:example.org\"] under [matrix]";
const TWO_SECRETS: &str = "there is a password and an access token, too; give the bot one of them";
const LEVELS: &str = "voice is at least 1, and op is not below voice";

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::user_id;
    use secrecy::ExposeSecret;

    fn settings(text: &str) -> Result<Settings, String> {
        let section: MatrixConfig = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        section.settings(&Config::default()).map_err(|e| e.to_string())
    }

    #[test]
    fn an_account_and_a_room_are_enough() {
        let settings = settings("user = '@ptgbot:example.org'\nroom = '#ptg:example.org'").expect("settings");
        assert_eq!(settings.homeserver.to_string(), "example.org");
        assert_eq!((settings.user.to_string().as_str(), settings.levels), ("@ptgbot:example.org", Levels::default()));
        assert_eq!((settings.data.as_path(), settings.device_name.as_str()), (Path::new("ptgbot-matrix"), "ptgbot"));
        assert!(settings.secret.is_none() && settings.allowed.is_empty() && settings.network.is_none());
    }

    #[test]
    fn every_setting_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let token = folder.path().join("token");
        std::fs::write(&token, "sesame\n").expect("a file");
        let text = format!(
            "homeserver = 'https://matrix.example.org'\nuser = 'ptgbot'\ntoken_file = '{}'\ndata = '/srv/bot'\n\
             rooms = ['#ptg:example.org', '!abc', '#ptg:example.org']\nallowed = ['@jane:example.org', 'example.com']\n\
             voice_level = 10\nop_level = 90\nrecovery_key_file = 'key'\n\
             board_message = true\nowner = '@Jane:example.org'\ndevice_name = 'the board'\nnetwork = 'ours'\n",
            token.display()
        );
        let settings = settings(&text).expect("settings");
        assert_eq!(settings.rooms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["#ptg:example.org", "!abc"]);
        assert!(matches!(settings.allowed.as_slice(), [Allowed::User(_), Allowed::Server(_)]));
        assert_eq!(Some(settings.levels), Levels::new(10, 90));
        assert_eq!(settings.network.as_ref().map(Network::as_str), Some("ours"));
        assert_eq!(settings.recovery_key_file.as_deref(), Some(Path::new("key")));
        assert_eq!((settings.data.as_path(), settings.device_name.as_str()), (Path::new("/srv/bot"), "the board"));
        assert!(settings.board_message && settings.owner.as_deref() == Some(user_id!("@Jane:example.org")));
        let Some(Secret::Token(token)) = settings.secret else { panic!("{:?}", settings.secret) };
        assert_eq!(token.expose_secret(), "sesame");
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_said() {
        let fault = |text: &str| settings(text).expect_err("a fault");
        assert!(fault("").contains("--user '@ptgbot:example.org'"));
        assert!(fault("user = 'ptgbot'\nroom = '!abc'").contains("--homeserver example.org"));
        assert!(fault("user = '@ptgbot:example.org'").contains("--room '#my-event:example.org'"));
        let user = "user = '@ptgbot:example.org'\nroom = '!abc'\n";
        assert!(fault(&format!("{user}op_level = 0")).contains("voice_level 1 and op_level 0 do not fit"));
        assert!(fault(&format!("{user}owner = 'jane'")).contains("owner \"jane\" is no Matrix user"));
        assert!(fault(&format!("{user}allowed = ['jane doe']")).contains("allowed \"jane doe\""));
        assert!(fault(&format!("{user}password = 'sesame'")).contains("unknown field `password`"));
        assert!(fault(&format!("{user}password_file = '/nowhere'")).contains("/nowhere"));
        assert_eq!(fault(&format!("{user}device_name = ' '")), "the device name is empty");
        assert_eq!(fault(&format!("{user}data = ''")), "the data folder is empty");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        std::fs::write(&file, "sesame").expect("a file");
        let both = format!("{user}password_file = '{0}'\ntoken_file = '{0}'", file.display());
        assert_eq!(fault(&both), "there is a password and an access token, too; give the bot one of them");
    }

    #[test]
    fn the_session_is_kept_beside_the_journal() {
        let beside = |store: &str| beside(Some(&store.parse().expect("an address")));
        assert_eq!(beside("sqlite:/srv/ptg/board.sqlite"), Path::new("/srv/ptg/ptgbot-matrix"));
        assert_eq!(beside("sqlite:board.sqlite"), Path::new("ptgbot-matrix"));
        assert_eq!(beside("memory:"), Path::new("ptgbot-matrix"));
    }
}
