//! The client's certificates: a file of the user's choice, and which of them is shown.
//!
//! Source: JMeter 5.6.3, `KeystoreConfig` and `JmeterKeyStore`. Unlike there, users take turns on
//! each engine thread by itself. Not here: JKS files, which are refused by name.

use std::cell::Cell;

use loadline_plan::KeystoreConfig;
use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::route::CertificateChoice;

/// How a JKS file begins.
const JKS_MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];

/// A certificate with its chain and key.
#[derive(Debug)]
pub(crate) struct ClientCertificate {
    pub(crate) alias: String,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// The certificates of one file, in its order.
#[derive(Debug)]
pub(crate) struct KeyStore {
    entries: Vec<ClientCertificate>,
    turn: Cell<usize>,
}

impl KeyStore {
    /// Reads `file`: PEM, in which each private key belongs to the certificates beside it and has its
    /// number, counted from 1, as alias; or PKCS#12 with `password`.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, and what to do.
    pub(crate) fn open(file: &str, password: &str) -> Result<Self, String> {
        let content = std::fs::read(file).map_err(|error| format!("key store {file}: {error}"))?;
        let entries = if content.starts_with(&JKS_MAGIC) {
            return Err(format!(
                "key store {file} is a JKS file, which is not read: convert it with \
                 `keytool -importkeystore -deststoretype PKCS12`"
            ));
        } else if content.starts_with(b"\x30") {
            super::pkcs12::read(&content, password)
                .map_err(|problem| format!("key store {file}: {problem}"))?
        } else {
            read_pem(&content).map_err(|problem| format!("key store {file}: {problem}"))?
        };
        if entries.is_empty() {
            return Err(format!("key store {file}: No key(s) found"));
        }
        Ok(Self {
            entries,
            turn: Cell::new(0),
        })
    }

    /// The certificate of the next connection and its position: that of the alias, or the next one
    /// in turn.
    ///
    /// # Errors
    ///
    /// JMeter's words for an alias that is none, and for a range without certificates.
    pub(crate) fn choose(
        &self,
        choice: Option<&CertificateChoice>,
    ) -> Result<(usize, &ClientCertificate), String> {
        let whole = KeystoreConfig::default();
        let config = choice.map_or(&whole, |choice| &choice.config);
        let first = config.start_index as usize;
        let last = config.end_index.map_or(usize::MAX, |last| last as usize);
        let count = self.entries.len();
        let range = first.min(count)..last.saturating_add(1).min(count);
        let entries = range
            .clone()
            .zip(&self.entries[range.start..range.end.max(range.start)]);
        match choice.and_then(|choice| choice.alias.as_ref()) {
            Some(alias) => {
                let mut entries = entries;
                let found = entries.find(|(_, entry)| entry.alias.eq_ignore_ascii_case(alias));
                found.ok_or_else(|| format!("No certificate found for alias:'{alias}'"))
            }
            None => {
                let length = range.len();
                if length == 0 {
                    return Err("No key(s) found".to_owned());
                }
                let turn = self.turn.get();
                self.turn.set(turn.wrapping_add(1));
                let index = range.start + turn % length;
                Ok((index, &self.entries[index]))
            }
        }
    }
}

/// The entries of a PEM file: keys and certificates alternate, either may come first.
fn read_pem(content: &[u8]) -> Result<Vec<ClientCertificate>, String> {
    let mut entries: Vec<ClientCertificate> = Vec::new();
    let mut chain: Vec<CertificateDer<'static>> = Vec::new();
    let mut key_came_first = false;
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(content) {
        let (kind, bytes) = section.map_err(|error| format!("malformed PEM ({error})"))?;
        let key = match kind {
            SectionKind::Certificate => {
                chain.push(bytes.into());
                if key_came_first && let Some(entry) = entries.last_mut() {
                    entry.chain.append(&mut chain);
                }
                continue;
            }
            SectionKind::PrivateKey => PrivateKeyDer::Pkcs8(bytes.into()),
            SectionKind::RsaPrivateKey => PrivateKeyDer::Pkcs1(bytes.into()),
            SectionKind::EcPrivateKey => PrivateKeyDer::Sec1(bytes.into()),
            _ => continue,
        };
        key_came_first |= entries.is_empty() && chain.is_empty();
        entries.push(ClientCertificate {
            alias: (entries.len() + 1).to_string(),
            chain: std::mem::take(&mut chain),
            key,
        });
    }
    match entries.iter().find(|entry| entry.chain.is_empty()) {
        Some(entry) => Err(format!("private key {} has no certificate", entry.alias)),
        None => Ok(entries),
    }
}
