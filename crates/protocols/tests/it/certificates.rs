//! Client certificates: which one of a key store is shown.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use loadline_plan::KeystoreConfig;
use loadline_plan::program::{HttpProgram, Slot};
use rcgen::{CertifiedKey, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::server::answer;
use crate::user::{User, get_kept};

fn certificate(name: &str) -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed([name.to_owned()]).unwrap()
}

/// A server that asks for a certificate, answers one request on each connection, and says the
/// position of the certificate among `known`.
fn asking_server(known: &[&CertifiedKey<KeyPair>]) -> SocketAddr {
    let known: Vec<CertificateDer<'static>> =
        known.iter().map(|key| key.cert.der().clone()).collect();
    let mut roots = RootCertStore::empty();
    for certificate in &known {
        roots.add(certificate.clone()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let own = certificate("localhost");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut request = Vec::new();
            let mut byte = [0u8; 1];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut byte) {
                    Ok(1) => request.push(byte[0]),
                    _ => break,
                }
            }
            let shown = stream.conn.peer_certificates().unwrap_or_default().first();
            let position = known.iter().position(|known| Some(known) == shown);
            let body = position.map_or("none".to_owned(), |position| position.to_string());
            let _ = stream.write_all(&answer("200 OK", &["Connection: close"], body.as_bytes()));
        }
    });
    address
}

fn pem(keys: &[&CertifiedKey<KeyPair>]) -> String {
    let entries = keys.iter();
    entries
        .map(|key| key.signing_key.serialize_pem() + &key.cert.pem())
        .collect()
}

fn user_with(store: &Path, password: &str) -> User {
    let user = User::new();
    user.set_store(store, password);
    user
}

impl User {
    fn set_store(&self, store: &Path, password: &str) {
        self.set_property("javax.net.ssl.keyStore", store.to_str().unwrap());
        self.set_property("javax.net.ssl.keyStorePassword", password);
    }
}

async fn shown(user: &mut User, program: &HttpProgram) -> String {
    let outcome = user.sample(program).await;
    match outcome.error {
        None => String::from_utf8(outcome.response.into_inner().body).unwrap(),
        Some(error) => error.message.into(),
    }
}

fn program(address: SocketAddr, config: Option<KeystoreConfig>) -> HttpProgram {
    HttpProgram {
        keystore: config.map(Arc::new),
        ..get_kept(&format!("https://{address}/"))
    }
}

#[tokio::test]
async fn users_take_turns_within_the_range_unless_a_variable_names_one() {
    let (ann, bob, eve) = (certificate("ann"), certificate("bob"), certificate("eve"));
    let address = asking_server(&[&ann, &bob, &eve]);
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("keys.pem");
    std::fs::write(&store, pem(&[&ann, &bob, &eve])).unwrap();
    let mut user = user_with(&store, "");
    let all = program(address, None);
    for expected in ["0", "1", "2", "0"] {
        assert_eq!(shown(&mut user, &all).await, expected);
    }
    let range = KeystoreConfig {
        start_index: 1,
        end_index: Some(1),
        alias_variable: String::new(),
    };
    let mut user = user_with(&store, "");
    assert_eq!(shown(&mut user, &program(address, Some(range))).await, "1");
    let named = KeystoreConfig {
        alias_variable: "v".to_owned(),
        ..KeystoreConfig::default()
    };
    let named = program(address, Some(named));
    assert_eq!(shown(&mut user, &named).await, "No var called 'v' found");
    user.variables.set(Slot(0), "3");
    assert_eq!(shown(&mut user, &named).await, "2");
    user.variables.set(Slot(0), "4");
    let missing = "No certificate found for alias:'4'";
    assert_eq!(shown(&mut user, &named).await, missing);
}

#[tokio::test]
async fn pkcs12_files_are_read_with_their_password_and_jks_files_are_refused() {
    use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
    let ann = certificate("ann");
    let address = asking_server(&[&ann]);
    let chain = PrivateKeyChain::new(
        "1",
        PrivateKey::from_der(&ann.signing_key.serialize_der()).unwrap(),
        [Certificate::from_der(ann.cert.der()).unwrap()],
    );
    let mut keys = KeyStore::new();
    keys.add_entry("ann", KeyStoreEntry::PrivateKeyChain(chain));
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("keys.p12");
    std::fs::write(&store, keys.writer("s3cret").write().unwrap()).unwrap();
    let plan = program(address, None);
    assert_eq!(shown(&mut user_with(&store, "s3cret"), &plan).await, "0");
    let refused = shown(&mut user_with(&store, "other"), &plan).await;
    assert!(
        refused.contains("not readable with this password"),
        "{refused}"
    );
    std::fs::write(&store, b"\xfe\xed\xfe\xed\x00").unwrap();
    let refused = shown(&mut user_with(&store, ""), &plan).await;
    assert!(refused.contains("keytool -importkeystore"), "{refused}");
}
