//! Secrets: from a file, the environment or the service manager, never from flags, never in a log.

use crate::system::permissions::of_others;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Reads the secret called `name` (such as `irc_password`): from `file` where the configuration names one, else
/// from the variable `PTGBOT_IRC_PASSWORD`, else from the file of that name in `$CREDENTIALS_DIRECTORY`.
/// `None` when it is in none of these places. One line break at the end is no part of a secret.
///
/// ```
/// use ptgbot_runtime::secret;
/// use secrecy::ExposeSecret;
///
/// let file = tempfile::NamedTempFile::new()?;
/// std::fs::write(file.path(), "sesame\n")?;
/// let found = secret("radio_password", Some(file.path()))?.expect("it is there");
/// assert_eq!(found.expose_secret(), "sesame");
/// assert!(!format!("{found:?}").contains("sesame"));
///
/// assert!(secret("radio_password", None)?.is_none());
/// std::fs::write(file.path(), "")?;
/// assert!(secret("radio_password", Some(file.path())).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When a file cannot be read, or what was found is empty. Neither shows the secret.
pub fn secret(name: &str, file: Option<&Path>) -> Result<Option<SecretString>, SecretError> {
    find(name, file, |variable| std::env::var_os(variable))
}

/// Where secrets are found: in their files, the environment and the service manager's credentials, else in an older
/// configuration file.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    older: BTreeMap<&'static str, SecretString>,
}

impl Secrets {
    /// The secret called `name`, looked for as [`secret`] does.
    ///
    /// # Errors
    /// As [`secret`].
    pub fn find(&self, name: &str, file: Option<&Path>) -> Result<Option<SecretString>, SecretError> {
        Ok(secret(name, file)?.or_else(|| self.older.get(name).cloned()))
    }
}

impl FromIterator<(&'static str, SecretString)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (&'static str, SecretString)>>(older: I) -> Self {
        Self { older: older.into_iter().collect() }
    }
}

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret file {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("the secret in {0} is empty")]
    Empty(String),
    /// It is no text.
    #[error("the secret in {0} is no UTF-8 text")]
    NotText(String),
}

fn find(
    name: &str,
    file: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<SecretString>, SecretError> {
    if let Some(file) = file {
        return from_file(file).map(Some);
    }
    let in_environment = format!("PTGBOT_{}", name.to_ascii_uppercase());
    if let Some(value) = variable(&in_environment) {
        return from_bytes(value.into_encoded_bytes(), in_environment).map(Some);
    }
    let Some(folder) = variable("CREDENTIALS_DIRECTORY") else { return Ok(None) };
    let credential = Path::new(&folder).join(name);
    if credential.exists() { from_file(&credential).map(Some) } else { Ok(None) }
}

fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let fault = |source| SecretError::Read { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(fault)?;
    if of_others(&fs::metadata(path).map_err(fault)?) & 0o007 != 0 {
        tracing::warn!(file = %path.display(), "everybody on this machine can read the secret file");
    }
    from_bytes(bytes, path.display().to_string())
}

fn from_bytes(bytes: Vec<u8>, place: String) -> Result<SecretString, SecretError> {
    let Ok(mut text) = String::from_utf8(bytes) else { return Err(SecretError::NotText(place)) };
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() { Err(SecretError::Empty(place)) } else { Ok(text.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn found(result: Result<Option<SecretString>, SecretError>) -> Option<String> {
        result.expect("readable").map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_file_comes_before_the_environment_and_that_before_credentials() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        fs::write(&file, "from file\r\n").expect("a file");
        fs::write(folder.path().join("irc_password"), "from credentials\n").expect("a file");
        let environment = |name: &str| match name {
            "PTGBOT_IRC_PASSWORD" => Some("from environment".into()),
            "CREDENTIALS_DIRECTORY" => Some(folder.path().into()),
            _ => None,
        };
        assert_eq!(found(find("irc_password", Some(&file), environment)).as_deref(), Some("from file"));
        assert_eq!(found(find("irc_password", None, environment)).as_deref(), Some("from environment"));
        let credentials = |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| folder.path().into());
        assert_eq!(found(find("irc_password", None, credentials)).as_deref(), Some("from credentials"));
        assert_eq!(found(find("matrix_password", None, credentials)), None);
        assert_eq!(found(find("irc_password", None, |_| None)), None);
    }

    #[test]
    fn only_one_line_break_is_cut_off() {
        assert_eq!(found(from_bytes(b" a b \n\n".to_vec(), "x".into()).map(Some)).as_deref(), Some(" a b \n"));
    }

    #[test]
    fn an_empty_or_missing_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        let error = find("irc_password", Some(&file), |_| None).expect_err("missing").to_string();
        assert!(
            error.starts_with("cannot read the secret file ") && error.contains("password: No such file"),
            "{error}"
        );
        fs::write(&file, "\n").expect("a file");
        let error = find("irc_password", Some(&file), |_| None).expect_err("empty").to_string();
        assert!(error.ends_with("password is empty"), "{error}");
        let error = find("irc_password", None, |name| name.starts_with("PTGBOT").then(OsString::new));
        assert_eq!(error.expect_err("empty").to_string(), "the secret in PTGBOT_IRC_PASSWORD is empty");
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = from_bytes(b"sesame".to_vec(), "x".into()).expect("a secret");
        assert!(!format!("{secret:?}").contains("sesame"));
    }
}
