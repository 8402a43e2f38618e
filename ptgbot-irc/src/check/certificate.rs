//! The server's certificate as people look at it. Whether it is good, rustls has said before.

use crate::settings::{Security, Settings};
use chrono::{DateTime, TimeDelta, Utc};
use ptgbot_runtime::Checklist;
use rustls::pki_types::CertificateDer;
use x509_cert::der::Decode;

/// The server's certificate.
#[derive(Debug)]
pub(super) enum Certificate {
    /// The connection has none.
    Absent,
    /// It was good enough for rustls, and cannot be read here.
    Unread(String),
    Read {
        subject: String,
        issuer: String,
        until: DateTime<Utc>,
    },
}

impl Certificate {
    pub(super) fn of(certificate: Option<&CertificateDer<'_>>) -> Self {
        let Some(certificate) = certificate else { return Self::Absent };
        match x509_cert::Certificate::from_der(certificate) {
            Ok(certificate) => {
                let signed = certificate.tbs_certificate;
                let until = signed.validity.not_after.to_system_time().into();
                Self::Read { subject: signed.subject.to_string(), issuer: signed.issuer.to_string(), until }
            }
            Err(error) => Self::Unread(error.to_string()),
        }
    }

    /// Tells of it, as of a time.
    pub(super) fn tell(&self, settings: &Settings, now: DateTime<Utc>, checklist: &mut Checklist) {
        let verified = match &settings.security {
            Security::Plain => {
                return checklist.advise("certificate", "there is none: the connection is not protected (tls = false)");
            }
            Security::Tls { ca_file: None, .. } => {
                "verified by the authorities of the web and of this machine".to_owned()
            }
            Security::Tls { ca_file: Some(file), .. } => {
                format!("verified by the authorities of the web, of this machine and of {}", file.display())
            }
        };
        let server = &settings.server;
        match self {
            Self::Absent => checklist.fault("certificate", format_args!("{server} has shown none")),
            Self::Unread(reason) => {
                checklist.ok("certificate", format_args!("{verified} for {server}; cannot show it: {reason}"))
            }
            Self::Read { subject, issuer, until } => {
                let left = (*until - now).num_days();
                let day = until.format("%Y-%m-%d");
                checklist.ok(
                    "certificate",
                    format_args!("{subject}, issued by {issuer}, good until {day}; {verified} for {server}"),
                );
                if *until - now < SOON {
                    checklist
                        .advise("certificate", format_args!("it ends in {left} days: the network has to renew it"));
                }
            }
        }
    }
}

/// Networks renew their certificates a month ahead, as a rule.
const SOON: TimeDelta = TimeDelta::days(7);
