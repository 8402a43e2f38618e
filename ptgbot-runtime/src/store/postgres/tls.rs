//! TLS to a database server.

use super::address::{Roots, Verification};
use crate::store::StoreError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What shakes hands with a server.
pub(super) fn connector(verification: &Verification) -> Result<MakeRustlsConnect, StoreError> {
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let wrong = |reason: String| StoreError::WrongDatabaseAddress { reason };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(format!("TLS cannot be set up: {error}")))?;
    let lenient =
        |chain| builder.clone().dangerous().with_custom_certificate_verifier(Arc::new(Lenient { chain, provider }));
    let config = match verification {
        Verification::Full { roots } => builder.clone().with_root_certificates(trusted(roots)?).with_no_client_auth(),
        Verification::None => lenient(None).with_no_client_auth(),
        Verification::Authority { roots } => {
            let chain = WebPkiServerVerifier::builder(Arc::new(trusted(roots)?)).build();
            let chain = chain.map_err(|error| wrong(format!("the roots of sslrootcert: {error}")))?;
            lenient(Some(chain)).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn trusted(roots: &Roots) -> Result<RootCertStore, StoreError> {
    match roots {
        Roots::System => {
            let mut trusted = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Ok(trusted)
        }
        Roots::File(path) => {
            let wrong = |reason: String| StoreError::WrongDatabaseAddress {
                reason: format!("the roots in {}: {reason}", path.display()),
            };
            let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let mut trusted = RootCertStore::empty();
            let (added, _) = trusted.add_parsable_certificates(certificates.map_err(|error| wrong(error.to_string()))?);
            if added == 0 {
                return Err(wrong("there is no certificate in it".into()));
            }
            Ok(trusted)
        }
    }
}

/// Asks less of a certificate than that it is the server's, where `sslmode` says so. That the other side holds its key is
/// always asked.
#[derive(Debug)]
struct Lenient {
    /// Who must have signed it; `None` for anybody.
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(certificate, others, name, stapled, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
