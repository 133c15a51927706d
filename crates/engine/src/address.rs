//! Where a program sends its requests, as far as that is known before the run.

use loadline_plan::program::{HttpProgram, Template};

use crate::settings::HttpWays;

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// `http` or `https`.
    pub scheme: String,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// File of the Unix socket that takes the place of host and port, if one does.
    pub unix_socket: Option<String>,
    /// Host of the server behind it, if this is a proxy.
    pub behind: Option<String>,
}

/// The address to which `request` goes; `None` if it has no host or its port is none.
///
/// `text` evaluates a template. A path that is a whole URL takes the place of the other settings,
/// as in JMeter. `ways` have the Unix socket and the proxy of requests that name none; a proxy takes the
/// place of the server behind it, which is named all the same.
pub(crate) fn address_of(
    request: &HttpProgram,
    ways: &HttpWays,
    text: &mut dyn FnMut(&Template) -> Option<String>,
) -> Option<Address> {
    let unix_socket = match &request.unix_socket {
        Some(file) => Some(text(file)?).filter(|file| !file.is_empty()),
        None => ways.unix_socket.as_deref().map(str::to_owned),
    };
    let address = address_of_url(request, text)?;
    if let Some(proxy) = &request.proxy {
        let host = text(&proxy.host)?;
        let port = text(&proxy.port)?.parse().unwrap_or(0);
        // One that comes out empty gives way to that of `ways`.
        if !host.trim().is_empty() && port > 0 {
            return through(&host, port, &address);
        }
    }
    if let (Some(proxy), None) = (&ways.proxy, &unix_socket) {
        let is_spared = match request.java_client {
            true => proxy.spares_in_java(&address.host),
            false => proxy.spares(&address.host),
        };
        if !is_spared {
            return through(&proxy.host, proxy.port, &address);
        }
    }
    Some(Address {
        unix_socket,
        ..address
    })
}

fn address_of_url(
    request: &HttpProgram,
    text: &mut dyn FnMut(&Template) -> Option<String>,
) -> Option<Address> {
    // The plan's own names decide where these go.
    if request.dns.is_some() {
        return None;
    }
    let path = text(&request.path).unwrap_or_default();
    if let Some((scheme, rest)) = path.split_once("://")
        && matches!(scheme, "http" | "https")
    {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, default_port(scheme)),
        };
        return whole(scheme, host, port);
    }
    let protocol = text(&request.protocol)?.to_ascii_lowercase();
    if protocol == "file" {
        return None;
    }
    let scheme = if protocol.is_empty() {
        "http"
    } else {
        &protocol
    };
    let port = match text(&request.port)?.trim().parse() {
        Ok(port) if port > 0 => port,
        _ => default_port(scheme),
    };
    whole(scheme, text(&request.domain)?.trim(), port)
}

/// The proxy at `host` and `port`, on the way to `server`.
fn through(host: &str, port: u16, server: &Address) -> Option<Address> {
    Some(Address {
        behind: Some(server.host.clone()),
        ..whole("http", host, port)?
    })
}

fn whole(scheme: &str, host: &str, port: u16) -> Option<Address> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| Address {
        scheme: scheme.to_owned(),
        host: host.to_owned(),
        port,
        unix_socket: None,
        behind: None,
    })
}

fn default_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}
