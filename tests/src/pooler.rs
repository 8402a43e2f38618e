//! PgBouncer before a database, as operators put it there: few connections for many clients.

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::database::{Database, PASSWORD, USER};
use crate::deadline::{PATIENCE, wait_until};
use crate::process::{Process, free_port, unprivileged};
use crate::skip;

/// A pooler that lends a connection for one transaction at a time; it ends with the test.
#[derive(Debug)]
pub struct Pooler {
    port: u16,
    _process: Process,
    _folder: TempDir,
}

impl Pooler {
    /// A running pooler before a database, or `None` (said aloud) where PgBouncer is not installed.
    pub async fn before(database: &Database) -> Option<Self> {
        let program = skip::needs("pgbouncer")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (port, users, configuration) =
            (free_port(), folder.path().join("users"), folder.path().join("pgbouncer.ini"));
        std::fs::write(&users, format!("\"{USER}\" \"{PASSWORD}\"\n")).expect("the folder is writable");
        let text = format!(
            "[databases]\npostgres = host=127.0.0.1 port={}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = scram-sha-256\nauth_file = {}\n\
             pool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\n",
            database.port(),
            users.display(),
        );
        std::fs::write(&configuration, text).expect("the folder is writable");
        let mut command = unprivileged(&program, folder.path());
        command.arg(&configuration);
        let process = Process::start("pgbouncer", command);
        let listens = wait_until("a pooler that listens", PATIENCE, || async {
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        });
        if let Err(late) = listens.await {
            panic!("{late}; it wrote {}", process.output().tail());
        }
        Some(Self { port, _process: process, _folder: folder })
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Fewer than there are clients, so that they must share.
const CONNECTIONS: usize = 2;
