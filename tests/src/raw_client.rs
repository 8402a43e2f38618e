//! A second IRC client that speaks lines, so that a test sees what any other
//! person sees, byte for byte, and not what a library makes of it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, split};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

use crate::certificates::Identity;
use crate::deadline::PATIENCE;
use crate::ircd::{Ircd, OPER, OPER_PASSWORD, QUICK_USER};
use crate::transcript::Transcript;

/// A connection to a test's server. It answers PING by itself and keeps every
/// line it saw. Dropping it breaks the connection without a QUIT.
#[derive(Debug)]
pub struct RawClient {
    nick: String,
    outgoing: mpsc::UnboundedSender<String>,
    incoming: Transcript,
    next: usize,
    fences: usize,
}

impl RawClient {
    /// A person on the server, without flood limits, past the message of the day.
    pub async fn register(ircd: &Ircd, nick: &str) -> Self {
        let mut client = Self::connect(ircd).await;
        client.introduce(nick, QUICK_USER).await;
        client
    }

    /// A person with the flood limits that everybody has.
    pub async fn register_limited(ircd: &Ircd, nick: &str) -> Self {
        let mut client = Self::connect(ircd).await;
        client.introduce(nick, "slow").await;
        client
    }

    /// A person over TLS, verified, perhaps with a client certificate.
    pub async fn register_tls(ircd: &Ircd, nick: &str, identity: Option<&Identity>) -> Self {
        let mut client = Self::connect_tls(ircd, identity).await;
        client.introduce(nick, QUICK_USER).await;
        client
    }

    /// A connection that has said nothing yet.
    pub async fn connect(ircd: &Ircd) -> Self {
        Self::over(tcp(ircd.port()).await)
    }

    /// A TLS connection that has verified the server and said nothing yet.
    pub async fn connect_tls(ircd: &Ircd, identity: Option<&Identity>) -> Self {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_file(&ircd.certificates().authority);
        roots.add(authority.expect("openssl wrote a certificate")).expect("a certificate that rustls reads");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows them")
            .with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(identity) => config
                .with_client_auth_cert(vec![certificate(identity)], key(identity))
                .expect("certificate and key belong together"),
        };
        let name = ServerName::try_from("localhost").expect("a valid name");
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, tcp(ircd.tls_port()).await)
            .await
            .expect("the server's certificate is by the authority, for localhost");
        Self::over(stream)
    }

    /// Sends NICK and USER and waits for the end of the message of the day.
    /// As [`QUICK_USER`] it has no flood limits.
    pub async fn introduce(&mut self, nick: &str, user: &str) {
        if user == QUICK_USER {
            // InspIRCd knows quick clients by a password, ircd-hybrid by name.
            self.send_raw(&format!("PASS {QUICK_USER}"));
        }
        self.send_raw(&format!("NICK {nick}"));
        self.send_raw(&format!("USER {user} 0 * :{nick} of one test"));
        let welcome = self.expect("the end of the welcome", |line| matches!(numeric(line), Some("376" | "422"))).await;
        let nick = welcome.split(' ').nth(2).expect("a numeric names its reader");
        nick.clone_into(&mut self.nick);
    }

    /// The nick it registered with, or took since by [`nick`](Self::nick).
    pub fn name(&self) -> &str {
        &self.nick
    }

    /// Sends a line as it is, CRLF added.
    pub fn send_raw(&self, line: &str) {
        // A broken connection shows when an answer is awaited.
        let _ = self.outgoing.send(format!("{line}\r\n"));
    }

    /// A message to a channel or person.
    pub fn say(&self, target: &str, text: &str) {
        self.send_raw(&format!("PRIVMSG {target} :{text}"));
    }

    /// A notice to a channel or person.
    pub fn notice(&self, target: &str, text: &str) {
        self.send_raw(&format!("NOTICE {target} :{text}"));
    }

    /// Enters a channel and waits for its names. Who comes first is an op.
    pub async fn join(&mut self, channel: &str) {
        self.send_raw(&format!("JOIN {channel}"));
        let end = format!(" {channel} :");
        self.expect("the end of the names", |line| numeric(line) == Some("366") && line.contains(&end)).await;
    }

    /// Leaves a channel.
    pub async fn part(&mut self, channel: &str) {
        self.send_raw(&format!("PART {channel}"));
        self.expect_own("PART", channel).await;
    }

    /// Changes modes, for example `mode("#ptg", "+v jane")`, and waits until
    /// the server says so.
    pub async fn mode(&mut self, target: &str, change: &str) {
        self.send_raw(&format!("MODE {target} {change}"));
        self.expect_own("MODE", target).await;
    }

    /// Removes a person from a channel and waits until the server says so.
    pub async fn kick(&mut self, channel: &str, nick: &str, why: &str) {
        self.send_raw(&format!("KICK {channel} {nick} :{why}"));
        self.expect_own("KICK", &format!("{channel} {nick} :")).await;
    }

    /// Takes another nick and waits until the server says so.
    pub async fn nick(&mut self, nick: &str) {
        self.send_raw(&format!("NICK {nick}"));
        self.expect_own("NICK", &format!(":{nick}")).await;
        nick.clone_into(&mut self.nick);
    }

    /// Becomes an operator of the server.
    pub async fn oper(&mut self) {
        self.send_raw(&format!("OPER {OPER} {OPER_PASSWORD}"));
        self.expect("operator rights", |line| numeric(line) == Some("381")).await;
    }

    /// Breaks a person's connection; needs [`oper`](Self::oper).
    pub fn kill(&self, nick: &str, why: &str) {
        self.send_raw(&format!("KILL {nick} :{why}"));
    }

    /// All lines of the answer to WHOIS.
    pub async fn whois(&mut self, nick: &str) -> Vec<String> {
        self.send_raw(&format!("WHOIS {nick}"));
        let from = self.next;
        self.expect("the end of WHOIS", |line| numeric(line) == Some("318")).await;
        self.incoming.lines()[from..self.next].to_vec()
    }

    /// Whether the server tells this third party that a person is identified to
    /// services for the nick in use (307). An account alone (330) does not count:
    /// it stays when the person takes another nick.
    pub async fn sees_identified(&mut self, nick: &str) -> bool {
        let whois = self.whois(nick).await;
        whois.iter().any(|line| numeric(line) == Some("307"))
    }

    /// The names in a channel with their marks, as the server lists them now.
    pub async fn names(&mut self, channel: &str) -> Vec<String> {
        self.send_raw(&format!("NAMES {channel}"));
        let from = self.next;
        self.expect("the end of the names", |line| numeric(line) == Some("366")).await;
        self.incoming.lines()[from..self.next]
            .iter()
            .filter(|line| numeric(line) == Some("353"))
            .filter_map(|line| line.rsplit_once(" :"))
            .flat_map(|(_, names)| names.split_whitespace().map(str::to_owned))
            .collect()
    }

    /// Waits for the next line that is meant, passing over others. Lines
    /// before it are not looked at again by `expect`, only by [`log`](Self::log).
    ///
    /// # Panics
    /// When it does not come in time or the connection ends; shows the log.
    pub async fn expect(&mut self, what: &str, is_meant: impl FnMut(&str) -> bool) -> String {
        self.expect_within(what, PATIENCE, is_meant).await
    }

    /// [`expect`](Self::expect) with a deadline of its own.
    pub async fn expect_within(
        &mut self,
        what: &str,
        deadline: Duration,
        is_meant: impl FnMut(&str) -> bool,
    ) -> String {
        let found = self.incoming.wait_for(what, deadline, self.next, is_meant).await;
        match found {
            Ok((place, line)) => {
                self.next = place + 1;
                line
            }
            Err(late) => panic!("{} waited: {late}; it saw {}", self.nick, self.incoming.tail()),
        }
    }

    /// Waits for any line by a person that contains a text, formatting aside:
    /// services write nicks in bold.
    pub async fn expect_from(&mut self, nick: &str, text: &str) -> String {
        let from = format!(":{nick}!");
        let what = format!("{text:?} from {nick}");
        self.expect(&what, |line| untagged(line).starts_with(&from) && unformatted(line).contains(text)).await
    }

    /// Waits until all that the server had for it has arrived, and gives the
    /// lines since the last awaited one: the way to see that nothing came.
    pub async fn fence(&mut self) -> Vec<String> {
        self.fences += 1;
        let token = format!("fence-{}", self.fences);
        let from = self.next;
        self.send_raw(&format!("PING {token}"));
        self.expect("PONG", |line| line.contains(" PONG ") && line.contains(&token)).await;
        self.incoming.lines()[from..self.next - 1].to_vec()
    }

    /// Waits until the connection is closed.
    ///
    /// # Panics
    /// When it stays open; shows the log.
    pub async fn closed(&mut self) {
        if let Err(late) = self.incoming.wait_for_end("the end", PATIENCE).await {
            panic!("{}: {late}; it saw {}", self.nick, self.incoming.tail());
        }
    }

    /// Every line it has seen.
    pub fn log(&self) -> Vec<String> {
        self.incoming.lines()
    }

    /// Leaves the server.
    pub async fn quit(mut self) {
        self.send_raw("QUIT :done");
        self.closed().await;
    }

    async fn expect_own(&mut self, command: &str, parameters: &str) {
        let nick = self.nick.clone();
        let what = format!("{command} {parameters} by {nick}");
        self.expect(&what, |line| {
            let mut words = untagged(line).splitn(3, ' ');
            let by = words.next().unwrap_or_default();
            let by = by.trim_start_matches(':').split('!').next();
            by == Some(&nick)
                && words.next() == Some(command)
                && words
                    .next()
                    .is_some_and(|rest| rest.starts_with(parameters) || rest.starts_with(&format!(":{parameters}")))
        })
        .await;
    }

    fn over(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (reader, mut writer) = split(stream);
        let (outgoing, mut lines) = mpsc::unbounded_channel::<String>();
        tokio::spawn(async move {
            while let Some(line) = lines.recv().await {
                if writer.write_all(line.as_bytes()).await.is_err() || writer.flush().await.is_err() {
                    return;
                }
            }
            // Nobody holds the client any more.
            let _ = writer.shutdown().await;
        });
        let incoming = Transcript::new();
        let (seen, answers) = (incoming.clone(), outgoing.downgrade());
        tokio::spawn(async move {
            let mut lines = BufReader::new(reader).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                let line = line.trim_end_matches('\r');
                if let Some(token) = line.strip_prefix("PING ")
                    && let Some(answers) = answers.upgrade()
                {
                    let _ = answers.send(format!("PONG {token}\r\n"));
                }
                seen.push(line.to_owned());
            }
            seen.end();
        });
        Self { nick: String::new(), outgoing, incoming, next: 0, fences: 0 }
    }
}

/// The three digits of a server's numeric answer.
pub fn numeric(line: &str) -> Option<&str> {
    let word = untagged(line).split(' ').nth(1)?;
    (word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

/// A line without its IRCv3 message tags.
pub fn untagged(line: &str) -> &str {
    match line.strip_prefix('@') {
        Some(tagged) => tagged.split_once(' ').map_or("", |(_, rest)| rest),
        None => line,
    }
}

/// A line without bold, underline and other marks of one character.
pub fn unformatted(line: &str) -> String {
    line.replace(['\u{2}', '\u{f}', '\u{16}', '\u{1d}', '\u{1f}'], "")
}

async fn tcp(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.expect("the server takes connections")
}

fn certificate(identity: &Identity) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(&identity.certificate).expect("openssl wrote a certificate")
}

fn key(identity: &Identity) -> PrivateKeyDer<'static> {
    let pem = fs::read(&identity.key).expect("openssl wrote a key");
    PrivateKeyDer::from_pem_slice(&pem).expect("openssl wrote a key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_are_found_behind_tags() {
        assert_eq!(numeric(":irc.test 353 jane = #c :@jane"), Some("353"));
        assert_eq!(numeric("@time=now :irc.test 318 jane x :End"), Some("318"));
        assert_eq!(numeric(":jane!j@h PRIVMSG #c :353"), None);
        assert_eq!(numeric("PING :x"), None);
    }

    #[test]
    fn bold_is_no_part_of_a_text() {
        assert_eq!(unformatted("Nickname \u{2}jane\u{2} registered"), "Nickname jane registered");
    }
}
