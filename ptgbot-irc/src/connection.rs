//! One connection: a socket, protected or not, read as IRC lines.
//!
//! Reading is the `irc` crate's: its codec (with replacement of bytes that are no UTF-8), its messages, its answers
//! to PING. Writing is ours: the crate writes what it is given into its log, passwords too, and cuts lines at a
//! stray line end without a word.

use crate::error::IrcError;
use crate::line::{shown, wire};
use crate::settings::Settings;
use crate::tls;
use futures_util::StreamExt;
use irc::client::data::Config;
use irc::client::transport::Transport;
use irc::error::Error;
use irc::proto::{Command, IrcCodec, Message};
#[cfg(feature = "bot")]
use rustls::pki_types::CertificateDer;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::codec::Framed;

/// The reading half of a connection.
pub(crate) struct Reader {
    lines: Pin<Box<Transport<Inward>>>,
    /// The crate's answers to PING.
    answers: mpsc::UnboundedReceiver<Message>,
    #[cfg(feature = "bot")]
    peer: Option<CertificateDer<'static>>,
    /// The crate's stream says "end" once after a line that it could not read, and then goes on.
    false_end: bool,
}

/// The writing half of a connection.
pub(crate) struct Writer {
    out: WriteHalf<Wire>,
    unwritten: VecDeque<u8>,
    unflushed: bool,
}

/// What came in.
pub(crate) enum Heard {
    /// A line.
    Line(Box<Message>),
    /// A line that the crate cannot read.
    Garbled,
    /// Nothing will come any more, and why.
    End(String),
}

/// Connects: name lookup, each address in turn, TLS. Each step has its time limit; the `irc` crate would wait for
/// ever.
///
/// # Errors
/// When there is no connection, or the server is not the one it should be.
pub(crate) async fn open(settings: &Settings, connector: Option<&TlsConnector>) -> Result<(Reader, Writer), IrcError> {
    let server = format!("{}:{}", settings.server, settings.port);
    let limit = settings.timing.connect;
    let failed = |source| IrcError::Connect { server: server.clone(), source };
    let late = || IrcError::ConnectTimeout { server: server.clone(), seconds: limit.as_secs() };

    let stream =
        connect(settings).await.map_err(|e| if e.kind() == io::ErrorKind::TimedOut { late() } else { failed(e) })?;
    stream.set_nodelay(true).map_err(failed)?;
    #[cfg(feature = "bot")]
    let mut peer = None;
    let wire: Wire = match connector {
        None => Box::new(stream),
        Some(connector) => {
            let secured =
                timeout(limit, tls::secure(connector, settings.server.as_str(), stream)).await.map_err(|_| late())?;
            let secured = secured.map_err(|source| match source.kind() {
                _ if tls::is_certificate_error(&source) => IrcError::Certificate { server: server.clone(), source },
                _ if tls::is_not_tls(&source) => IrcError::NotTls { server: server.clone(), source },
                io::ErrorKind::InvalidInput => IrcError::ServerName(settings.server.to_string()),
                _ => failed(source),
            })?;
            #[cfg(feature = "bot")]
            {
                let certificates = secured.get_ref().1.peer_certificates();
                peer = certificates.and_then(<[_]>::first).map(|certificate| certificate.clone().into_owned());
            }
            Box::new(secured)
        }
    };
    let (input, out) = tokio::io::split(wire);
    let codec = IrcCodec::new("utf-8").map_err(|e| IrcError::Setting(e.to_string()))?;
    let (to_us, answers) = mpsc::unbounded_channel();
    // The crate's own PINGs start after the MOTD only; the session has its own.
    let config = Config { ping_time: Some(u32::MAX), ..Config::default() };
    let lines = Box::pin(Transport::new(&config, Framed::new(Inward { input, line: 0 }, codec), to_us));
    let reader = Reader {
        lines,
        answers,
        #[cfg(feature = "bot")]
        peer,
        false_end: false,
    };
    Ok((reader, Writer { out, unwritten: VecDeque::new(), unflushed: false }))
}

impl Reader {
    /// The server's own certificate, on a protected connection.
    #[cfg(feature = "bot")]
    pub(crate) fn peer(&self) -> Option<&CertificateDer<'static>> {
        self.peer.as_ref()
    }

    /// The next line. Cancel safe.
    pub(crate) async fn heard(&mut self) -> Heard {
        loop {
            match self.lines.next().await {
                Some(Ok(message)) => {
                    self.false_end = false;
                    return Heard::Line(Box::new(message));
                }
                Some(Err(Error::Io(error))) => return Heard::End(error.to_string()),
                Some(Err(error @ (Error::PingTimeout | Error::AsyncChannelClosed))) => {
                    return Heard::End(error.to_string());
                }
                Some(Err(_)) => {
                    self.false_end = true;
                    return Heard::Garbled;
                }
                None if self.false_end => self.false_end = false,
                None => return Heard::End("the server closed the connection".to_owned()),
            }
        }
    }

    /// An answer to PING that is to be written.
    pub(crate) fn answer(&mut self) -> Option<Command> {
        self.answers.try_recv().ok().map(|message| message.command)
    }
}

impl Writer {
    /// Takes a line to be written.
    pub(crate) fn put(&mut self, command: &Command) {
        tracing::trace!(line = shown(command), "to the server");
        self.unwritten.extend(wire(command));
        self.unflushed = true;
    }

    /// True while something waits to be written.
    pub(crate) fn has_unwritten(&self) -> bool {
        self.unflushed
    }

    /// Writes what was put. Cancel safe: what is not written yet stays.
    pub(crate) async fn write(&mut self) -> io::Result<()> {
        while !self.unwritten.is_empty() {
            self.out.write_buf(&mut self.unwritten).await?;
        }
        self.out.flush().await?;
        self.unflushed = false;
        Ok(())
    }

    /// Says goodbye in the words of the transport (TLS close, TCP FIN).
    pub(crate) async fn close(&mut self) -> io::Result<()> {
        self.write().await?;
        self.out.shutdown().await
    }
}

/// A stream of bytes, protected or not.
type Wire = Box<dyn Duplex>;
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// What the crate reads from; it has nothing to write. A line without an end is refused: the crate's codec would
/// fill the memory with it.
struct Inward {
    input: ReadHalf<Wire>,
    /// Bytes since the last line end.
    line: usize,
}

impl AsyncRead for Inward {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let ready = Pin::new(&mut self.input).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = ready {
            let new = &buf.filled()[before..];
            self.line = match new.iter().rposition(|b| *b == b'\n') {
                Some(at) => new.len() - at - 1,
                None => self.line + new.len(),
            };
            if self.line > LONGEST_LINE {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a line without an end")));
            }
        }
        ready
    }
}

impl AsyncWrite for Inward {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Tries each address of the server; one that does not answer does not use up the time of the others.
async fn connect(settings: &Settings) -> io::Result<TcpStream> {
    let limit = settings.timing.connect;
    let name = (settings.server.as_str(), settings.port);
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in timeout(limit, lookup_host(name)).await.map_err(|_| io::ErrorKind::TimedOut)?? {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// Tags have 8,191 bytes at most, a line 512.
const LONGEST_LINE: usize = 16 * 1024;
