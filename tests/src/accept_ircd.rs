//! A server that the test plays itself, with a rule that no installed server has: OFTC's accept list.
//!
//! Whoever its one client, the bot, sends a PRIVMSG is put on the bot's own accept list. When that is full, a message
//! to anybody else is not delivered and comes back as numeric 494. `ACCEPT -nick,-nick` makes room, `ACCEPT *` shows
//! who is on it. All other people are there by name only: the test speaks for them.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::deadline::PATIENCE;
use crate::transcript::Transcript;

/// The server; it ends with the test.
#[derive(Debug)]
pub struct AcceptIrcd {
    port: u16,
    to_bot: mpsc::UnboundedSender<String>,
    written: Transcript,
    heard: Transcript,
}

/// The bot's connection, seen from the server.
struct Connection {
    out: OwnedWriteHalf,
    nick: String,
    places: usize,
    list: Vec<String>,
    heard: Transcript,
}

impl AcceptIrcd {
    /// A server that waits for the bot on a port of 127.0.0.1.
    pub async fn start(places: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (to_bot, from_people) = mpsc::unbounded_channel();
        let server = Self { port, to_bot, written: Transcript::new(), heard: Transcript::new() };
        let (written, heard) = (server.written.clone(), server.heard.clone());
        tokio::spawn(async move {
            let (bot, _) = listener.accept().await.expect("the bot comes");
            serve(bot, places, from_people, &written, heard).await;
            written.end();
        });
        server
    }

    /// Where the bot is to connect, without TLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every line that the bot wrote.
    pub fn written(&self) -> &Transcript {
        &self.written
    }

    /// What was delivered: `nick text`, `#channel text`.
    pub fn heard(&self) -> &Transcript {
        &self.heard
    }

    /// Somebody says something in the channel or to the bot.
    pub fn says(&self, nick: &str, target: &str, text: &str) {
        // Without a bot nobody hears it, which shows soon enough.
        let _ = self.to_bot.send(format!(":{nick}!user@host PRIVMSG {target} :{text}\r\n"));
    }

    /// Waits until the bot is in a channel.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn joined(&self, channel: &str) {
        let join = format!("JOIN {channel}");
        let came = self.written.wait_for("the bot", PATIENCE, 0, |line| line == join).await;
        came.unwrap_or_else(|late| panic!("{late}; it wrote {}", self.written.tail()));
    }

    /// Waits until so many messages have been delivered that contain these words, and gives to whom.
    ///
    /// # Panics
    /// When fewer come in time.
    pub async fn hear(&self, number: usize, words: &str) -> Vec<String> {
        let mut who = Vec::new();
        let mut next = 0;
        while who.len() < number {
            let heard = self.heard.wait_for("a message", PATIENCE, next, |line| line.contains(words)).await;
            let (place, line) =
                heard.unwrap_or_else(|late| panic!("{late}; {} came: {}", who.len(), self.heard.tail()));
            next = place + 1;
            who.extend(line.split(' ').next().map(str::to_owned));
        }
        who
    }
}

async fn serve(
    bot: TcpStream,
    places: usize,
    mut from_people: mpsc::UnboundedReceiver<String>,
    written: &Transcript,
    heard: Transcript,
) {
    let (input, out) = bot.into_split();
    let mut lines = BufReader::new(input).lines();
    let mut connection = Connection { out, nick: String::new(), places, list: Vec::new(), heard };
    loop {
        tokio::select! {
            line = next_line(&mut lines) => match line {
                Some(line) => {
                    connection.line(&line).await;
                    written.push(line);
                }
                None => return,
            },
            Some(words) = from_people.recv() => connection.write(&words).await,
        }
    }
}

async fn next_line(lines: &mut tokio::io::Lines<BufReader<OwnedReadHalf>>) -> Option<String> {
    lines.next_line().await.ok().flatten()
}

impl Connection {
    async fn line(&mut self, line: &str) {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "CAP" if rest.starts_with("LS") => self.write(":irc.test CAP * LS :\r\n").await,
            "NICK" => rest.clone_into(&mut self.nick),
            "USER" => {
                self.reply("001", ":Welcome").await;
                self.reply("005", "CALLERID CASEMAPPING=rfc1459 CHANTYPES=# PREFIX=(ov)@+ :are supported").await;
                self.reply("422", ":MOTD File is missing").await;
            }
            "JOIN" => {
                self.write(&format!(":{}!bot@host JOIN {rest}\r\n", self.nick)).await;
                self.reply("353", &format!("= {rest} :@gibi {}", self.nick)).await;
                self.reply("366", &format!("{rest} :End of /NAMES list.")).await;
            }
            "PING" => self.write(&format!(":irc.test PONG irc.test :{rest}\r\n")).await,
            "PRIVMSG" => {
                let (to, text) = rest.split_once(' ').expect("words");
                self.privmsg(to, text.strip_prefix(':').unwrap_or(text)).await;
            }
            "ACCEPT" if rest == "*" => {
                for nicks in self.list.clone().chunks(5) {
                    self.reply("281", &nicks.join(" ")).await;
                }
                self.reply("282", ":End of /ACCEPT list.").await;
            }
            "ACCEPT" => {
                for nick in rest.split(',').filter_map(|word| word.strip_prefix('-')) {
                    match self.list.iter().position(|known| known.eq_ignore_ascii_case(nick)) {
                        Some(at) => drop(self.list.remove(at)),
                        None => self.reply("458", &format!("{nick} :is not on your accept list")).await,
                    }
                }
            }
            _ => {}
        }
    }

    async fn privmsg(&mut self, to: &str, text: &str) {
        let knows = self.list.iter().any(|known| known.eq_ignore_ascii_case(to));
        if !to.starts_with('#') && !knows {
            if self.list.len() >= self.places {
                let reason = "cannot answer you while you are +g, +j, or +G, your message was not sent";
                return self.reply("494", &format!("{to} :{reason}")).await;
            }
            self.list.push(to.to_owned());
        }
        self.heard.push(format!("{to} {text}"));
    }

    async fn reply(&mut self, numeric: &str, words: &str) {
        self.write(&format!(":irc.test {numeric} {} {words}\r\n", self.nick)).await;
    }

    async fn write(&mut self, line: &str) {
        // A bot that is gone reads nothing more.
        let _ = self.out.write_all(line.as_bytes()).await;
    }
}
