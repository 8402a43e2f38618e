//! TLS with verified certificates. There is no way to skip the verification.
//!
//! The `irc` crate's own TLS is not compiled in: a single root of this machine that rustls cannot parse makes every
//! connection of it fail, it wants the text of the client key where a password belongs, and it can be told to
//! accept any certificate. It takes any byte stream, so it gets ours.

use crate::error::IrcError;
use crate::settings::{ClientCertificate, Security};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What is needed to protect a connection; `None` for a plain one.
pub(crate) fn connector(security: &Security) -> Result<Option<TlsConnector>, IrcError> {
    let (ca_file, client) = match security {
        Security::Plain => return Ok(None),
        Security::Tls { ca_file, client } => (ca_file, client),
    };
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| IrcError::Setting(format!("TLS cannot be set up: {e}")))?
        .with_root_certificates(roots(ca_file.as_deref())?);
    let config = match client {
        None => builder.with_no_client_auth(),
        Some(ClientCertificate { cert_file, key_file }) => {
            let key = PrivateKeyDer::from_pem_file(key_file).map_err(|e| unusable(key_file, &e))?;
            builder
                .with_client_auth_cert(certificates(cert_file)?, key)
                .map_err(|e| IrcError::TlsFile { path: cert_file.clone(), reason: e.to_string() })?
        }
    };
    Ok(Some(TlsConnector::from(Arc::new(config))))
}

/// Shakes hands on a fresh connection.
pub(crate) async fn secure(
    connector: &TlsConnector,
    server: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, io::Error> {
    let name = ServerName::try_from(server.to_owned()).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
    connector.connect(name, stream).await
}

/// True for a handshake that failed because of the server's certificate, not because of the network.
pub(crate) fn is_certificate_error(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented))
}

/// True for an answer that is no TLS at all, as of a port for plain connections.
pub(crate) fn is_not_tls(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::InvalidMessage(_)))
}

/// The roots of the web, those of this machine as far as they can be read, and the operator's own.
fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, IrcError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let native = rustls_native_certs::load_native_certs();
    let (_, ignored) = roots.add_parsable_certificates(native.certs);
    if ignored > 0 {
        tracing::debug!(ignored, "some certificates of this machine cannot be read");
    }
    if let Some(path) = ca_file {
        let (added, _) = roots.add_parsable_certificates(certificates(path)?);
        if added == 0 {
            return Err(IrcError::TlsFile {
                path: path.to_owned(),
                reason: "there is no certificate in it".to_owned(),
            });
        }
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IrcError> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match found {
        Ok(found) if found.is_empty() => {
            Err(IrcError::TlsFile { path: path.to_owned(), reason: "there is no certificate in it".to_owned() })
        }
        Ok(found) => Ok(found),
        Err(e) => Err(unusable(path, &e)),
    }
}

fn unusable(path: &Path, error: &pem::Error) -> IrcError {
    IrcError::TlsFile { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_the_web_are_known_and_a_missing_file_is_named() {
        let tls =
            |ca_file: Option<&str>, client| connector(&Security::Tls { ca_file: ca_file.map(Into::into), client });
        assert!(matches!(tls(None, None), Ok(Some(_))));
        let error = tls(Some("/nonexistent/ca.pem"), None).err().unwrap().to_string();
        assert!(error.starts_with("cannot use /nonexistent/ca.pem: "), "{error}");
        let client =
            ClientCertificate { cert_file: "/nonexistent/c.pem".into(), key_file: "/nonexistent/k.pem".into() };
        assert!(tls(None, Some(client)).err().unwrap().to_string().contains("/nonexistent/k.pem"));
        assert!(matches!(connector(&Security::Plain), Ok(None)));
    }
}
