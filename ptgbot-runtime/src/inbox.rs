//! The inbox of a transport that has a task of its own.

use futures_util::stream;
use ptgbot_core::{Inbox, Incoming, TransportError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// An [`Inbox`] of what a transport's own task hears. It ends when the task has dropped its sender and has ended; where
/// the task panicked or was aborted, that is a failure and no end.
///
/// ```
/// use ptgbot_runtime::inbox;
/// use ptgbot_runtime::ptgbot_core::{Ask, Incoming, Network, Request};
/// use tokio::sync::mpsc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use futures_util::StreamExt;
///
/// let (heard, hears) = mpsc::unbounded_channel();
/// let task = tokio::spawn(async move {
///     let radio = Network::nearest("radio");
///     let request = Request::new(&radio, chrono::Utc::now(), Ask::Said("~list".into()));
///     heard.send(Ok(Incoming::new(request))).ok();
///     panic!("a fault of the task");
/// });
/// let mut inbox = inbox(hears, task);
/// assert!(inbox.next().await.expect("a line").is_ok());
/// assert!(inbox.next().await.expect("a failure").is_err());
/// assert!(inbox.next().await.is_none());
/// # }
/// ```
pub fn inbox(heard: mpsc::UnboundedReceiver<Result<Incoming, TransportError>>, task: JoinHandle<()>) -> Inbox {
    Box::pin(stream::unfold((heard, Some(task)), async |(mut heard, mut task)| {
        if let Some(next) = heard.recv().await {
            return Some((next, (heard, task)));
        }
        let fault = task.take()?.await.err()?;
        Some((Err(TransportError::new(fault)), (heard, None)))
    }))
}
