//! Settings of the HTTP sampler that do not stand in a plan.

use std::path::PathBuf;
use std::time::Duration;

use loadline_engine::{HttpWays, TlsSessions};

use super::TargetPolicy;

/// How an engine thread's [`super::HttpSampler`] behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Which machines may be loaded.
    pub allowed: TargetPolicy,
    /// Connections that the thread opens at the same time; at least 1. A sample that waits for its
    /// turn has not started yet, so the wait is start delay and not the server's time.
    pub connect_gate: usize,
    /// Time to connect (name, TCP and TLS) where the plan sets none; `None` means no bound.
    pub default_connect_timeout: Option<Duration>,
    /// Greatest gap between two reads where the plan sets none; `None` means no bound.
    pub default_response_timeout: Option<Duration>,
    /// Age at which a kept-alive connection is replaced before its next request; `None` means
    /// never. JMeter's is 60 s (`httpclient4.time_to_live`).
    pub connection_lifetime: Option<Duration>,
    /// Value of `User-Agent` where the plan sets none; empty sends none.
    pub user_agent: String,
    /// Folder that holds the plan: relative file names start here, and no file outside it is read.
    /// `None` refuses files.
    pub base_folder: Option<PathBuf>,
    /// Certificates (DER) trusted besides those of the machine, where the plan asks for
    /// verification.
    pub trusted_certificates: Vec<Vec<u8>>,
    /// Who may resume TLS sessions.
    pub tls_sessions: TlsSessions,
    /// How servers are spoken to where the plan does not say.
    pub ways: HttpWays,
}

impl Default for HttpOptions {
    /// Loopback and private targets, a bounded number of connects at a time, no time bounds but the plan's.
    fn default() -> Self {
        Self {
            allowed: TargetPolicy::default(),
            connect_gate: 200,
            default_connect_timeout: None,
            default_response_timeout: None,
            connection_lifetime: None,
            user_agent: concat!("Loadline/", env!("CARGO_PKG_VERSION")).to_owned(),
            base_folder: None,
            trusted_certificates: Vec::new(),
            tls_sessions: TlsSessions::default(),
            ways: HttpWays::default(),
        }
    }
}

/// Why a sampler cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The base folder of the plan's files cannot be resolved.
    #[error("base folder {folder:?} of the plan's files cannot be opened")]
    BaseFolder {
        /// The folder as given.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The cryptographic library offers none of the TLS versions.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}
