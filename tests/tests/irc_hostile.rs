//! The IRC transport against servers that behave badly: it is never stopped, only disconnected.

use futures_util::StreamExt;
use ptgbot_core::{Ask, Inbox, Outgoing, Outlet, Target, Transport};
use ptgbot_irc::{IrcTransport, Security, Settings};
use ptgbot_tests::deadline::PATIENCE;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A server that says what the test wants, byte for byte.
struct Server {
    listener: TcpListener,
}

/// One connection of the bot to it.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Server {
    async fn start() -> (Self, Inbox, Box<dyn Outlet>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let mut settings = Settings::new("127.0.0.1", port, "ptgbot", "#ptg").expect("settings");
        settings.security = Security::Plain;
        settings.timing.register = Duration::from_millis(500);
        settings.timing.reconnect_first = Duration::from_millis(10);
        settings.timing.reconnect_most = Duration::from_millis(50);
        settings.timing.silence = Duration::from_millis(500);
        settings.timing.pong = Duration::from_millis(500);
        let transport = IrcTransport::new(settings).expect("good settings");
        let (inbox, outlet) = Box::new(transport).open();
        (Self { listener }, inbox, outlet)
    }

    async fn accept(&self) -> Client {
        let (stream, _) =
            timeout(PATIENCE, self.listener.accept()).await.expect("the bot comes").expect("a connection");
        Client { stream: BufReader::new(stream) }
    }

    /// A connection on which the bot is in its channel.
    async fn accept_joined(&self) -> Client {
        let mut client = self.accept().await;
        client.until("USER ").await;
        client.send(b":irc.test 001 ptgbot :Welcome\r\n").await;
        client.until("JOIN #ptg").await;
        client.send(b":ptgbot!ptgbot@host.test JOIN #ptg\r\n:irc.test 353 ptgbot = #ptg :ptgbot @ann\r\n").await;
        client.send(b":irc.test 366 ptgbot #ptg :End\r\n").await;
        client
    }
}

impl Client {
    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the bot listens");
    }

    /// Reads until a line begins like this.
    async fn until(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            let read = timeout(PATIENCE, self.stream.read_line(&mut line))
                .await
                .unwrap_or_else(|_| panic!("no {start:?} in time"));
            assert!(read.expect("a connection") > 0, "the bot left before {start:?}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    async fn closed(&mut self) {
        let mut line = String::new();
        let closed = async {
            while self.stream.read_line(&mut line).await.is_ok_and(|n| n > 0) {
                line.clear();
            }
        };
        timeout(PATIENCE, closed).await.expect("the bot gives this connection up");
    }
}

async fn hears(inbox: &mut Inbox) -> String {
    let heard = timeout(PATIENCE, inbox.next()).await.expect("a message in time");
    match heard.expect("a network").expect("a message").request.ask {
        Ask::Said(text) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn bytes_that_are_no_irc_are_passed_over() {
    let (server, mut inbox, _outlet) = Server::start().await;
    let mut client = server.accept_joined().await;
    client.send(b"\r\n\n:\r\n: \r\n@\r\n@a=b\r\n \r\n\0\r\nMODE\r\n:x MODE #ptg\r\n:x MODE #ptg +\r\n353\r\n366\r\n005 x =\r\n").await;
    client.send(b"PING\r\nPONG\r\nCAP\r\nCAP * LS\r\nKICK #ptg\r\nNICK\r\n:irc.test 005 ptgbot PREFIX=(ov)\r\n").await;
    client.send(b":ann!a@h PRIVMSG #ptg :caf\xe9 \xff\xfe\r\n").await;
    assert_eq!(hears(&mut inbox).await, "caf\u{fffd} \u{fffd}\u{fffd}");
    client.send(b":ann!a@h PRIVMSG #ptg :bare line end\nPING :still there\r\n").await;
    assert_eq!(hears(&mut inbox).await, "bare line end");
    assert_eq!(client.until("PONG").await, "PONG :still there\r\n");
}

#[tokio::test]
async fn a_line_without_an_end_costs_the_server_its_connection() {
    let (server, mut inbox, _outlet) = Server::start().await;
    let mut client = server.accept_joined().await;
    client.stream.write_all(&vec![b'x'; 64 * 1024]).await.ok();
    client.closed().await;
    let mut client = server.accept_joined().await;
    client.send(b":ann!a@h PRIVMSG #ptg :hello again\r\n").await;
    assert_eq!(hears(&mut inbox).await, "hello again");
}

#[tokio::test]
async fn a_server_that_never_welcomes_is_left_and_tried_again() {
    let (server, _inbox, _outlet) = Server::start().await;
    let mut client = server.accept().await;
    client.send(b"CAP * LS :multi-prefix\r\n").await;
    client.closed().await;
    server.accept().await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_and_tried_again() {
    let (server, _inbox, _outlet) = Server::start().await;
    let mut client = server.accept_joined().await;
    client.until("PING ptgbot-").await;
    client.closed().await;
    server.accept_joined().await;
}

#[tokio::test]
async fn what_a_lost_connection_swallowed_is_said_on_the_next() {
    let (server, mut inbox, mut outlet) = Server::start().await;
    let mut client = server.accept_joined().await;
    client.send(b":ann!a@h PRIVMSG #ptg :hello\r\n").await;
    hears(&mut inbox).await;
    outlet.ready().await;
    let (to, user, in_reply_to) = (Target::Room("#ptg".into()), None, None);
    let sending = outlet.send(Outgoing::Reply { to, user, in_reply_to, reply: "kept".into() });
    client.until("PRIVMSG #ptg").await;
    drop(client);
    let mut client = server.accept_joined().await;
    assert_eq!(client.until("PRIVMSG").await, "PRIVMSG #ptg kept\r\n");
    let question = client.until("PING ").await;
    client.send(format!(":irc.test PONG irc.test :{}", &question["PING ".len()..]).as_bytes()).await;
    timeout(PATIENCE, sending).await.expect("in time").expect("taken");
}

#[tokio::test]
async fn a_refused_server_password_ends_the_bot_with_a_clear_word() {
    let (server, mut inbox, _outlet) = Server::start().await;
    let mut client = server.accept().await;
    client.until("USER ").await;
    client.send(b":irc.test 464 * :Password incorrect\r\n").await;
    let ended = timeout(PATIENCE, inbox.next()).await.expect("in time").expect("an end");
    let error = ended.expect_err("a refusal").to_string();
    assert!(error.ends_with("refuses the server password: Password incorrect"), "{error}");
}

#[tokio::test]
async fn a_later_ban_is_waited_out() {
    let (server, _inbox, _outlet) = Server::start().await;
    drop(server.accept_joined().await);
    let mut client = server.accept().await;
    client.until("USER ").await;
    client.send(b":irc.test 465 * :You are banned\r\n").await;
    client.closed().await;
    server.accept_joined().await;
}
