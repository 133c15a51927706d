//! Where a program sends its requests, as far as that is known before the run.

use std::net::{IpAddr, SocketAddr};

use loadline_plan::program::{DnsProgram, HttpProgram, Template};

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
    /// Names or addresses that the plan itself gives to the host, if it does.
    pub stands_for: Option<Vec<String>>,
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
    let address = address_of_way(request, ways, text)?;
    match &request.dns {
        Some(names) if address.unix_socket.is_none() => looked_up(address, names, text),
        _ => Some(address),
    }
}

fn address_of_way(
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

/// `address` with what its host stands for in the plan's own `names`; `None` if only the plan's name servers
/// know that.
///
/// As in JMeter a name is found in any case, and its addresses then in the same case only.
fn looked_up(
    address: Address,
    names: &DnsProgram,
    text: &mut dyn FnMut(&Template) -> Option<String>,
) -> Option<Address> {
    let is_address = |name: &str| name.parse::<IpAddr>().is_ok();
    let mut asks_servers = false;
    for server in &names.servers {
        let server = text(server)?;
        asks_servers |= is_address(server.trim()) || server.trim().parse::<SocketAddr>().is_ok();
    }
    let mut is_own = false;
    let mut stands_for = None;
    for (name, list) in &names.hosts {
        let name = text(name)?;
        is_own |= name.eq_ignore_ascii_case(&address.host);
        if stands_for.is_none() && name == address.host {
            stands_for = Some(text(list)?);
        }
    }
    if !is_own {
        let is_known = !asks_servers || is_address(&address.host);
        return is_known.then_some(address);
    }
    let list = stands_for.unwrap_or_default();
    let parts = list.split(',').map(str::trim);
    let mut all: Vec<String> = (parts.filter(|part| !part.is_empty()))
        .map(str::to_owned)
        .collect();
    if asks_servers && all.iter().any(|part| !is_address(part)) {
        all.retain(|part| is_address(part));
        if all.is_empty() {
            return None;
        }
    }
    Some(Address {
        stands_for: Some(all),
        ..address
    })
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
        stands_for: None,
    })
}

fn default_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}
