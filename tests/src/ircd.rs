//! A real IRC server of one test's own, on the loopback.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::certificates::Certificates;
use crate::deadline::{PATIENCE, wait_until};
use crate::process::{Process, free_port, unprivileged};
use crate::skip;

/// A server with a plain and a TLS port; it ends with the test.
#[derive(Debug)]
pub struct Ircd {
    software: Software,
    process: Process,
    port: u16,
    tls_port: u16,
    link_port: u16,
    certificates: Certificates,
    folder: TempDir,
}

/// Which server it is, for what differs between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Software {
    /// ircd-hybrid: the family of OFTC's server. No SASL, no accounts in messages.
    Hybrid,
    /// InspIRCd: IRCv3, SASL, owners and half-ops.
    Inspircd,
}

impl Ircd {
    /// A running ircd-hybrid, or `None` (said aloud) where it is not installed.
    ///
    /// Users whose user name is not [`QUICK_USER`] have the flood limits of a
    /// public network.
    pub async fn hybrid() -> Option<Self> {
        Self::start_new(Software::Hybrid).await
    }

    /// A running InspIRCd, or `None` (said aloud) where it is not installed.
    pub async fn inspircd() -> Option<Self> {
        Self::start_new(Software::Inspircd).await
    }

    /// Which server it is.
    pub fn software(&self) -> Software {
        self.software
    }

    /// The plain port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The TLS port on 127.0.0.1, with a certificate for that and `localhost`.
    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Where services link.
    pub fn link_port(&self) -> u16 {
        self.link_port
    }

    /// The authority to trust, and more certificates.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// Its output.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Ends it; all connections break.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }

    /// Ends it as a power failure would; nobody gets an ERROR line.
    pub async fn crash(&mut self) {
        self.process.kill();
        self.process.wait(PATIENCE).await;
    }

    /// Starts it again on the same ports, after [`stop`](Self::stop) or
    /// [`crash`](Self::crash); ready when this returns.
    pub async fn start(&mut self) {
        self.process.start_again().await;
        self.ready().await;
    }

    /// Ends and starts it; ready again when this returns.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    async fn start_new(software: Software) -> Option<Self> {
        let program = skip::needs(software.package())?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let Some(certificates) = Certificates::make(folder.path()) else {
            skip::missing("openssl");
            return None;
        };
        let (port, tls_port) = (free_port(), free_port());
        let link_port = match software {
            Software::Hybrid => port,
            Software::Inspircd => free_port(),
        };
        let values = [
            ("@FOLDER@", folder.path().display().to_string()),
            ("@PORT@", port.to_string()),
            ("@TLS_PORT@", tls_port.to_string()),
            ("@LINK_PORT@", link_port.to_string()),
            ("@KEY@", certificates.server.key.display().to_string()),
            ("@CERTIFICATE@", certificates.server.certificate.display().to_string()),
            ("@MODULES@", skip::installed(software.modules()).display().to_string()),
            ("@QUICK@", QUICK_USER.to_owned()),
            ("@OPER@", OPER.to_owned()),
            ("@OPER_PASSWORD@", OPER_PASSWORD.to_owned()),
            ("@SERVICES@", SERVICES.to_owned()),
            ("@LINK_PASSWORD@", LINK_PASSWORD.to_owned()),
        ];
        let configuration = folder.path().join("ircd.conf");
        write(&configuration, software.template(), &values);
        write(&folder.path().join("motd"), "one test\n", &[]);

        let mut command = unprivileged(&program, folder.path());
        match software {
            Software::Hybrid => command
                .arg("-foreground")
                .arg("-configfile")
                .arg(&configuration)
                .arg("-pidfile")
                .arg(folder.path().join("ircd.pid"))
                .arg("-logfile")
                .arg(folder.path().join("ircd.log")),
            Software::Inspircd => command.arg("--nofork").arg("--config").arg(&configuration),
        };
        let mut ircd = Self {
            software,
            process: Process::start(software.package(), command),
            port,
            tls_port,
            link_port,
            certificates,
            folder,
        };
        ircd.ready().await;
        Some(ircd)
    }

    /// Waits until both ports take connections.
    async fn ready(&mut self) {
        for port in [self.port, self.tls_port] {
            let connected =
                wait_until("a connection", PATIENCE, || async { TcpStream::connect(("127.0.0.1", port)).await.ok() });
            if let Err(late) = connected.await {
                let log = fs::read_to_string(self.folder.path().join("ircd.log"));
                panic!(
                    "{} did not start: {late}; it wrote {}\n{}",
                    self.software.package(),
                    self.process.output().tail(),
                    log.unwrap_or_default()
                );
            }
        }
    }
}

impl Software {
    /// Its Debian package, and the name of its program.
    pub fn package(self) -> &'static str {
        match self {
            Self::Hybrid => "ircd-hybrid",
            Self::Inspircd => "inspircd",
        }
    }

    fn modules(self) -> &'static str {
        match self {
            Self::Hybrid => "/usr/lib/ircd-hybrid/modules",
            Self::Inspircd => "/usr/lib/inspircd/modules",
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Hybrid => include_str!("ircd/hybrid.conf"),
            Self::Inspircd => include_str!("ircd/inspircd.conf"),
        }
    }
}

/// Writes a configuration: a template with its `@NAMES@` replaced.
pub(crate) fn write(file: &Path, template: &str, values: &[(&str, String)]) {
    let mut text = template.to_owned();
    for (name, value) in values {
        text = text.replace(name, value);
    }
    fs::write(file, text).expect("the test's folder is writable");
}

/// The user name whose clients have no flood limits: they drive the test.
pub const QUICK_USER: &str = "quick";
/// An operator who may kill, for `OPER`.
pub const OPER: &str = "oper";
/// The operator's password.
pub const OPER_PASSWORD: &str = "oper-of-one-test";
/// The server name of services.
pub const SERVICES: &str = "services.test";
/// What services and server show each other.
pub const LINK_PASSWORD: &str = "link-of-one-test";
