//! A connection to the database, and the task that moves its bytes.

use super::Fault;
use super::address::{Address, Security};
use super::tls;
use crate::store::StoreError;
use futures_util::{StreamExt, stream};
use ptgbot_core::Revision;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, IsolationLevel, NoTls, Row, Transaction};

/// A connection to the database. It is closed when this is dropped. No answer is waited for without end: where one is
/// late the connection is of no more use.
pub(super) struct Connection {
    client: Client,
}

/// A value for a statement, with its type.
pub(super) type Value<'a> = (&'a (dyn ToSql + Sync), Type);

impl Connection {
    /// Connects. `told` gets the revision of each change that the database tells of, and nothing when the connection is
    /// lost.
    pub(super) async fn open(address: &Address, told: &watch::Sender<Option<Revision>>) -> Result<Self, StoreError> {
        let told = told.clone();
        let failed = |error: tokio_postgres::Error| Fault::from(error).told("connect to", address);
        let connecting = async {
            match address.security() {
                Security::Plain => {
                    let (client, connection) = address.config().connect(NoTls).await.map_err(failed)?;
                    tokio::spawn(moving(connection, told));
                    Ok(client)
                }
                Security::Tls(verification) => {
                    let connector = tls::connector(verification)?;
                    let (client, connection) = address.config().connect(connector).await.map_err(failed)?;
                    tokio::spawn(moving(connection, told));
                    Ok(client)
                }
            }
        };
        match tokio::time::timeout(PATIENCE, connecting).await {
            Ok(client) => Ok(Self { client: client? }),
            Err(_) => Err(Fault::Late.told("connect to", address)),
        }
    }

    /// True once nothing can be asked any more.
    pub(super) fn is_lost(&self) -> bool {
        self.client.is_closed()
    }

    /// Asks to be told of a board's changes, as `append.sql` tells of them.
    pub(super) async fn listen(&self, board: i64) -> Result<(), Fault> {
        in_time(async { Ok(self.client.batch_execute(&format!("LISTEN ptgbot_{board}")).await?) }).await
    }

    /// The rows that a statement gives.
    pub(super) async fn query(&self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        in_time(async { Ok(self.client.query_typed(statement, values).await?) }).await
    }

    /// Does some work in one transaction: all of it or, where it fails, nothing.
    pub(super) async fn in_transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        in_time(async {
            let transaction = self.client.transaction().await?;
            let done = work(&transaction).await?;
            transaction.commit().await?;
            Ok(done)
        })
        .await
    }

    /// Does some reading that sees the database as it is at its first statement.
    pub(super) async fn in_one_moment<T>(
        &mut self,
        read: impl AsyncFnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        in_time(async {
            let moment =
                self.client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
            let moment = moment.start().await?;
            let done = read(&moment).await?;
            moment.commit().await?;
            Ok(done)
        })
        .await
    }
}

/// Waits for an answer, though not without end.
async fn in_time<T>(answer: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Err(Fault::Late))
}

/// Moves the bytes of a connection until it ends.
async fn moving<S, T>(mut connection: tokio_postgres::Connection<S, T>, told: watch::Sender<Option<Revision>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    while let Some(message) = messages.next().await {
        match message {
            Ok(AsyncMessage::Notification(news)) => drop(told.send_replace(news.payload().parse().ok())),
            Ok(AsyncMessage::Notice(notice)) => tracing::debug!(%notice, "the database notes"),
            Ok(_) => {}
            Err(error) => {
                let error = super::reason(&error);
                tracing::warn!(error, "the connection to the database is lost");
                break;
            }
        }
    }
    told.send_replace(None);
}

/// How long an answer is waited for. Whatever is written waits less for the locks of others (`append.sql`), so that it is
/// not done when nobody waits for it any more.
const PATIENCE: Duration = Duration::from_secs(10);
