//! What rules HTTP requests besides defaults, headers and cookies, compiled.

use super::Template;
use crate::AuthMechanism;

/// A compiled [`crate::CacheManager`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheProgram {
    /// Whether the cache is emptied at each iteration of the thread group.
    pub clear_each_iteration: bool,
    /// Whether the thread group's same-user setting decides that instead.
    pub controlled_by_group: bool,
    /// Whether `Cache-Control` and `Expires` say for how long no request is sent.
    pub use_expires: bool,
    /// Most entries of one user; text that is no number is 0.
    pub max_size: Template,
}

/// A compiled row of an Authorization Manager; see [`crate::Authorization`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationProgram {
    /// How the URLs begin that it is for.
    pub url: Template,
    /// User name.
    pub user: Template,
    /// Password.
    pub password: Template,
    /// Realm; empty for any.
    pub realm: Template,
    /// How it is sent.
    pub mechanism: AuthMechanism,
}

/// A compiled [`crate::DnsCacheManager`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsProgram {
    /// Whether the answers are forgotten at each iteration of the thread group.
    pub clear_each_iteration: bool,
    /// Name servers that are asked in turn; without any, the system's resolver.
    pub servers: Vec<Template>,
    /// Names with addresses of the plan's own: name, addresses separated by commas.
    pub hosts: Vec<(Template, Template)>,
}

/// A proxy of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyProgram {
    /// Host; empty for no proxy.
    pub host: Template,
    /// Port; 0 or no number for no proxy.
    pub port: Template,
    /// User name; empty sends none.
    pub user: Template,
    /// Password.
    pub password: Template,
}

/// The source address of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceProgram {
    /// Address, host name or name of a network device; empty for the system's choice.
    pub address: Template,
    /// What it is.
    pub kind: SourceKind,
}

/// What names a source address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceKind {
    /// An address or a host name.
    #[default]
    Host,
    /// A network device; its first address.
    Device,
    /// A network device; its first address of version 4.
    DeviceV4,
    /// A network device; its first address of version 6.
    DeviceV6,
}

/// How the resources of a page are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedProgram {
    /// Whether several are fetched at the same time.
    pub concurrent: bool,
    /// How many; text that is no number is 6.
    pub pool_size: Template,
    /// Regular expression that the URLs match as a whole; empty for all.
    pub include: Template,
    /// Regular expression of URLs that are not fetched; empty for none.
    pub exclude: Template,
}
