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
    /// The proxy wants to know the user, and now it can be told.
    Again,
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
    let known = known_authorization(visit, proxy, &target);
    let mut asked = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if !user_agent.is_empty() {
        asked.push_str(&format!("User-Agent: {user_agent}\r\n"));
    }
    if let Some(value) = &known {
        asked.push_str(&format!("Proxy-Authorization: {value}\r\n"));
    }
    asked.push_str("\r\n");
    let transfer = |error: std::io::Error| failure::transfer(&error);
    stream.write_all(asked.as_bytes()).await.map_err(transfer)?;
    // The answer to CONNECT has no body, and bytes behind it would be the server's.
    let mut reader = ResponseReader::new(Wanted {
        answers_head: true,
        challenges: true,
        ..Wanted::default()
    });
    let mut byte = [0u8; 1];
    loop {
        let count = stream.read(&mut byte).await.map_err(transfer)?;
        if count == 0 {
            return Err(failure::no_response(&proxy.host, proxy.port));
        }
        match reader.feed(&byte) {
            Ok(true) => break,
            Ok(false) => {}
            Err(error) => return Err(failure::protocol(&error.to_string())),
        }
    }
    match reader.status() {
        200..300 => Ok(Opened::Through(stream)),
        407 if known.is_none() && remember(visit, proxy, &reader) => Ok(Opened::Again),
        status => Err(failure::proxy(&format!(
            "CONNECT refused by proxy: HTTP/1.1 {status}"
        ))),
    }
}

/// The value of `Proxy-Authorization` that the proxy has asked for before, if it has.
fn known_authorization(visit: Visit<'_>, proxy: &Proxy, target: &str) -> Option<String> {
    if proxy.user.is_empty() {
        return None;
    }
    visit.session.with(|own| match &mut own.proxy {
        ProxyMemory::Nothing => None,
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
fn remember(visit: Visit<'_>, proxy: &Proxy, reader: &ResponseReader) -> bool {
    let challenges = reader.kept().map_or(&[][..], |kept| &kept.challenges);
    let answer = authorization::choose(challenges.iter().map(|challenge| &**challenge), "");
    let memory = match answer {
        _ if proxy.user.is_empty() => return false,
        None => return false,
        Some(Answer::Basic) => ProxyMemory::Basic,
        Some(Answer::Digest(digest)) => ProxyMemory::Digest(digest),
    };
    visit.session.with(|own| own.proxy = memory);
    true
}
