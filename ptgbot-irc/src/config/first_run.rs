//! A first start without a configuration, with a person at the terminal: server, channel and nick are asked for, and each
//! answer is tried at once.

use super::{ChannelEntry, IrcConfig};
use crate::connection;
use crate::error::IrcError;
use crate::settings::{Security, Settings};
use crate::tls;
use crate::word::{ChannelName, Host, Nick};
use ptgbot_runtime::{Config, ConfigDraft, ConfigError, Dialogue};
use std::net::{IpAddr, SocketAddr};

impl IrcConfig {
    /// True where nothing says in which channel the event is: without that there is no bot.
    pub(crate) fn lacks_a_channel(&self) -> bool {
        self.channels.is_empty()
    }

    /// Asks for what is not said yet, says how one becomes an op, and offers to write a configuration file.
    ///
    /// # Errors
    /// When nobody answers any more.
    pub(crate) fn ask(&mut self, config: &mut Config, dialogue: &mut Dialogue<'_>) -> Result<(), ConfigError> {
        dialogue.say(INTRODUCTION)?;
        if self.server.is_none() {
            self.ask_server(dialogue)?;
        }
        let channel = dialogue.ask("Channel of the event, such as #my-event", None, |answer| {
            answer.parse::<ChannelName>().map_err(|error| error.to_string())
        })?;
        if self.nick.is_none() {
            let nick = |answer: &str| answer.parse::<Nick>().map_err(|error| error.to_string());
            self.nick = Some(dialogue.ask("Nick of the bot", Some("ptgbot"), nick)?);
        }
        self.channels.push(ChannelEntry::Open(channel.clone()));
        config.has_a_page();
        self.draft(config, &channel).offer(dialogue)?;
        dialogue.say(how_to_be_op(&channel))?;
        if let Some(address) = config.listen {
            dialogue.say(format_args!("The page will be at http://{address}.\n"))?;
        }
        dialogue.ask("Enter starts the bot, Ctrl-C ends it", None, |_| Ok(()))?;
        Ok(())
    }

    /// Asks until there is a server that answers: with TLS, or plainly where somebody wants that.
    fn ask_server(&mut self, dialogue: &mut Dialogue<'_>) -> Result<(), ConfigError> {
        loop {
            let (given, is_plain) = (self.port, self.no_tls || self.tls == Some(false));
            let security = self.security()?;
            let (host, port, answers) = dialogue.ask(SERVER, Some(DEFAULT_SERVER), |answer| {
                let (host, port) = address(answer)?;
                let port = port.or(given).unwrap_or(if is_plain { PLAIN_PORT } else { TLS_PORT });
                Ok((host.clone(), port, answer_of(host.as_str(), port, security.clone())?))
            })?;
            if answers == Answer::WithoutTls {
                let question =
                    format!("{host}:{port} speaks no TLS: everybody on the way can read along. Go on without");
                if !dialogue.confirm(&question, "no")? {
                    continue;
                }
                self.tls = Some(false);
            }
            (self.server, self.port) = (Some(host), Some(port));
            return Ok(());
        }
    }

    fn draft(&self, config: &Config, channel: &ChannelName) -> ConfigDraft {
        let mut draft = ConfigDraft::new("ptgbot-irc", config);
        draft.section("irc");
        if let Some(server) = &self.server {
            draft.set("server", server.as_str(), "Host name of the server.");
        }
        if let Some(port) = self.port {
            draft.set("port", i64::from(port), "Its port; 6697 is usual with TLS, 6667 without.");
        }
        if self.no_tls || self.tls == Some(false) {
            draft.set("tls", false, "No protection: for a server on this machine only.");
        }
        if let Some(nick) = &self.nick {
            draft.set("nick", nick.as_str(), "Nick of the bot.");
        }
        draft.set("channels", vec![channel.to_string()], "Channels of the event.");
        let meaning = "File with the password of the nick, once it is registered with NickServ.";
        draft.propose("password_file", "/etc/ptgbot/irc-password", meaning);
        draft
    }
}

/// How a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// As it should.
    Well,
    /// It is there, and speaks no TLS.
    WithoutTls,
}

/// Connects once and hangs up.
fn answer_of(host: &str, port: u16, security: Security) -> Result<Answer, String> {
    let told = |error: IrcError| error.to_string();
    let settings = Settings { security, ..Settings::new(host, port, "ptgbot", "#ptg").map_err(told)? };
    let connector = tls::connector(&settings.security).map_err(told)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    match runtime.block_on(connection::open(&settings, connector.as_ref())) {
        Ok(_) => Ok(Answer::Well),
        Err(IrcError::NotTls { .. }) => Ok(Answer::WithoutTls),
        Err(error @ IrcError::Certificate { .. }) => {
            Err(format!("{error}; --ca-file FILE trusts an authority of your own"))
        }
        Err(error) => Err(format!("{error}; HOST:PORT names another port")),
    }
}

/// `HOST`, or `HOST:PORT`.
fn address(answer: &str) -> Result<(Host, Option<u16>), String> {
    if let Ok(address) = answer.parse::<SocketAddr>() {
        return Ok((host(&address.ip().to_string())?, Some(address.port())));
    }
    match answer.rsplit_once(':') {
        Some((name, port)) if answer.parse::<IpAddr>().is_err() => {
            let port = port
                .parse()
                .map_err(|_| format!("{port:?} is no port: HOST, or HOST:PORT such as {DEFAULT_SERVER}:6697"))?;
            Ok((host(name)?, Some(port)))
        }
        Some(_) | None => Ok((host(answer)?, None)),
    }
}

fn host(written: &str) -> Result<Host, String> {
    written.parse().map_err(|error: IrcError| error.to_string())
}

/// With what to type once one is.
fn how_to_be_op(channel: &ChannelName) -> String {
    format!(
        "Whoever is an op (@) in {channel} runs the event. Join it now, before the bot does:\n\n    /join {channel}\n\n\
         The first in a new channel is its op, and makes others op with /mode {channel} +o NICK. Where others are ops\n\
         already, ask one of them. To stay op, register the channel where the network has ChanServ: /msg ChanServ help\n\
         register. When the bot is there, say in the channel:\n\n    ~add harbour\n    #harbour now tide tables\n"
    )
}

const INTRODUCTION: &str =
    "ptgbot-irc has no configuration, so it asks for three things. (With --config FILE, or with flags, it does not.)\n";
const SERVER: &str = "IRC server, or server:port; with TLS";
const DEFAULT_SERVER: &str = "irc.oftc.net";
const TLS_PORT: u16 = 6697;
const PLAIN_PORT: u16 = 6667;

#[cfg(test)]
mod tests {
    use super::*;
    use ptgbot_runtime::Secrets;
    use ptgbot_runtime::config::ConfigFile;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// A server that answers with words of its own, as one without TLS does, to as many as come.
    fn plain_server() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                // Who hangs up first has heard enough.
                stream.write_all(b":irc.test NOTICE * :*** Looking up your hostname\r\n").ok();
                stream.read_to_end(&mut Vec::new()).ok();
            }
        });
        port
    }

    #[test]
    fn three_answers_are_a_bot_and_a_file_that_says_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bot.toml");
        let port = plain_server();
        // No port; a port where nobody is; one without TLS, refused at first; a channel that is none; all in order then.
        let answers = format!(
            "127.0.0.1:x\n127.0.0.1:1\n127.0.0.1:{port}\n\n127.0.0.1:{port}\nyes\nmy event\nmy-event\n1bot\n\n{}\n\n",
            path.display()
        );
        let (mut shown, mut irc, mut config) = (Vec::new(), IrcConfig::default(), Config::default());
        irc.ask(&mut config, &mut Dialogue::over(answers.as_bytes(), &mut shown)).expect("answers");
        let shown = String::from_utf8(shown).expect("text");
        for reason in [
            "  \"x\" is no port: HOST, or HOST:PORT such as irc.oftc.net:6697.\n",
            "  cannot connect to 127.0.0.1:1: Connection refused",
            "holds a character that IRC does not allow there.\n",
            "  \"1bot\" cannot be a nick.\n",
            "\n    /join #my-event\n",
        ] {
            assert!(shown.contains(reason), "{reason}: {shown}");
        }
        let told = irc.settings(&Secrets::default()).expect("settings");
        let file = ConfigFile::read(&path).expect("TOML");
        let written: IrcConfig = file.section("irc").expect("a section");
        let written = written.settings(&Secrets::default()).expect("settings");
        assert_eq!(format!("{told:?}"), format!("{written:?}"));
        assert_eq!((written.port, written.channels[0].name.as_str()), (port, "#my-event"));
        assert!(matches!(written.security, Security::Plain));
        let read = file.config(&["irc"]).expect("a configuration");
        assert_eq!((read.listen, config.listen.is_some()), (config.listen, true));
    }

    #[test]
    fn what_a_flag_says_is_not_asked() {
        let mut irc = IrcConfig {
            server: Some("irc.example.org".parse().expect("a host")),
            nick: Some("board".parse().expect("a nick")),
            ..IrcConfig::default()
        };
        let mut shown = Vec::new();
        irc.ask(&mut Config::default(), &mut Dialogue::over(&b"ptg\n-\n\n"[..], &mut shown)).expect("answers");
        let settings = irc.settings(&Secrets::default()).expect("settings");
        assert_eq!((settings.server.as_str(), settings.nick.as_str()), ("irc.example.org", "board"));
        assert!(!String::from_utf8(shown).expect("text").contains("IRC server"));
    }

    #[test]
    fn a_server_is_written_with_or_without_its_port() {
        let read = |answer: &str| address(answer).map(|(host, port)| (host.to_string(), port));
        assert_eq!(read("irc.oftc.net"), Ok(("irc.oftc.net".into(), None)));
        assert_eq!(read("irc.oftc.net:9999"), Ok(("irc.oftc.net".into(), Some(9999))));
        assert_eq!(read("::1"), Ok(("::1".into(), None)));
        assert_eq!(read("[::1]:6667"), Ok(("::1".into(), Some(6667))));
        assert!(read("").is_err() && read(":6697").is_err() && read("a b").is_err());
    }
}
