//! Passwords in a file, as libpq reads them (PostgreSQL's manual, "The Password File"): lines of
//! `host:port:database:user:password`, where `*` stands for anything and a backslash takes the sense from `:` and `\`.

use crate::system::permissions::of_others;
use std::fs;
use std::path::Path;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The first password in the file that is for this connection. A file that others may read is not used.
pub(super) fn find(file: &Path, config: &Config) -> Option<String> {
    if of_others(&fs::metadata(file).ok()?) != 0 {
        tracing::warn!(file = %file.display(), "the password file is not used: others may read it (chmod 0600)");
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.as_str(),
        #[cfg(unix)]
        Some(Host::Unix(_)) => "localhost",
        None => "localhost",
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let wanted = [host, &port, config.get_dbname()?, config.get_user()?];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(fields).find_map(|mut fields| {
        let fits = fields.len() == 5 && fields.iter().zip(wanted).all(|(field, wanted)| field.fits(wanted));
        fits.then(|| fields.swap_remove(4).text)
    })
}

/// A part of a line, and whether it stands for anything.
struct Field {
    text: String,
    is_any: bool,
}

impl Field {
    fn fits(&self, wanted: &str) -> bool {
        self.is_any || self.text == wanted
    }
}

/// The password may hold further colons.
fn fields(line: &str) -> Vec<Field> {
    let mut fields = vec![String::new()];
    let mut raw = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == ':' && fields.len() < 5 {
            fields.push(String::new());
            raw.push(String::new());
            continue;
        }
        let plain = if letter == '\\' { letters.next().unwrap_or('\\') } else { letter };
        if let (Some(field), Some(raw)) = (fields.last_mut(), raw.last_mut()) {
            field.push(plain);
            raw.push(letter);
        }
    }
    fields.into_iter().zip(raw).map(|(text, raw)| Field { text, is_any: raw == "*" }).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn found(text: &str, mode: u32) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pgpass");
        fs::write(&file, text).expect("it is writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("it is ours");
        let mut config = Config::new();
        config.host("db.example.org").port(5433).dbname("ptg").user("bot");
        find(&file, &config)
    }

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text = "# db.example.org:5433:ptg:bot:no\nelse:5433:ptg:bot:no\ndb.example.org:*:ptg:bot:a\\:b\\\\c:d\n*:*:*:*:no\n";
        assert_eq!(found(text, 0o600).as_deref(), Some("a:b\\c:d"));
        assert_eq!(found("db.example.org:5433:other:bot:no", 0o600), None);
        assert_eq!(found("\\*:5433:ptg:bot:no", 0o600), None);
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        assert_eq!(found("*:*:*:*:secret", 0o640), None);
    }
}
