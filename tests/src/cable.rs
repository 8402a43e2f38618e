//! The way between a bot and a server: it can be cut, and mended, and cut at one message.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A port of its own from which everything passes to a server's port, and back, while it is whole. It ends with the test.
#[derive(Debug)]
pub struct Cable {
    port: u16,
    state: watch::Sender<State>,
    coming: Arc<Coming>,
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

/// A cut that is to come.
#[derive(Debug)]
pub struct ToBeCut<'a> {
    coming: &'a Coming,
}

impl ToBeCut<'_> {
    /// Whether the connection was broken.
    pub fn has_come(&self) -> bool {
        lock(self.coming).is_none()
    }
}

impl Drop for ToBeCut<'_> {
    fn drop(&mut self) {
        *lock(self.coming) = None;
    }
}

/// How many messages to the server pass before one is cut, and where that is. A message is what the client writes at once.
type Coming = Mutex<Option<(usize, Cut)>>;

impl Cable {
    /// A cable to a port of 127.0.0.1.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("the loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (state, coming) = (watch::Sender::new(State::Whole), Arc::default());
        let (seen, cut) = (state.subscribe(), Arc::clone(&coming));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server, seen.clone(), Arc::clone(&cut)));
            }
        });
        Self { port, state, coming, accepting: accepting.abort_handle() }
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

    /// Breaks one connection when the client sends its next message but so many, unless what is given here is dropped
    /// before; new ones pass.
    pub fn cut_once(&self, after: usize, cut: Cut) -> ToBeCut<'_> {
        *lock(&self.coming) = Some((after, cut));
        ToBeCut { coming: &self.coming }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One more message is to pass: where it is cut, if it is.
fn next(coming: &Coming) -> Option<Cut> {
    let mut coming = lock(coming);
    let (left, _) = coming.as_mut()?;
    match left.checked_sub(1) {
        Some(fewer) => {
            *left = fewer;
            None
        }
        None => coming.take().map(|(_, cut)| cut),
    }
}

fn lock(coming: &Coming) -> MutexGuard<'_, Option<(usize, Cut)>> {
    coming.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn connect(client: TcpStream, server: u16, mut state: watch::Receiver<State>, coming: Arc<Coming>) {
    tokio::select! {
        biased;
        _ = state.wait_for(|state| *state == State::Cut) => {}
        // Whichever side hung up, the other sees it.
        _ = pass_on(client, server, &coming) => {}
    }
}

/// Passes everything on until a side hangs up or a message is cut.
async fn pass_on(mut client: TcpStream, server: u16, coming: &Coming) -> std::io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
    let (mut message, mut answer) = (vec![0; LONGEST], vec![0; LONGEST]);
    loop {
        tokio::select! {
            length = client.read(&mut message) => {
                let message = &message[..length?];
                if message.is_empty() {
                    return Ok(());
                }
                match next(coming) {
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
