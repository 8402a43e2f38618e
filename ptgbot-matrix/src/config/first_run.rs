//! A first start without a configuration, with a person at the terminal: account, password and room are asked for, and the
//! account is tried at once.

use super::MatrixConfig;
use crate::causes::causes;
use crate::session;
use crate::settings::{Account, Homeserver, RoomSetting, Settings};
use ptgbot_runtime::{Config, ConfigDraft, ConfigError, Dialogue};
use secrecy::{ExposeSecret, SecretString};

impl MatrixConfig {
    /// True where nothing says which account or in which room: without that there is no bot.
    pub(crate) fn lacks_an_account_or_a_room(&self) -> bool {
        self.user.is_none() || self.rooms.is_empty() && self.allowed.is_empty()
    }

    /// Asks for what is not said yet, says how one becomes an op, and offers to write a configuration file.
    ///
    /// # Errors
    /// When nobody answers any more, or a secret that is named cannot be read.
    pub(crate) fn ask(&mut self, config: &mut Config, dialogue: &mut Dialogue<'_>) -> Result<(), ConfigError> {
        dialogue.say(INTRODUCTION)?;
        let user = match self.user.clone() {
            Some(user) => user,
            None => dialogue.ask(ACCOUNT, None, full_account)?,
        };
        self.user = Some(user.clone());
        let homeserver = self.ask_homeserver(&user, dialogue)?;
        let password = self.ask_password(&homeserver, &user, config, dialogue)?;
        if self.rooms.is_empty() && self.allowed.is_empty() {
            let room = |answer: &str| answer.parse::<RoomSetting>().map_err(|error| error.to_string());
            self.rooms.push(dialogue.ask("Room of the event, such as #my-event:example.org", None, room)?);
        }
        config.has_a_page();
        dialogue.say(format_args!("\n{}\n", how_to_be_op(&user)))?;
        self.draft(config, password.as_ref()).offer(dialogue)?;
        if let Some(password) = password {
            config.secrets = [("matrix_password", password)].into_iter().collect();
        }
        dialogue.ask("Enter starts the bot, Ctrl-C ends it", Some("start"), |_| Ok(()))?;
        Ok(())
    }

    /// The homeserver that the account's name tells, asked for where nothing answers under that name.
    fn ask_homeserver(&mut self, user: &Account, dialogue: &mut Dialogue<'_>) -> Result<Homeserver, ConfigError> {
        let named = match (&self.homeserver, user) {
            (Some(homeserver), _) => Some(homeserver.clone()),
            (None, Account::Full(user)) => Some(Homeserver::Name(user.server_name().to_owned())),
            (None, Account::First(_)) => None,
        };
        if let Some(homeserver) = named {
            match answers(&homeserver, user) {
                Ok(()) => return Ok(homeserver),
                Err(reason) => dialogue.say(format_args!("  {reason}."))?,
            }
        }
        let homeserver = dialogue.ask(HOMESERVER, None, |answer| {
            let homeserver = answer.parse::<Homeserver>().map_err(|error| error.to_string())?;
            answers(&homeserver, user).map(|()| homeserver)
        })?;
        self.homeserver = Some(homeserver.clone());
        Ok(homeserver)
    }

    /// Asks for the password until it is right; `None` where a session is kept or the secret is known.
    fn ask_password(
        &self,
        homeserver: &Homeserver,
        user: &Account,
        config: &Config,
        dialogue: &mut Dialogue<'_>,
    ) -> Result<Option<SecretString>, ConfigError> {
        let data = self.data.clone().unwrap_or_else(|| super::beside(config.store.as_ref()));
        let is_kept = session::kept(&data).is_ok_and(|kept| kept.is_some_and(|kept| kept.session.is_some()));
        let password = config.secrets.find("matrix_password", self.password_file.as_deref())?;
        let token = config.secrets.find("matrix_token", self.token_file.as_deref())?;
        if is_kept || password.is_some() || token.is_some() {
            return Ok(None);
        }
        loop {
            let password = dialogue.ask_secret(&format!("Password of {user}"))?;
            match opens(homeserver, user, &password) {
                Ok(()) => return Ok(Some(password)),
                Err(reason) => dialogue.say(format_args!("  {reason}."))?,
            }
        }
    }

    fn draft(&self, config: &Config, password: Option<&SecretString>) -> ConfigDraft {
        let mut draft = ConfigDraft::new("ptgbot-matrix", config);
        draft.section("matrix");
        if let Some(user) = &self.user {
            draft.set("user", user.to_string(), "Account of the bot.");
        }
        if let Some(homeserver) = &self.homeserver {
            draft.set("homeserver", homeserver.to_string(), "Where the account is.");
        }
        if let Some(password) = password {
            let meaning = "File with the password; needed on the first start only.";
            draft.secret("password_file", "matrix-password", password.clone(), meaning);
        }
        let rooms: Vec<String> = self.rooms.iter().map(ToString::to_string).collect();
        if !rooms.is_empty() {
            draft.set("rooms", rooms, "Rooms of the event.");
        }
        draft.propose("owner", "@jane:example.org", "Who may verify the bot by emojis.");
        draft.propose("board_message", true, "One pinned message a room that shows now and next.");
        draft
    }
}

fn full_account(answer: &str) -> Result<Account, String> {
    match answer.parse::<Account>() {
        Ok(Account::First(first)) => Err(format!("in full, with its server: @{first}:example.org")),
        Ok(full) => Ok(full),
        Err(error) => Err(error.to_string()),
    }
}

/// Finds a homeserver.
fn answers(homeserver: &Homeserver, user: &Account) -> Result<(), String> {
    visit(homeserver, user, async |client| client.server_versions().await.map(drop).map_err(|error| causes(&error)))
}

/// Signs in, and out again.
fn opens(homeserver: &Homeserver, user: &Account, password: &SecretString) -> Result<(), String> {
    let settings = settings(homeserver, user)?;
    visit(homeserver, user, async |client| {
        let login = client.matrix_auth().login_username(user.to_string(), password.expose_secret());
        let tried = login.initial_device_display_name("ptgbot-matrix, first start").send().await;
        tried.map_err(|error| session::refused(&settings, &error).to_string())?;
        client.matrix_auth().logout().await.map(drop).map_err(|error| causes(&error))
    })
}

fn visit(
    homeserver: &Homeserver,
    user: &Account,
    work: impl AsyncFnOnce(matrix_sdk::Client) -> Result<(), String>,
) -> Result<(), String> {
    let settings = settings(homeserver, user)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let client = session::visitor(&settings, None).await.map_err(|error| causes(&error))?;
        work(client).await
    })
}

fn settings(homeserver: &Homeserver, user: &Account) -> Result<Settings, String> {
    Settings::new(homeserver.clone(), user.clone(), "").map_err(|error| error.to_string())
}

fn how_to_be_op(user: &Account) -> String {
    format!(
        "Whoever has power level 50 (moderator) in the room runs the event: who made the room has it, and gives it to\n\
         others in the room's settings, under Roles. Invite {user} to the room now, if it is not open to everybody."
    )
}

const INTRODUCTION: &str = "ptgbot-matrix has no configuration, so it asks for three things. (With --config FILE, or with flags, it does not.)\n";
const ACCOUNT: &str = "Account of the bot, such as @ptgbot:example.org (made for it, and used by nobody else)";
const HOMESERVER: &str = "Address of its homeserver, such as https://matrix.example.org";
