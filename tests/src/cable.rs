//! The way between a bot and a server: it can be cut, and mended, and cut at one message.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A port of its own from which everything passes to a server's port, and back, while it is whole. It ends with the test.
#[derive(Debug)]
pub struct Cable {
    port: u16,
    state: watch::Sender<State>,
    messages: Arc<Mutex<Messages>>,
    accepting: AbortHandle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
}

/// Where a connection is cut, by a message to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing of the message arrives.
    Before,
    /// Half of it arrives.
    Within,
    /// It arrives, and its answer gets lost.
    After,
}

/// What has passed to the server: a message is what the client writes at once.
#[derive(Debug, Default)]
struct Messages {
    passed: usize,
    cut: Option<(usize, Cut)>,
}

impl Cable {
    /// A cable to a port of 127.0.0.1.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("the loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (state, messages) = (watch::Sender::new(State::Whole), Arc::default());
        let (seen, counted) = (state.subscribe(), Arc::clone(&messages));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server, seen.clone(), Arc::clone(&counted)));
            }
        });
        Self { port, state, messages, accepting: accepting.abort_handle() }
    }

    /// Where the near end is.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Breaks all connections, and each new one at once.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Lets new connections pass.
    pub fn mend(&self) {
        self.state.send_replace(State::Whole);
    }

    /// Breaks one connection when the client sends its next message but so many; new ones pass.
    pub fn cut_once(&self, after: usize, cut: Cut) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.cut = Some((messages.passed + after, cut));
    }

    /// How many messages have passed to the server.
    pub fn passed(&self) -> usize {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).passed
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One more message is to pass: where it is cut, if it is.
fn next(messages: &Mutex<Messages>) -> Option<Cut> {
    let mut messages = messages.lock().unwrap_or_else(PoisonError::into_inner);
    let passed = messages.passed;
    messages.passed += 1;
    messages.cut.take_if(|(at, _)| *at <= passed).map(|(_, cut)| cut)
}

async fn connect(client: TcpStream, server: u16, mut state: watch::Receiver<State>, messages: Arc<Mutex<Messages>>) {
    tokio::select! {
        biased;
        _ = state.wait_for(|state| *state == State::Cut) => {}
        // Whichever side hung up, the other sees it.
        _ = pass_on(client, server, &messages) => {}
    }
}

/// Passes everything on until a side hangs up or a message is cut.
async fn pass_on(mut client: TcpStream, server: u16, messages: &Mutex<Messages>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    let (mut message, mut answer) = (vec![0; LONGEST], vec![0; LONGEST]);
    loop {
        tokio::select! {
            length = client.read(&mut message) => {
                let message = &message[..length?];
                if message.is_empty() {
                    return Ok(());
                }
                match next(messages) {
                    None => server.write_all(message).await?,
                    Some(Cut::Before) => return Ok(()),
                    Some(Cut::Within) => return server.write_all(&message[..message.len() / 2]).await,
                    Some(Cut::After) => {
                        server.write_all(message).await?;
                        return server.read(&mut answer).await.map(drop);
                    }
                }
            }
            length = server.read(&mut answer) => {
                let answer = &answer[..length?];
                if answer.is_empty() {
                    return Ok(());
                }
                client.write_all(answer).await?;
            }
        }
    }
}

/// How much passes at once.
const LONGEST: usize = 64 << 10;
