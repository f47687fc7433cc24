//! TLS 1.2 and 1.3 by rustls, with HTTP/2 offered first.

use std::path::Path;
use std::sync::Arc;

use media::{Error, Result};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Reads a certificate chain and its key, both PEM. Errors name the file.
pub fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor> {
    let wrong = |path: &Path, what: &str, e: &dyn std::fmt::Display| {
        Error::invalid(format!("{what}: {e}"))
            .at(path.display().to_string())
            .remedy("Give the PEM files of your certificate authority")
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(|certs| certs.collect())
        .map_err(|e| wrong(cert, "no certificate chain can be read", &e))?;
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(key, "no private key can be read", &e))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|e| wrong(cert, "the certificate and the key do not fit", &e))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
