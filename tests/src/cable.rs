//! The way between a bot and a server: it can be cut, and mended.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A port of its own from which everything passes to a server's port, and back, while it is whole. It ends with the test.
#[derive(Debug)]
pub struct Cable {
    port: u16,
    state: watch::Sender<State>,
    accepting: AbortHandle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    Cut,
}

impl Cable {
    /// A cable to a port of 127.0.0.1.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("the loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = watch::Sender::new(State::Whole);
        let seen = state.subscribe();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, server, seen.clone()));
            }
        });
        Self { port, state, accepting: accepting.abort_handle() }
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
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass_on(mut client: TcpStream, server: u16, mut state: watch::Receiver<State>) {
    let connection = async {
        let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
        copy_bidirectional(&mut client, &mut server).await
    };
    tokio::select! {
        biased;
        _ = state.wait_for(|state| *state == State::Cut) => {}
        // Whichever side hung up, the other sees it.
        _ = connection => {}
    }
}
