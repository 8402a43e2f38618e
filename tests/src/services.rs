//! Real services (Anope) beside a test's server: NickServ, and SASL where the
//! server has it.

use std::fs;

use tempfile::TempDir;

use crate::deadline::{PATIENCE, wait_until};
use crate::ircd::{Ircd, LINK_PASSWORD, SERVICES, Software, write};
use crate::process::{Process, unprivileged};
use crate::raw_client::{RawClient, numeric};
use crate::skip;

/// Services linked to one server; they end with the test. After a restart of the
/// server, [`linked`](Self::linked) has them back.
#[derive(Debug)]
pub struct Services {
    process: Process,
    folder: TempDir,
}

impl Services {
    /// Anope with NickServ, linked to the server, or `None` (said aloud) where
    /// it is not installed.
    pub async fn anope(ircd: &Ircd) -> Option<Self> {
        let program = skip::needs("anope")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let protocol = match ircd.software() {
            Software::Hybrid => "hybrid",
            Software::Inspircd => "inspircd3",
        };
        let values = [
            ("@FOLDER@", folder.path().display().to_string()),
            ("@LINK_PORT@", ircd.link_port().to_string()),
            ("@LINK_PASSWORD@", LINK_PASSWORD.to_owned()),
            ("@SERVICES@", SERVICES.to_owned()),
            ("@PROTOCOL@", protocol.to_owned()),
        ];
        let template = include_str!("services.conf");
        write(&folder.path().join("services.conf"), template, &values);
        write(&folder.path().join("motd"), "one test\n", &[]);
        // Without it Anope ends when it writes its database for the first time.
        fs::create_dir(folder.path().join("backups")).expect("the folder is ours");

        let mut command = unprivileged(&program, folder.path());
        command.arg("--nofork");
        for option in ["--confdir", "--dbdir", "--logdir"] {
            command.arg(format!("{option}={}", folder.path().display()));
        }
        let modules = skip::installed("/usr/lib/anope");
        command.arg(format!("--modulesdir={}", modules.display()));
        let mut services = Self { process: Process::start("anope", command), folder };
        services.linked(ircd).await;
        Some(services)
    }

    /// Waits until NickServ is on the server, also after the server restarted:
    /// Anope links again by itself, unless the server's last word was ERROR,
    /// which ends it (ircd-hybrid says so at a stop); then it is started again
    /// and knows what it knew a second before its end.
    ///
    /// # Panics
    /// When it does not come in time; shows the output of services.
    pub async fn linked(&mut self, ircd: &Ircd) {
        let mut client = RawClient::register(ircd, "looks-for-services").await;
        let there = wait_until("NickServ", PATIENCE, || {
            self.process.revive();
            client.send_raw("ISON NickServ");
            let online = client
                .log()
                .iter()
                .any(|line| numeric(line) == Some("303") && line.to_lowercase().contains(":nickserv"));
            async move { online.then_some(()) }
        })
        .await;
        if let Err(late) = there {
            panic!("{late}; anope logged\n{}", self.log());
        }
        client.fence().await;
        client.quit().await;
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Registers the client's present nick, for good when this returns; it is
    /// identified afterwards.
    ///
    /// # Panics
    /// When services do not write it down in time.
    pub async fn register(&self, client: &mut RawClient, password: &str) {
        client.say("NickServ", &format!("REGISTER {password}"));
        let registered = format!("Nickname {} registered", client.name());
        client.expect_from("NickServ", &registered).await;
        self.recognized(client).await;

        let database = self.folder.path().join("anope.db");
        let entry = format!("DATA nick {}\n", client.name());
        let written = wait_until("the nick in the database", PATIENCE, || async {
            let text = fs::read_to_string(&database).ok()?;
            text.contains(&entry).then_some(())
        });
        written.await.unwrap_or_else(|late| panic!("{late}"));
    }

    /// Identifies the client's present nick; others see it when this returns.
    pub async fn identify(&self, client: &mut RawClient, password: &str) {
        client.say("NickServ", &format!("IDENTIFY {password}"));
        client.expect_from("NickServ", "you are now recognized").await;
        self.recognized(client).await;
    }

    /// Waits until the server knows that the client is identified. Services tell
    /// the person first: only after the user mode does WHOIS say so to others.
    pub async fn recognized(&self, client: &mut RawClient) {
        let mode = format!(" MODE {} :+r", client.name());
        client.expect("user mode +r", |line| line.ends_with(&mode)).await;
    }

    /// What services wrote to their log, one file a day.
    fn log(&self) -> String {
        fs::read_dir(self.folder.path())
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("services.log"))
            .filter_map(|entry| fs::read_to_string(entry.path()).ok())
            .collect()
    }
}
