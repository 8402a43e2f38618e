//! The first line that a client sends. hyper reads requests; that it says only "bad request" to other versions of HTTP,
//! and counts a long address among the headers, is put right here.

use hyper::StatusCode;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection whose first line is looked at while it is read. One that cannot be served ends reading with an error;
/// then [`RequestLine::refused`] says with which status.
#[derive(Debug)]
pub(super) struct RequestLine {
    stream: TcpStream,
    /// What came of the line so far; none once it is whole.
    line: Option<Vec<u8>>,
    refused: Option<StatusCode>,
}

impl RequestLine {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, line: Some(Vec::new()), refused: None }
    }

    /// Why the first line cannot be served, if that is so.
    pub(super) fn refused(&self) -> Option<StatusCode> {
        self.refused
    }

    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Looks at what was just read.
    fn look(&mut self, read: &[u8]) -> Result<(), StatusCode> {
        let Some(line) = &mut self.line else { return Ok(()) };
        // Empty lines before a request mean nothing (RFC 9112 section 2.2).
        let read = if line.is_empty() { read.trim_ascii_start() } else { read };
        let end = read.iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&read[..end.unwrap_or(read.len())]);
        if line.len() > MAX_LINE {
            return Err(StatusCode::URI_TOO_LONG);
        }
        if end.is_some() {
            let version = line.trim_ascii_end().rsplit(|byte| *byte == b' ').next().unwrap_or_default();
            if version.starts_with(b"HTTP/") && !matches!(version, b"HTTP/1.0" | b"HTTP/1.1") {
                return Err(StatusCode::HTTP_VERSION_NOT_SUPPORTED);
            }
            self.line = None;
        }
        Ok(())
    }
}

impl AsyncRead for RequestLine {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        Poll::Ready(self.look(&into.filled()[before..]).map_err(|status| {
            self.refused = Some(status);
            io::Error::other(status.to_string())
        }))
    }
}

impl AsyncWrite for RequestLine {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What was refused is still to be told so.
        if self.refused.is_some() { Poll::Ready(Ok(())) } else { Pin::new(&mut self.stream).poll_shutdown(context) }
    }
}

/// In bytes. Longer than any address of the site.
const MAX_LINE: usize = 8 << 10;
