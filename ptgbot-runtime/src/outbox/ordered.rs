//! A pipe: everything leaves in the order in which it was said.

use super::Said;
use ptgbot_core::{Outgoing, Outlet, SendError, TransportError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Sends until the outbox is closed and empty; `closed` is told when nothing more will come.
pub(super) async fn send(
    outlet: &mut dyn Outlet,
    incoming: &mut mpsc::UnboundedReceiver<Said>,
    closed: &CancellationToken,
) -> Result<(), TransportError> {
    while let Some(said) = incoming.recv().await {
        if incoming.is_closed() {
            closed.cancel();
        }
        match said {
            Said::Answered(answered) => {
                for message in answered.messages {
                    pieces(outlet, message).await?;
                }
                if let Some(handled) = answered.handled {
                    outlet.handled(handled).await;
                }
            }
            Said::Notifications(notifications) => {
                for notification in notifications {
                    pieces(outlet, notification.into()).await?;
                }
            }
        }
    }
    Ok(())
}

async fn pieces(outlet: &mut dyn Outlet, message: Outgoing) -> Result<(), TransportError> {
    for piece in outlet.split(message) {
        outlet.ready().await;
        match outlet.send(piece).await {
            Ok(()) => {}
            Err(SendError::Closed(error)) => return Err(error),
            Err(refused) => tracing::warn!(%refused, "a message was not taken"),
        }
    }
    Ok(())
}
