//! Certificates for TLS on the loopback, made by openssl for one test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An authority of the test's own and a server certificate by it for
/// `localhost` and 127.0.0.1.
#[derive(Debug, Clone)]
pub struct Certificates {
    folder: PathBuf,
    /// What a client trusts, PEM.
    pub authority: PathBuf,
    /// What the server shows, PEM.
    pub server: Identity,
}

/// A certificate and its private key, PEM files.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key, not encrypted.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes them in a folder. `None` when openssl is missing or fails.
    pub fn make(folder: &Path) -> Option<Self> {
        let configuration = folder.join("openssl.cnf");
        fs::write(&configuration, CONFIGURATION).ok()?;
        let made = Self {
            folder: folder.to_owned(),
            authority: folder.join("authority.pem"),
            server: identity(folder, "server"),
        };
        request(folder, "authority", "authority", &[])?;
        let key = folder.join("authority.key");
        let by_authority = [Path::new("-CA"), &made.authority, Path::new("-CAkey"), &key];
        request(folder, "server", "server", &by_authority)?;
        Some(made)
    }

    /// A self-signed client certificate, as people make them for CertFP.
    ///
    /// # Panics
    /// When openssl fails, which it did not for the server's.
    pub fn client(&self, name: &str) -> Identity {
        request(&self.folder, name, "client", &[]).expect("openssl makes one more certificate");
        identity(&self.folder, name)
    }
}

impl Identity {
    /// The certificate's fingerprint, lower-case hexadecimal without colons, by
    /// a digest that openssl knows (`sha1`, `sha256`).
    ///
    /// # Panics
    /// When openssl cannot read its own certificate.
    pub fn fingerprint(&self, digest: &str) -> String {
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint"])
            .arg(format!("-{digest}"))
            .arg("-in")
            .arg(&self.certificate)
            .output()
            .expect("openssl is there: it made the certificate");
        let text = String::from_utf8_lossy(&output.stdout);
        let (_, fingerprint) = text.trim().split_once('=').expect("openssl names the digest");
        fingerprint.replace(':', "").to_lowercase()
    }
}

fn identity(folder: &Path, name: &str) -> Identity {
    Identity { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}.key")) }
}

fn request(folder: &Path, name: &str, extensions: &str, more: &[&Path]) -> Option<()> {
    let Identity { certificate, key } = identity(folder, name);
    let output = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3"])
        .arg("-config")
        .arg(folder.join("openssl.cnf"))
        .args(["-extensions", extensions, "-subj", &format!("/CN={name}")])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .args(more)
        .output()
        .ok()?;
    output.status.success().then_some(())
}

const CONFIGURATION: &str = "\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_certificate_has_a_fingerprint_of_its_own() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let Some(certificates) = Certificates::make(folder.path()) else {
            crate::skip::missing("openssl");
            return;
        };
        let one = certificates.client("one");
        let two = certificates.client("two");
        assert_eq!(one.fingerprint("sha1").len(), 40);
        assert_ne!(one.fingerprint("sha256"), two.fingerprint("sha256"));
    }
}
