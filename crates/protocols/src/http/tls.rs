//! TLS settings of an engine thread: with and without verification, and who resumes sessions.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use loadline_engine::TlsSessions;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::key_store::ClientCertificate;
use super::options::HttpError;

/// What tells connectors apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TlsKey {
    /// Whether certificates and host names are checked.
    pub(crate) verify: bool,
    /// Whether HTTP/2 is asked for.
    pub(crate) http2: bool,
    /// The position of the client's certificate in the key store.
    certificate: Option<usize>,
}

/// The name of HTTP/2 in the handshake (RFC 9113, section 3.2).
pub(crate) const HTTP2_NAME: &[u8] = b"h2";

/// Sessions that a user keeps: some for each of up to four servers.
const USER_SESSIONS: usize = 32;

/// Settings of TLS.
pub(crate) struct TlsSettings {
    provider: Arc<CryptoProvider>,
    sessions: TlsSessions,
    unverified: Arc<ClientConfig>,
    trusted: Vec<Vec<u8>>,
    /// Made at the first use, since reading the machine's roots takes milliseconds.
    verified: OnceCell<Result<Arc<ClientConfig>, String>>,
    /// By whether they verify and the position of the client's certificate.
    with_certificates: RefCell<HashMap<(bool, usize), Arc<ClientConfig>>>,
    http2: RefCell<HashMap<TlsKey, Arc<ClientConfig>>>,
}

impl TlsSettings {
    /// Settings that trust the certificates `trusted` (DER) besides those of the machine.
    ///
    /// # Errors
    ///
    /// [`HttpError::Tls`] if the cryptographic library offers no TLS version.
    pub(crate) fn new(trusted: Vec<Vec<u8>>, sessions: TlsSessions) -> Result<Self, HttpError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(HttpError::Tls)?
            .dangerous()
            .with_custom_certificate_verifier(no_verification(&provider))
            .with_no_client_auth();
        Ok(Self {
            provider,
            sessions,
            unverified: finished(config, sessions),
            trusted,
            verified: OnceCell::new(),
            with_certificates: RefCell::default(),
            http2: RefCell::default(),
        })
    }

    /// A connector that checks certificates and host names if `verify`, asks for HTTP/2 if `http2`, and
    /// shows `certificate`, given with its position in the key store. It resumes the sessions of `own`,
    /// if each user has its own.
    ///
    /// # Errors
    ///
    /// What is wrong with the machine's or the given trust roots, or with the certificate.
    pub(crate) fn connector(
        &self,
        (verify, http2): (bool, bool),
        certificate: Option<(usize, &ClientCertificate)>,
        own: impl FnOnce(TlsKey, &mut dyn FnMut() -> TlsConnector) -> TlsConnector,
    ) -> Result<TlsConnector, String> {
        let key = TlsKey {
            verify,
            http2,
            certificate: certificate.map(|(index, _)| index),
        };
        let mut config = self.config(verify, certificate)?;
        if http2 {
            config = self.for_http2(key, &config);
        }
        if self.sessions != TlsSessions::User {
            return Ok(TlsConnector::from(config));
        }
        Ok(own(key, &mut || {
            let mut config = ClientConfig::clone(&config);
            config.resumption = Resumption::in_memory_sessions(USER_SESSIONS);
            TlsConnector::from(Arc::new(config))
        }))
    }

    /// `config`, which is that of `key` for HTTP/1.1, asking for HTTP/2.
    fn for_http2(&self, key: TlsKey, config: &ClientConfig) -> Arc<ClientConfig> {
        let mut known = self.http2.borrow_mut();
        let made = known.entry(key).or_insert_with(|| {
            let mut config = config.clone();
            config.alpn_protocols = vec![HTTP2_NAME.to_vec()];
            Arc::new(config)
        });
        Arc::clone(made)
    }

    fn config(
        &self,
        verify: bool,
        certificate: Option<(usize, &ClientCertificate)>,
    ) -> Result<Arc<ClientConfig>, String> {
        if let Some((index, certificate)) = certificate {
            return self.with_certificate(verify, index, certificate);
        }
        if !verify {
            return Ok(Arc::clone(&self.unverified));
        }
        self.verified.get_or_init(|| self.make(true, None)).clone()
    }

    fn with_certificate(
        &self,
        verify: bool,
        index: usize,
        certificate: &ClientCertificate,
    ) -> Result<Arc<ClientConfig>, String> {
        let mut known = self.with_certificates.borrow_mut();
        if let Some(config) = known.get(&(verify, index)) {
            return Ok(Arc::clone(config));
        }
        let config = self.make(verify, Some(certificate))?;
        known.insert((verify, index), Arc::clone(&config));
        Ok(config)
    }

    fn make(
        &self,
        verify: bool,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Arc<ClientConfig>, String> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = if verify {
            builder.with_root_certificates(self.roots()?)
        } else {
            builder
                .dangerous()
                .with_custom_certificate_verifier(no_verification(&self.provider))
        };
        let config = match certificate {
            None => builder.with_no_client_auth(),
            Some(certificate) => builder
                .with_client_auth_cert(certificate.chain.clone(), certificate.key.clone_key())
                .map_err(|error| format!("client certificate {}: {error}", certificate.alias))?,
        };
        Ok(finished(config, self.sessions))
    }

    fn roots(&self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(native.certs);
        for certificate in &self.trusted {
            roots
                .add(CertificateDer::from_slice(certificate))
                .map_err(|error| format!("trusted certificate: {error}"))?;
        }
        if roots.is_empty() {
            return Err("no trusted root certificates on this machine".to_owned());
        }
        Ok(roots)
    }
}

fn no_verification(provider: &CryptoProvider) -> Arc<NoVerification> {
    Arc::new(NoVerification {
        schemes: provider
            .signature_verification_algorithms
            .supported_schemes(),
    })
}

fn finished(mut config: ClientConfig, sessions: TlsSessions) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if sessions != TlsSessions::Shared {
        // Users who keep their own get a store each.
        config.resumption = Resumption::disabled();
    }
    Arc::new(config)
}

/// Accepts every certificate, as JMeter does: the subject is the server's speed, not its identity.
#[derive(Debug)]
struct NoVerification {
    schemes: Vec<SignatureScheme>,
}

impl ServerCertVerifier for NoVerification {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}
