use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, io};

use rustls_native_certs::load_native_certs;
use trustformers_core::{Error, Result};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

/// Environment variables of OpenSSL and Python's `requests` that replace the system's certificates.
const VARIABLES: [&str; 4] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The certificate authorities that are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorities {
    /// Environment variables and the certificate files or directories that they name. If empty, the authorities of the
    /// system and of Mozilla are trusted.
    pub named: Vec<(String, PathBuf)>,
}

impl Authorities {
    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let named = VARIABLES.iter().filter_map(|&name| Some((name.to_owned(), variable(name)?)));
        Self { named: named.collect() }
    }

    /// TLS configuration with these authorities.
    ///
    /// **Errors:** `Hub` naming a variable whose file or directory cannot be read or holds no certificate.
    pub(crate) fn tls(&self) -> Result<TlsConfig> {
        // ureq uses the process-wide crypto provider; a second installation has no effect.
        drop(rustls::crypto::ring::default_provider().install_default());
        if self.named.is_empty() {
            return Ok(TlsConfig::builder().root_certs(known().clone()).build());
        }
        let mut certificates = Vec::new();
        for (variable, path) in &self.named {
            let refused = |reason: &dyn std::fmt::Display| {
                Error::hub(format!("{variable} names {}, which {reason}", path.display()))
            };
            let found = read(path).map_err(|error| refused(&format!("cannot be read: {error}")))?;
            if found.is_empty() {
                return Err(refused(&"holds no certificate in PEM"));
            }
            certificates.extend(found);
        }
        Ok(TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(certificates))).build())
    }
}

/// The authorities of the system and of Mozilla.
fn known() -> &'static RootCerts {
    static KNOWN: OnceLock<RootCerts> = OnceLock::new();
    KNOWN.get_or_init(|| {
        // Unreadable system certificates are skipped; Mozilla's list does not depend on them.
        let system = load_native_certs().certs;
        let all = TLS_SERVER_ROOT_CERTS.iter().chain(&system);
        let certificates = all.map(|der| Certificate::from_der(der.as_ref()).to_owned()).collect();
        RootCerts::Specific(Arc::new(certificates))
    })
}

fn read(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    if !path.is_dir() {
        return Ok(certificates(&fs::read(path)?));
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        if file.is_file() {
            found.extend(certificates(&fs::read(file)?));
        }
    }
    Ok(found)
}

fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    parse_pem(pem).filter_map(certificate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_variable_adds_authorities() {
        let variable = |name: &str| ["SSL_CERT_DIR", "CURL_CA_BUNDLE"].contains(&name).then(|| PathBuf::from(name));
        let named = Authorities::from_variables(variable).named;
        assert_eq!(named.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["SSL_CERT_DIR", "CURL_CA_BUNDLE"]);
        assert_eq!(Authorities::from_variables(|_| None), Authorities::default());
    }

    #[test]
    fn errors_name_the_variable_and_the_path() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("notes.txt"), "no certificate").unwrap();
        for (path, part) in [
            (directory.path().join("none.pem"), "cannot be read"),
            (directory.path().join("notes.txt"), "holds no certificate"),
            (directory.path().to_owned(), "holds no certificate"),
        ] {
            let authorities = Authorities { named: vec![("SSL_CERT_FILE".to_owned(), path.clone())] };
            let error = authorities.tls().map(drop).unwrap_err().to_string();
            let parts = ["SSL_CERT_FILE", path.to_str().unwrap(), part];
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
