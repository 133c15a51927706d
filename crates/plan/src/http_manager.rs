//! Config elements that rule HTTP requests besides defaults, headers and cookies: cache,
//! authorization, name resolution, client certificates.

use crate::Text;

/// An HTTP Cache Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheManager {
    /// Whether the cache is emptied at each iteration of the thread group.
    pub clear_each_iteration: bool,
    /// Whether the thread group's same-user setting decides that instead.
    pub controlled_by_group: bool,
    /// Whether `Cache-Control` and `Expires` say for how long no request is sent.
    pub use_expires: bool,
    /// Most entries of one user; text that is no number is 0.
    pub max_size: Text,
}

/// How a user name and password are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthMechanism {
    /// Basic, with the first request already.
    #[default]
    Basic,
    /// Digest, after the server's challenge.
    Digest,
}

/// One row of an HTTP Authorization Manager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorization {
    /// How the URLs begin that it is for.
    pub url: Text,
    /// User name.
    pub user: Text,
    /// Password.
    pub password: Text,
    /// Realm; empty for any.
    pub realm: Text,
    /// How it is sent.
    pub mechanism: AuthMechanism,
}

/// A DNS Cache Manager: each user resolves names for itself and remembers the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsCacheManager {
    /// Whether the answers are forgotten at each iteration of the thread group.
    pub clear_each_iteration: bool,
    /// Name servers that are asked in turn; without any, the system's resolver.
    pub servers: Vec<Text>,
    /// Names with addresses of the plan's own: name, addresses separated by commas.
    pub hosts: Vec<(Text, Text)>,
}

/// A Keystore Configuration: which of the key store's certificates a user shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeystoreConfig {
    /// Index of the first certificate that is used, counted from 0.
    pub start_index: u32,
    /// Index of the last one; `None` means the last of the store.
    pub end_index: Option<u32>,
    /// Name of the variable that holds the alias; empty means that users take turns.
    pub alias_variable: String,
}
