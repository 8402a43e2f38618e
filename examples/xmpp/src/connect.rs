//! Making connections, again and again. What no other try would mend is told.

use crate::Settings;
use ptgbot_core::TransportError;
use sasl::common::Credentials;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_xmpp::connect::{DnsConfig, ServerConnector, StartTlsServerConnector, TcpServerConnector};
use tokio_xmpp::xmlstream::{StreamHeader, Timeouts};
use tokio_xmpp::{Error, parsers::ns, stanzastream::Connection};

/// Connects; why the server does not take us goes to `failed`.
pub(crate) async fn connect(
    to: Settings,
    failed: mpsc::UnboundedSender<TransportError>,
    slot: oneshot::Sender<Connection>,
) {
    let mut pause = Duration::from_millis(250);
    loop {
        let server = DnsConfig::srv_default_client(to.account.domain().as_str());
        let connected = match &to.plain_address {
            Some(address) => log_in(TcpServerConnector(DnsConfig::addr(address)), &to).await,
            None => log_in(StartTlsServerConnector(server), &to).await,
        };
        match connected {
            Ok(connection) => return drop(slot.send(connection)),
            Err(Error::Auth(error)) => {
                failed.send(TransportError::new(error)).ok();
                // The stream would take a slot that is dropped for a mistake, and panic.
                return std::future::pending().await;
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_secs(30));
    }
}

/// Shows who we are; the rest is the stream's.
async fn log_in<C: ServerConnector>(server: C, to: &Settings) -> Result<Connection, Error> {
    let (stream, channel) = server.connect(&to.account.clone().into(), ns::JABBER_CLIENT, Timeouts::tight()).await?;
    let (features, stream) = stream.recv_features().await?;
    let name = to.account.node().map(|node| node.as_str()).unwrap_or_default();
    let credentials =
        Credentials::default().with_username(name).with_password(&to.password).with_channel_binding(channel);
    let stream = tokio_xmpp::client_login(stream, features.sasl_mechanisms, credentials).await?;
    let header = StreamHeader { to: Some(to.account.domain().as_str().into()), from: None, id: None };
    let (features, stream) = stream.send_header(header).await?.recv_features().await?;
    Ok(Connection { stream: stream.box_stream(), features, identity: to.account.clone().into() })
}
