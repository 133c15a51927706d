//! The way through a proxy to a server that is spoken to over TLS: `CONNECT`.
//!
//! Source: HttpClient 4.5.14, `MainClientExec.createTunnelToTarget`.

use loadline_engine::SampleError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::authorization::{self, Answer, Covered};
use super::failure;
use super::response::{ResponseReader, Wanted};
use super::route::Proxy;
use super::sampler::Visit;
use super::session::ProxyMemory;
use super::wire::WireRequest;

/// What came of asking a proxy.
pub(crate) enum Opened {
    /// The connection leads to the server.
    Through(TcpStream),
    /// The proxy wants to know the user, and now it can be told: on this connection, if it may be used again.
    Again(Option<TcpStream>),
}

/// Asks the proxy at the other end of `stream` for the way to the server of `request`.
///
/// # Errors
///
/// A failed sample when the proxy refuses or does not speak HTTP.
pub(crate) async fn open(
    mut stream: TcpStream,
    request: &WireRequest,
    proxy: &Proxy,
    visit: Visit<'_>,
    user_agent: &str,
) -> Result<Opened, SampleError> {
    let target = if request.host.contains(':') {
        format!("[{}]:{}", request.host, request.port)
    } else {
        format!("{}:{}", request.host, request.port)
    };
    let known = known_authorization(visit, request, proxy, &target);
    let named = target.strip_suffix(":443").unwrap_or(&target);
    let mut asked = format!("CONNECT {target} HTTP/1.1\r\nHost: {named}\r\n");
    if !user_agent.is_empty() {
        asked.push_str(&format!("User-Agent: {user_agent}\r\n"));
    }
    if let Some(value) = &known {
        asked.push_str(&format!("Proxy-Authorization: {value}\r\n"));
    }
    asked.push_str("\r\n");
    let transfer = |error: std::io::Error| failure::transfer(&error);
    stream.write_all(asked.as_bytes()).await.map_err(transfer)?;
    // Byte by byte: a way that is open has no body, and what comes behind it is the server's.
    let mut answer = Vec::new();
    let mut reader = ResponseReader::new(Wanted {
        challenges: true,
        ..Wanted::default()
    });
    let mut is_whole = false;
    loop {
        let has_head = answer.ends_with(b"\r\n\r\n");
        if is_whole || has_head && is_open(&answer) {
            break;
        }
        let mut byte = [0u8; 1];
        let count = stream.read(&mut byte).await.map_err(transfer)?;
        if count == 0 && !has_head {
            return Err(failure::no_response(&proxy.host, proxy.port));
        }
        if count == 0 {
            break;
        }
        if !has_head {
            answer.extend(byte);
        }
        is_whole = reader
            .feed(&byte)
            .map_err(|error| failure::protocol(&error.to_string()))?;
    }
    match reader.status() {
        200..300 => Ok(Opened::Through(stream)),
        407 if known.is_none() && remember(visit, request, proxy, &reader) => {
            let may_go_on = is_whole && reader.is_reusable();
            Ok(Opened::Again(may_go_on.then_some(stream)))
        }
        status => Err(failure::proxy(&format!(
            "CONNECT refused by proxy: HTTP/1.1 {status}"
        ))),
    }
}

/// Whether a head says that the way is open.
fn is_open(head: &[u8]) -> bool {
    head.split(|&byte| byte == b' ')
        .nth(1)
        .is_some_and(|status| status.starts_with(b"2"))
}

/// The value of `Proxy-Authorization` that the proxy has asked for before, if it has.
fn known_authorization(
    visit: Visit<'_>,
    request: &WireRequest,
    proxy: &Proxy,
    target: &str,
) -> Option<String> {
    if proxy.user.is_empty() {
        return None;
    }
    (visit.session).with(|own| match own.proxy_memory(request, proxy) {
        ProxyMemory::Nothing | ProxyMemory::Refused => None,
        ProxyMemory::Basic => Some(authorization::basic(&proxy.user, &proxy.password)),
        ProxyMemory::Digest(digest) => {
            let covered = Covered {
                method: "CONNECT",
                target,
                body: b"",
            };
            let salt = visit.clock.now().as_micros();
            Some(digest.answer(&proxy.user, &proxy.password, &covered, salt))
        }
    })
}

/// Remembers what the proxy asks for; whether it can be given.
fn remember(
    visit: Visit<'_>,
    request: &WireRequest,
    proxy: &Proxy,
    reader: &ResponseReader,
) -> bool {
    let challenges = reader.kept().map_or(&[][..], |kept| &kept.challenges);
    let answer = authorization::choose(challenges.iter().map(|challenge| &**challenge), "");
    let memory = match answer {
        _ if proxy.user.is_empty() => return false,
        None => return false,
        Some(Answer::Basic) => ProxyMemory::Basic,
        Some(Answer::Digest(digest)) => ProxyMemory::Digest(digest),
    };
    (visit.session).with(|own| *own.proxy_memory(request, proxy) = memory);
    true
}
