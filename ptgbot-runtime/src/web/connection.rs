//! One connection. Plain requests for files that are ready are answered right here: the head of the answer is written
//! beforehand, and a large answer goes from a file in memory to the socket without a copy. A listener becomes a task of
//! its own that takes little memory. At the first request of any other kind hyper takes over, with what was read.

use super::events::{self, Listener};
use super::page::Choice;
use super::request::{self, Begun, Method};
use super::rewound::Rewound;
use super::routes;
use super::send::Sender;
use super::server::{HEAD_SIZE, HEAD_TIME, Server};
use bytes::{Buf, Bytes, BytesMut};
use hyper::StatusCode;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until};

/// Serves one connection until its end. It holds its place as long.
pub(super) async fn serve(stream: TcpStream, server: Arc<Server>, place: OwnedSemaphorePermit) {
    let mut connection = Connection { stream, read: BytesMut::with_capacity(READ_SIZE), sender: Sender::default() };
    let ended: Result<(), Box<dyn Error + Send + Sync>> = match connection.answer_plain(&server).await {
        Ok(Next::End) => Ok(()),
        Ok(Next::Listen(listener)) => {
            // In a task of its own, for this one has room for much more.
            tokio::spawn(listen(connection.stream, server.listening.clone(), listener, place));
            return;
        }
        Ok(Next::Other) => Box::pin(connection.hand_over(&server)).await.map_err(Into::into),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a web connection ended early");
    }
}

struct Connection {
    stream: TcpStream,
    /// What was read and not yet answered.
    read: BytesMut,
    sender: Sender,
}

/// How a connection goes on.
enum Next {
    /// Not at all.
    End,
    /// With events.
    Listen(Box<Listener>),
    /// With a request that is not plain, or for something that is not ready.
    Other,
}

impl Connection {
    /// Answers one plain request after the other.
    async fn answer_plain(&mut self, server: &Server) -> io::Result<Next> {
        let mut stopped = pin!(server.stop.asked());
        let mut deadline = Instant::now() + HEAD_TIME;
        let mut timer = pin!(sleep_until(deadline));
        loop {
            match request::read(&self.read) {
                Begun::Plain(plain) => {
                    let path = routes::site_path(plain.path);
                    let Some(page) = path.and_then(|path| server.site.ready(&path, plain.query)) else {
                        if plain.path != "events" || plain.method != Method::Get {
                            return Ok(Next::Other);
                        }
                        let listener = events::listen(&server.site, &server.listeners, plain.last_event);
                        return Ok(listener.map_or(Next::Other, |listener| Next::Listen(Box::new(listener))));
                    };
                    let choice = page.choose(&plain.asked);
                    server.site.metrics().request(match choice {
                        Choice::Whole(_) => StatusCode::OK,
                        Choice::Known(_) => StatusCode::NOT_MODIFIED,
                    });
                    self.sender.send(&mut self.stream, choice, plain.method).await?;
                    self.read.advance(plain.length);
                    deadline = Instant::now() + HEAD_TIME;
                    continue;
                }
                Begun::Partial if self.read.len() < HEAD_SIZE => {}
                Begun::Partial | Begun::Other => return Ok(Next::Other),
            }
            if self.read.is_empty() && self.read.capacity() > 4 * READ_SIZE {
                self.read = BytesMut::new();
            }
            self.read.reserve(READ_SIZE);
            tokio::select! {
                biased;
                read = self.stream.read_buf(&mut self.read) => match read? {
                    0 => return Ok(Next::End),
                    _ => continue,
                },
                () = &mut timer => {}
                () = &mut stopped => return Ok(Next::End),
            }
            // The timer runs on while requests come; only when it rings is it looked at.
            if Instant::now() >= deadline {
                return Ok(Next::End);
            }
            timer.as_mut().reset(deadline);
        }
    }

    /// Lets hyper go on from here.
    async fn hand_over(self, server: &Arc<Server>) -> Result<(), hyper::Error> {
        let stream = TokioIo::new(Rewound::new(self.read.freeze(), self.stream));
        let service = service_fn(|request| server.answer(request));
        let mut connection = pin!(server.http.serve_connection(stream, service));
        tokio::select! {
            ended = &mut connection => return ended,
            () = server.stop.asked() => {}
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    }
}

/// Writes events until there are no more or the client leaves.
async fn listen(mut stream: TcpStream, head: Bytes, mut listener: Box<Listener>, _place: OwnedSemaphorePermit) {
    if stream.write_all(&head).await.is_err() {
        return;
    }
    drop(head);
    loop {
        let words = tokio::select! {
            words = listener.next() => words,
            // The client leaves. (Or it asks for something more, which it cannot have here.)
            _ = stream.readable() => {
                match stream.try_read(&mut [0; 1]) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                    Ok(_) | Err(_) => return,
                }
            }
        };
        let Some(words) = words else { return };
        if stream.write_all(words.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// What most requests fit into.
const READ_SIZE: usize = 1024;
