//! The `[matrix]` section of the configuration.

use crate::levels::Levels;
use crate::settings::{Secret, SettingError, Settings};
use ptgbot_runtime::store::StoreAddress;
use ptgbot_runtime::{SecretError, secret};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What the `[matrix]` section may say; flags say the same and go first. Secrets are in files or the environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatrixSection {
    pub(crate) homeserver: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) data: Option<PathBuf>,
    /// One room, where there is no more.
    pub(crate) room: Option<String>,
    pub(crate) rooms: Vec<String>,
    pub(crate) allowed: Vec<String>,
    pub(crate) voice_level: Option<i64>,
    pub(crate) op_level: Option<i64>,
    pub(crate) recovery_key_file: Option<PathBuf>,
    pub(crate) device_name: Option<String>,
}

/// Why there is no bot to start.
#[derive(Debug, thiserror::Error)]
pub enum SectionError {
    /// Nobody said whose account it is.
    #[error("no account is named: --user '@ptgbot:example.org', or user = \"@ptgbot:example.org\" under [matrix]")]
    NoUser,
    /// The account is named without its server.
    #[error("user {0} may be on any server: --homeserver example.org, or homeserver = \"example.org\" under [matrix]")]
    NoHomeserver(String),
    /// There is nowhere to work.
    #[error("no room is named: --room '#my-event:example.org', or rooms = [\"#my-event:example.org\"] under [matrix]")]
    NoRoom,
    /// Two ways to sign in.
    #[error("there is a password and an access token, too; give the bot one of them")]
    TwoSecrets,
    /// A setting that no server could accept.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl MatrixSection {
    /// The adapter's settings, checked. `store` is where the journal is: the session is kept beside it where nothing
    /// else is said.
    ///
    /// # Errors
    /// When something is missing, contradicts itself, or a secret cannot be read.
    pub fn settings(self, store: Option<&str>) -> Result<Settings, SectionError> {
        let user = self.user.ok_or(SectionError::NoUser)?;
        let homeserver = match (self.homeserver, user.strip_prefix('@').and_then(|id| id.split_once(':'))) {
            (Some(homeserver), _) => homeserver,
            (None, Some((_, server))) => server.to_owned(),
            (None, None) => return Err(SectionError::NoHomeserver(user)),
        };
        let mut settings = Settings::new(&homeserver, &user, self.data.unwrap_or_else(|| beside(store)));
        for room in self.room.iter().chain(&self.rooms) {
            let room = room.parse()?;
            if !settings.rooms.contains(&room) {
                settings.rooms.push(room);
            }
        }
        settings.allowed = self.allowed.iter().map(|allowed| allowed.parse()).collect::<Result<_, _>>()?;
        let Levels { voice, op } = settings.levels;
        settings.levels = Levels { voice: self.voice_level.unwrap_or(voice), op: self.op_level.unwrap_or(op) };
        settings.recovery_key_file = self.recovery_key_file;
        settings.device_name = self.device_name.unwrap_or(settings.device_name);
        settings.check().map_err(|error| match error {
            SettingError::Nowhere => SectionError::NoRoom,
            other => SectionError::Setting(other),
        })?;
        let password = secret("matrix_password", self.password_file.as_deref())?;
        let token = secret("matrix_token", self.token_file.as_deref())?;
        settings.secret = match (password, token) {
            (Some(_), Some(_)) => return Err(SectionError::TwoSecrets),
            (Some(password), None) => Some(Secret::Password(password)),
            (None, token) => token.map(Secret::Token),
        };
        Ok(settings)
    }
}

/// The folder for the session and the keys: beside a journal that is a file, else in the current folder.
fn beside(store: Option<&str>) -> PathBuf {
    let folder = match store.map(str::parse) {
        Some(Ok(StoreAddress::Sqlite(file))) => file.parent().map(Path::to_owned).unwrap_or_default(),
        Some(Ok(StoreAddress::Memory | StoreAddress::Postgres(_)) | Err(_)) | None => PathBuf::new(),
    };
    folder.join("ptgbot-matrix")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Allowed;
    use secrecy::ExposeSecret;

    fn settings(text: &str) -> Result<Settings, String> {
        let section: MatrixSection = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        section.settings(None).map_err(|e| e.to_string())
    }

    #[test]
    fn an_account_and_a_room_are_enough() {
        let settings = settings("user = '@ptgbot:example.org'\nroom = '#ptg:example.org'").expect("settings");
        assert_eq!((settings.homeserver.as_str(), settings.user.as_str()), ("example.org", "@ptgbot:example.org"));
        assert_eq!((settings.levels.voice, settings.levels.op), (1, 50));
        assert_eq!((settings.data.as_path(), settings.device_name.as_str()), (Path::new("ptgbot-matrix"), "ptgbot"));
        assert!(settings.secret.is_none() && settings.allowed.is_empty());
    }

    #[test]
    fn every_setting_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let token = folder.path().join("token");
        std::fs::write(&token, "sesame\n").expect("a file");
        let text = format!(
            "homeserver = 'https://matrix.example.org'\nuser = 'ptgbot'\ntoken_file = '{}'\ndata = '/srv/bot'\n\
             rooms = ['#ptg:example.org', '!abc', '#ptg:example.org']\nallowed = ['@jane:example.org', 'example.com']\n\
             voice_level = 10\nop_level = 90\nrecovery_key_file = 'key'\ndevice_name = 'the board'\n",
            token.display()
        );
        let settings = settings(&text).expect("settings");
        assert_eq!(settings.rooms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["#ptg:example.org", "!abc"]);
        assert!(matches!(settings.allowed.as_slice(), [Allowed::User(_), Allowed::Server(_)]));
        assert_eq!((settings.levels.voice, settings.levels.op), (10, 90));
        assert_eq!(settings.recovery_key_file.as_deref(), Some(Path::new("key")));
        assert_eq!((settings.data.as_path(), settings.device_name.as_str()), (Path::new("/srv/bot"), "the board"));
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
        assert!(fault(&format!("{user}op_level = 0")).contains("op_level 0"));
        assert!(fault(&format!("{user}allowed = ['jane doe']")).contains("allowed \"jane doe\""));
        assert!(fault(&format!("{user}password = 'sesame'")).contains("unknown field `password`"));
        assert!(fault(&format!("{user}password_file = '/nowhere'")).contains("/nowhere"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        std::fs::write(&file, "sesame").expect("a file");
        let both = format!("{user}password_file = '{0}'\ntoken_file = '{0}'", file.display());
        assert_eq!(fault(&both), "there is a password and an access token, too; give the bot one of them");
    }

    #[test]
    fn the_session_is_kept_beside_the_journal() {
        assert_eq!(beside(Some("sqlite:/srv/ptg/board.sqlite")), Path::new("/srv/ptg/ptgbot-matrix"));
        assert_eq!(beside(Some("sqlite:board.sqlite")), Path::new("ptgbot-matrix"));
        assert_eq!(beside(Some("memory:")), Path::new("ptgbot-matrix"));
    }
}
