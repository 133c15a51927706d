//! Client certificates in PKCS#12 files (RFC 7292), read by a library.

use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use rustls::pki_types::PrivateKeyDer;

use super::key_store::ClientCertificate;

/// The certificates with keys in `content`, in the order of their aliases.
///
/// # Errors
///
/// What is wrong: another password, or no PKCS#12.
pub(crate) fn read(content: &[u8], password: &str) -> Result<Vec<ClientCertificate>, String> {
    let store = KeyStore::from_pkcs12(content, password, Pkcs12ImportPolicy::Relaxed)
        .map_err(|error| format!("not readable with this password ({error})"))?;
    let mut certificates = Vec::new();
    for (alias, entry) in store.entries() {
        let KeyStoreEntry::PrivateKeyChain(chain) = entry else {
            continue;
        };
        let key = PrivateKeyDer::Pkcs8(chain.key().as_der().to_vec().into());
        certificates.push(ClientCertificate {
            alias: alias.to_owned(),
            chain: chain
                .certs()
                .iter()
                .map(|certificate| certificate.as_der().to_vec().into())
                .collect(),
            key,
        });
    }
    Ok(certificates)
}
