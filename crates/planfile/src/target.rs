//! The server under test, from a plan's `target:`.

use crate::reference::{self, Part};

/// Where requests go that name no server themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// `http` or `https`; empty when `prefix` holds the whole URL.
    pub(crate) protocol: String,
    /// Host name or address.
    pub(crate) host: String,
    /// Port; empty for the protocol's.
    pub(crate) port: String,
    /// What stands before the path of each request: the target's own path, or a reference to a
    /// whole URL. Does not end in `/`.
    pub(crate) prefix: String,
}

impl Target {
    /// Takes a URL apart. References may stand for the whole, the host, the port and in the path.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL.
    pub(crate) fn parse(text: &str) -> Result<Target, String> {
        let text = text.trim();
        if text.starts_with("${") {
            return Ok(Target {
                prefix: text.trim_end_matches('/').to_owned(),
                ..Target::default()
            });
        }
        let (protocol, rest) = ["http", "https"]
            .into_iter()
            .find_map(|protocol| {
                let rest = text.strip_prefix(protocol)?.strip_prefix("://")?;
                Some((protocol, rest))
            })
            .ok_or_else(|| format!("`{text}` does not begin with http:// or https://"))?;
        let authority_end = find_outside(rest, '/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(authority_end);
        if let Some(sign) = ['?', '#']
            .into_iter()
            .find(|sign| find_outside(rest, *sign).is_some())
        {
            return Err(format!(
                "`{text}` has a `{sign}`, which only a request's path may have"
            ));
        }
        if find_outside(authority, '@').is_some() {
            return Err(format!("`{text}` holds a user name"));
        }
        let (host, port) = split_port(authority);
        if host.is_empty() {
            return Err(format!("`{text}` names no host"));
        }
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
        if let Some(port) = port
            && !is_port(port)
            && !reference::has_reference(port)
        {
            return Err(format!("`{port}` is no port"));
        }
        Ok(Target {
            protocol: protocol.to_owned(),
            host: host.to_owned(),
            port: port.unwrap_or_default().to_owned(),
            prefix: path.trim_end_matches('/').to_owned(),
        })
    }
}

/// Host without brackets and port; the colons of an IPv6 address in brackets are no separators.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (host, rest.strip_prefix(':'));
    }
    match find_outside(authority, ':') {
        Some(colon) => (&authority[..colon], Some(&authority[colon + 1..])),
        None => (authority, None),
    }
}

/// Where `wanted` stands first outside references.
fn find_outside(text: &str, wanted: char) -> Option<usize> {
    let mut at = 0;
    for part in reference::parts(text) {
        match part {
            Part::Literal(literal) => {
                if let Some(found) = literal.find(wanted) {
                    return Some(at + found);
                }
                at += literal.len();
            }
            Part::Reference(reference) => at += reference.len(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, protocol: &str, host: &str, port: &str, prefix: &str) {
        assert_eq!(
            Target::parse(text),
            Ok(Target {
                protocol: protocol.to_owned(),
                host: host.to_owned(),
                port: port.to_owned(),
                prefix: prefix.to_owned(),
            })
        );
    }

    #[test]
    fn urls_are_taken_apart() {
        check("http://127.0.0.1:8000", "http", "127.0.0.1", "8000", "");
        check(
            "https://example.org/api/",
            "https",
            "example.org",
            "",
            "/api",
        );
        check("http://[::1]:80/", "http", "::1", "80", "");
        check(
            "http://${host}:${__P(port,80)}/v1",
            "http",
            "${host}",
            "${__P(port,80)}",
            "/v1",
        );
        check("${base}/", "", "", "", "${base}");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for text in [
            "127.0.0.1:8000",
            "ftp://x",
            "http://",
            "http://x:99999",
            "http://u@x",
            "http://x/?a=1",
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }
}
