//! The address of a board: `postgres://USER@HOST:PORT/DB?board=NAME`, with what libpq's parameters and environment add.
//!
//! The parameters are those of PostgreSQL's manual, "Connection Strings" and "Environment Variables". What tokio-postgres
//! knows it reads; the board, TLS and the password file are read here.

use super::passwords;
use crate::store::StoreError;
use std::env;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::form_urlencoded;

/// Where a board is, and how to get there.
pub(super) struct Address {
    config: Config,
    board: String,
    security: Security,
}

/// How the way to the server is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Security {
    Plain,
    Tls(Verification),
}

/// What is asked of the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// Nothing: who listens is kept out, who stands in between is not.
    None,
    /// That one of the roots has signed it.
    Authority { roots: Roots },
    /// And that it is the server's.
    Full { roots: Roots },
}

/// Who may sign a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// The roots of the web and of this machine.
    System,
    /// Those in a file.
    File(PathBuf),
}

impl Address {
    /// Reads an address, with the environment of this process.
    pub(super) fn parse(address: &str) -> Result<Self, StoreError> {
        Self::with_environment(address, |name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn with_environment(address: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, StoreError> {
        let wrong = |reason: String| StoreError::WrongDatabaseAddress { reason };
        let (base, parameters) = address.split_once('?').unwrap_or((address, ""));
        let mut ours = Ours::default();
        let mut theirs = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(parameters.as_bytes()) {
            match name.as_ref() {
                "board" => ours.board = Some(value.into_owned()),
                "sslmode" => ours.mode = Some(value.into_owned()),
                "sslrootcert" => ours.roots = Some(value.into_owned()),
                "passfile" => ours.passwords = Some(value.into_owned()),
                _ => drop(theirs.append_pair(&name, &value)),
            }
        }
        let theirs = theirs.finish();
        let separator = if theirs.is_empty() { "" } else { "?" };
        let parsed = format!("{base}{separator}{theirs}").parse::<Config>();
        // What the library says of a wrong address holds no part of it.
        let mut config = parsed.map_err(|error| {
            wrong(std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string))
        })?;
        complete(&mut config, &variable).map_err(wrong)?;
        let mode = ours.mode.or_else(|| variable("PGSSLMODE"));
        let roots = ours.roots.or_else(|| variable("PGSSLROOTCERT")).filter(|roots| roots != "system");
        let security = security(mode.as_deref(), roots, is_local(&config)).map_err(wrong)?;
        config.ssl_mode(if security == Security::Plain { SslMode::Disable } else { SslMode::Require });
        if config.get_password().is_none() {
            let file = ours.passwords.or_else(|| variable("PGPASSFILE")).map(PathBuf::from);
            let file = file.or_else(|| usual_password_file(&variable));
            if let Some(password) = file.and_then(|file| passwords::find(&file, &config)) {
                config.password(password);
            }
        }
        let board = ours.board.unwrap_or_else(|| DEFAULT_BOARD.to_owned());
        if board.is_empty() || board.len() > LONGEST_NAME || board.chars().any(char::is_control) {
            return Err(wrong(format!("a board's name has 1 to {LONGEST_NAME} bytes")));
        }
        Ok(Self { config, board, security })
    }

    /// How to connect.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The board's name among those of the database.
    pub(super) fn board(&self) -> &str {
        &self.board
    }

    pub(super) fn security(&self) -> &Security {
        &self.security
    }
}

/// What tokio-postgres does not read.
#[derive(Default)]
struct Ours {
    board: Option<String>,
    mode: Option<String>,
    roots: Option<String>,
    passwords: Option<String>,
}

/// What the address does not say the environment does, else what libpq takes.
fn complete(config: &mut Config, variable: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        match variable("PGHOST") {
            Some(host) => config.host(host),
            None => config.host("localhost"),
        };
    }
    if config.get_ports().is_empty() {
        let port = variable("PGPORT").map_or(Ok(5432), |port| port.parse());
        config.port(port.map_err(|_| "PGPORT is no port".to_owned())?);
    }
    if config.get_user().is_none() {
        let names = if cfg!(windows) { ["PGUSER", "USERNAME"].as_slice() } else { &["PGUSER", "USER", "LOGNAME"] };
        let user = names.iter().find_map(|name| variable(name));
        config.user(user.ok_or("it names no user")?);
    }
    if config.get_dbname().is_none() {
        let name = variable("PGDATABASE").or_else(|| config.get_user().map(str::to_owned));
        config.dbname(name.unwrap_or_default());
    }
    if config.get_password().is_none()
        && let Some(password) = variable("PGPASSWORD")
    {
        config.password(password);
    }
    if config.get_application_name().is_none() {
        config.application_name("ptgbot");
    }
    // A server that is gone without a word is missed within half a minute.
    config.keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(5)).keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(20));
    Ok(())
}

/// Where libpq looks for passwords, unless it is told.
fn usual_password_file(variable: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let (folder, file) = if cfg!(windows) { ("APPDATA", "postgresql/pgpass.conf") } else { ("HOME", ".pgpass") };
    variable(folder).map(|folder| PathBuf::from(folder).join(file))
}

/// Protection by `sslmode`; where it is not said, a server of this machine needs none, and any other is verified.
fn security(mode: Option<&str>, roots: Option<String>, is_local: bool) -> Result<Security, String> {
    let has_roots = roots.is_some();
    let roots = roots.map_or(Roots::System, |file| Roots::File(file.into()));
    Ok(match mode {
        None if is_local => Security::Plain,
        None | Some("verify-full") => Security::Tls(Verification::Full { roots }),
        Some("disable" | "allow") => Security::Plain,
        Some("verify-ca") => Security::Tls(Verification::Authority { roots }),
        // As in libpq: roots that are named are used.
        Some("require") if has_roots => Security::Tls(Verification::Authority { roots }),
        Some("prefer") if is_local => Security::Plain,
        Some("prefer" | "require") => Security::Tls(Verification::None),
        Some(other) => {
            let known = "disable, allow, prefer, require, verify-ca, verify-full";
            return Err(format!("{other:?} is no sslmode: it is one of {known}"));
        }
    })
}

/// True where nothing leaves this machine.
fn is_local(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

impl fmt::Display for Address {
    /// Without password and parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.display().to_string(),
            None => self.config.get_hostaddrs().first().map_or_else(String::new, ToString::to_string),
        };
        write!(f, "board {:?} in database {:?} on {host}", self.board, self.config.get_dbname().unwrap_or_default())
    }
}

const DEFAULT_BOARD: &str = "main";
/// In bytes. The name is part of web addresses.
const LONGEST_NAME: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str, environment: &[(&str, &str)]) -> Result<Address, StoreError> {
        let variable =
            |name: &str| environment.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        Address::with_environment(text, variable)
    }

    fn security_of(text: &str, environment: &[(&str, &str)]) -> Security {
        address(text, environment).expect("an address").security
    }

    #[test]
    fn an_address_names_server_database_and_board() {
        let parsed = address("postgres://bot:hunter2@db.example.org:5433/ptg?board=spring", &[]).expect("an address");
        assert_eq!(parsed.to_string(), "board \"spring\" in database \"ptg\" on db.example.org");
        assert_eq!(parsed.config.get_ports(), [5433]);
        assert_eq!(parsed.board(), "spring");
        assert_eq!(address("postgres://bot@localhost/ptg", &[]).expect("an address").board(), "main");
    }

    #[test]
    fn the_environment_adds_what_the_address_leaves_open() {
        let environment =
            [("PGHOST", "db.example.org"), ("PGPORT", "6432"), ("PGUSER", "bot"), ("PGPASSWORD", "secret")];
        let parsed = address("postgres:///ptg", &environment).expect("an address");
        assert_eq!(parsed.config.get_user(), Some("bot"));
        assert_eq!(parsed.config.get_password(), Some("secret".as_bytes()));
        assert_eq!((parsed.config.get_ports(), parsed.config.get_dbname()), (&[6432][..], Some("ptg")));
        let parsed = address("postgres://me:own@localhost:1/x", &environment).expect("an address");
        assert_eq!((parsed.config.get_user(), parsed.config.get_password()), (Some("me"), Some("own".as_bytes())));
        assert_eq!(parsed.config.get_ports(), [1]);
    }

    #[test]
    fn only_a_local_server_is_trusted_without_a_word() {
        let full = Security::Tls(Verification::Full { roots: Roots::System });
        for local in ["postgres://u@localhost/d", "postgres://u@127.0.0.1/d", "postgres://u@%2Frun%2Fpostgresql/d"] {
            assert_eq!(security_of(local, &[]), Security::Plain, "{local}");
        }
        assert_eq!(security_of("postgres://u@db.example.org/d", &[]), full);
        assert_eq!(security_of("postgres://u@localhost/d?sslmode=verify-full", &[]), full);
        assert_eq!(security_of("postgres://u@db.example.org/d", &[("PGSSLMODE", "disable")]), Security::Plain);
        let own = Roots::File("/etc/ca.pem".into());
        let text = "postgres://u@db.example.org/d?sslmode=require&sslrootcert=/etc/ca.pem";
        assert_eq!(security_of(text, &[]), Security::Tls(Verification::Authority { roots: own }));
        let text = "postgres://u@db.example.org/d?sslmode=require";
        assert_eq!(security_of(text, &[]), Security::Tls(Verification::None));
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong_and_not_the_password() {
        for wrong in [
            "postgres://u:hunter2@localhost/d?sslmode=maybe",
            "postgres://u:hunter2@localhost/d?bord=main",
            "postgres://u:hunter2@localhost:port/d",
            "postgres://u:hunter2@localhost/d?board=",
        ] {
            let error = address(wrong, &[]).err().expect("it is wrong").to_string();
            assert!(!error.contains("hunter2") && error.len() > 20, "{wrong}: {error}");
        }
        let error = address("postgres://u@localhost/d?bord=main", &[]).err().expect("it is wrong").to_string();
        assert!(error.contains("bord"), "{error}");
    }
}
