//! Failed samples: their class, JMeter's code for them and what happened in one line.
//!
//! Codes and messages are those of JMeter 5.6.3 with HttpClient 4.5.14, so that assertions, result
//! files and people who know them find what they expect.

use std::borrow::Cow;
use std::io;
use std::net::IpAddr;

use loadline_engine::SampleError;
use loadline_engine::functions::{Exception, FunctionError};
use loadline_events::ErrorKind;

use super::target::TargetRefused;

/// Greatest length of a failure's message, in characters.
pub(crate) const MESSAGE_CHARACTERS: usize = 200;

/// Greatest length of the list of what failed of a page, in characters; JMeter has no bound.
const LIST_CHARACTERS: usize = 8192;

/// `EMFILE` and `ENFILE`, which have the same numbers on all Unix systems and no
/// [`io::ErrorKind`].
const FILE_LIMIT_ERRORS: [i32; 2] = [24, 23];

fn failure(kind: ErrorKind, code: &'static str, message: &str) -> SampleError {
    SampleError {
        kind,
        code: Cow::Borrowed(code),
        message: bounded(message),
    }
}

/// `text` with runs of white space and control characters replaced by one space, cut after
/// [`MESSAGE_CHARACTERS`].
pub(crate) fn one_line(text: &str) -> Box<str> {
    line_of(text, MESSAGE_CHARACTERS)
}

/// `text` with a space for each control character, cut after [`MESSAGE_CHARACTERS`].
fn bounded(text: &str) -> Box<str> {
    let letters = text.chars().take(MESSAGE_CHARACTERS);
    letters
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

fn line_of(text: &str, most_characters: usize) -> Box<str> {
    let mut line = String::with_capacity(text.len().min(4 * most_characters));
    let mut count = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            gap = count > 0;
            continue;
        }
        let needed = if gap { 2 } else { 1 };
        if count + needed > most_characters {
            break;
        }
        if gap {
            line.push(' ');
        }
        gap = false;
        line.push(character);
        count += needed;
    }
    line.into()
}

/// The status says failure; `body` is the beginning of the body, empty if there is none to show.
pub(crate) fn status(status: u16, body: &[u8]) -> SampleError {
    let text = String::from_utf8_lossy(body);
    let message = if text.trim().is_empty() {
        format!("HTTP {status}")
    } else {
        format!("HTTP {status}: {text}")
    };
    SampleError {
        kind: ErrorKind::Status,
        code: Cow::Owned(status.to_string()),
        message: one_line(&message),
    }
}

/// The address is not among the allowed targets.
pub(crate) fn target_refused(refused: &TargetRefused) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.lang.SecurityException",
        &refused.to_string(),
    )
}

/// A URL with a character that cannot stand there, or one that is none.
pub(crate) fn uri_syntax(message: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.net.URISyntaxException",
        message,
    )
}

/// A URL without host.
pub(crate) fn no_host(url: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: org.apache.http.client.ClientProtocolException",
        &format!("URI does not specify a valid host name: {url}"),
    )
}

/// A protocol that is neither `http` nor `https`.
pub(crate) fn unknown_protocol(protocol: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.net.MalformedURLException",
        &format!("unknown protocol: {protocol}"),
    )
}

/// A port below -1, which stands for none.
pub(crate) fn invalid_port(port: i32) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.net.MalformedURLException",
        &format!("Invalid port number :{port}"),
    )
}

/// A function of the plan has no value; what JMeter throws then, where that is known.
pub(crate) fn function(fault: &FunctionError) -> SampleError {
    match &fault.thrown {
        Some(Exception { class, message }) => SampleError {
            kind: ErrorKind::Request,
            code: format!("Non HTTP response code: {class}").into(),
            message: bounded(message),
        },
        None => illegal_argument(&fault.to_string()),
    }
}

/// A value of the plan that no request can be made of.
pub(crate) fn illegal_argument(message: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.lang.IllegalArgumentException",
        message,
    )
}

/// A header of the plan that contradicts one that is sent in any case.
pub(crate) fn contradicting_header(name: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: org.apache.http.client.ClientProtocolException",
        &format!("{name} header already present"),
    )
}

/// A charset of the plan that is not known.
pub(crate) fn unsupported_charset(name: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.nio.charset.UnsupportedCharsetException",
        name,
    )
}

/// A file of a multipart body without MIME type.
pub(crate) fn no_content_type() -> SampleError {
    SampleError {
        // The type would stand behind the colon: there is none.
        message: "Invalid content type: ".into(),
        ..failure(
            ErrorKind::Request,
            "Non HTTP response code: org.apache.http.ParseException",
            "",
        )
    }
}

/// A file of a multipart body without a name for its part.
pub(crate) fn blank_name() -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.lang.IllegalStateException",
        "Name is blank",
    )
}

/// A header of an answer that should say a number and does not.
pub(crate) fn number_format(text: &str) -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: java.lang.NumberFormatException",
        &format!("For input string: \"{text}\""),
    )
}

/// A method that Java's own client does not know.
pub(crate) fn java_method(method: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.net.ProtocolException",
        &format!("Invalid HTTP method: {method}"),
    )
}

/// A file of the plan that cannot be read or may not be.
pub(crate) fn file(message: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.io.FileNotFoundException",
        message,
    )
}

/// More redirects than are followed.
pub(crate) fn too_many_redirects(limit: u32) -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: java.io.IOException",
        &format!("Exceeded maximum number of redirects: {limit}"),
    )
}

/// A redirect that does not say where to.
pub(crate) fn missing_location(method: &str, url: &str) -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: java.lang.IllegalArgumentException",
        &format!("Missing location header in redirect for {method} {url} HTTP/1.1"),
    )
}

/// The host name has no address.
pub(crate) fn unknown_host(host: &str) -> SampleError {
    failure(
        ErrorKind::Resolve,
        "Non HTTP response code: java.net.UnknownHostException",
        &format!("{host}: Name or service not known"),
    )
}

/// The plan's own hosts give the name no address.
pub(crate) fn no_address() -> SampleError {
    failure(
        ErrorKind::Resolve,
        "Non HTTP response code: org.apache.http.ConnectionClosedException",
        "Connection is closed",
    )
}

/// A host or network device without address, for a reason of the plan's.
pub(crate) fn unknown_host_because(message: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.net.UnknownHostException",
        message,
    )
}

/// The proxy did not let the request through.
pub(crate) fn proxy(message: &str) -> SampleError {
    failure(
        ErrorKind::Connect,
        "Non HTTP response code: org.apache.http.impl.execchain.TunnelRefusedException",
        message,
    )
}

/// Resources of a page failed.
pub(crate) fn resources(status: u16, message: &str) -> SampleError {
    SampleError {
        kind: ErrorKind::Protocol,
        code: Cow::Owned(status.to_string()),
        // JMeter's list of them ends in a comma and a space.
        message: format!("{} ", line_of(message, LIST_CHARACTERS)).into_boxed_str(),
    }
}

/// Pages are nested too deep.
pub(crate) fn too_many_frames() -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: java.lang.Exception",
        "Maximum frame/iframe nesting depth exceeded.",
    )
}

/// A client certificate that cannot be shown.
pub(crate) fn certificate(message: &str) -> SampleError {
    failure(
        ErrorKind::Request,
        "Non HTTP response code: java.lang.IllegalArgumentException",
        message,
    )
}

/// Looking the host name up failed.
pub(crate) fn resolve(host: &str, error: &io::Error) -> SampleError {
    if is_own_limit(error) {
        return own_limit(error);
    }
    unknown_host(host)
}

/// No connection in time.
pub(crate) fn connect_timeout(host: &str, port: u16, address: Option<IpAddr>) -> SampleError {
    let place = place(host, port, address);
    failure(
        ErrorKind::Timeout,
        "Non HTTP response code: org.apache.http.conn.ConnectTimeoutException",
        &format!("Connect to {place} failed: Connect timed out"),
    )
}

/// The TCP connection failed.
pub(crate) fn connect(host: &str, port: u16, address: IpAddr, error: &io::Error) -> SampleError {
    if is_own_limit(error) {
        return own_limit(error);
    }
    if error.kind() == io::ErrorKind::TimedOut {
        return connect_timeout(host, port, Some(address));
    }
    let (code, cause): (&'static str, Cow<'static, str>) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (
            "Non HTTP response code: org.apache.http.conn.HttpHostConnectException",
            "Connection refused".into(),
        ),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => (
            "Non HTTP response code: java.net.NoRouteToHostException",
            "No route to host".into(),
        ),
        _ => (
            "Non HTTP response code: java.net.ConnectException",
            error.to_string().into(),
        ),
    };
    let place = place(host, port, Some(address));
    failure(
        ErrorKind::Connect,
        code,
        &format!("Connect to {place} failed: {cause}"),
    )
}

/// The connection to the Unix socket `file` failed.
pub(crate) fn unix_socket(file: &str, error: &io::Error) -> SampleError {
    if is_own_limit(error) {
        return own_limit(error);
    }
    let cause: Cow<'static, str> = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::ConnectionRefused => "nobody listens there".into(),
        io::ErrorKind::PermissionDenied => "this user may not write to it".into(),
        _ => error.to_string().into(),
    };
    failure(
        ErrorKind::Connect,
        "Non HTTP response code: java.net.ConnectException",
        &format!("Connect to Unix socket {file} failed: {cause}"),
    )
}

/// A host as HttpClient prints it: with the address that was tried, in Java's form, and without
/// repeating an address that stands for the name.
fn place(host: &str, port: u16, address: Option<IpAddr>) -> String {
    let authority = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let Some(address) = address else {
        return authority;
    };
    let name = if host.parse::<IpAddr>().is_ok() {
        ""
    } else {
        host
    };
    match address {
        IpAddr::V4(address) => format!("{authority} [{name}/{address}]"),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:x}"));
            format!("{authority} [{name}/{}]", groups.join(":"))
        }
    }
}

/// No connection to the Unix socket `file` in time.
pub(crate) fn unix_socket_timeout(file: &str) -> SampleError {
    failure(
        ErrorKind::Timeout,
        "Non HTTP response code: org.apache.http.conn.ConnectTimeoutException",
        &format!("Connect to Unix socket {file} failed: Connect timed out"),
    )
}

/// The TLS handshake failed.
pub(crate) fn tls(message: &str) -> SampleError {
    failure(
        ErrorKind::Tls,
        "Non HTTP response code: javax.net.ssl.SSLHandshakeException",
        message,
    )
}

/// No byte came in time.
pub(crate) fn read_timeout() -> SampleError {
    failure(
        ErrorKind::Timeout,
        "Non HTTP response code: java.net.SocketTimeoutException",
        "Read timed out",
    )
}

/// The server closed the connection before it answered.
pub(crate) fn no_response(host: &str, port: u16) -> SampleError {
    failure(
        ErrorKind::Closed,
        "Non HTTP response code: org.apache.http.NoHttpResponseException",
        &format!("{host}:{port} failed to respond"),
    )
}

/// The server closed the connection within the answer.
pub(crate) fn cut_short(message: &str) -> SampleError {
    failure(
        ErrorKind::Closed,
        "Non HTTP response code: org.apache.http.ConnectionClosedException",
        message,
    )
}

/// Reading or writing failed.
pub(crate) fn transfer(error: &io::Error) -> SampleError {
    if is_own_limit(error) {
        return own_limit(error);
    }
    let message: Cow<'static, str> = match error.kind() {
        io::ErrorKind::ConnectionReset => "Connection reset".into(),
        io::ErrorKind::BrokenPipe => "Broken pipe".into(),
        io::ErrorKind::UnexpectedEof => "Connection closed".into(),
        _ => error.to_string().into(),
    };
    failure(
        ErrorKind::Closed,
        "Non HTTP response code: java.net.SocketException",
        &message,
    )
}

/// The server closed the connection within a chunk.
pub(crate) fn chunk_cut_short(message: &str) -> SampleError {
    failure(
        ErrorKind::Closed,
        "Non HTTP response code: org.apache.http.TruncatedChunkException",
        message,
    )
}

/// The answer is not HTTP.
pub(crate) fn protocol(message: &str) -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: org.apache.http.client.ClientProtocolException",
        message,
    )
}

/// The body is not in chunked coding.
pub(crate) fn chunked_coding(message: &str) -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: org.apache.http.MalformedChunkCodingException",
        message,
    )
}

/// The body is not in the encoding that it claims.
pub(crate) fn content_encoding(message: &str) -> SampleError {
    failure(
        ErrorKind::Protocol,
        "Non HTTP response code: java.util.zip.ZipException",
        message,
    )
}

/// Whether the error says that this machine, not the server, is at its end.
fn is_own_limit(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::OutOfMemory
    ) || (cfg!(unix)
        && error
            .raw_os_error()
            .is_some_and(|code| FILE_LIMIT_ERRORS.contains(&code)))
}

fn own_limit(error: &io::Error) -> SampleError {
    failure(
        ErrorKind::Generator,
        "Non HTTP response code: java.net.SocketException",
        &format!("this machine's limit: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_bounded_line() {
        assert_eq!(&*one_line("  a\r\n\tb\u{0} c  "), "a b c");
        assert_eq!(
            one_line(&"é".repeat(500)).chars().count(),
            MESSAGE_CHARACTERS
        );
        assert_eq!(
            one_line(&"a ".repeat(500)).chars().count(),
            MESSAGE_CHARACTERS - 1
        );
    }

    #[test]
    fn a_failed_status_shows_the_beginning_of_the_body() {
        assert_eq!(
            &*status(503, b"{\"error\":\n \"queue full\"}").message,
            "HTTP 503: {\"error\": \"queue full\"}"
        );
        assert_eq!(&*status(404, b" \n").message, "HTTP 404");
        assert_eq!(status(404, b"").code, "404");
    }

    #[test]
    fn places_are_printed_as_httpclient_does() {
        let check = |host: &str, address: &str, expected: &str| {
            assert_eq!(place(host, 81, Some(address.parse().unwrap())), expected);
        };
        check("h", "127.0.0.1", "h:81 [h/127.0.0.1]");
        check("127.0.0.1", "127.0.0.1", "127.0.0.1:81 [/127.0.0.1]");
        check("::1", "::1", "[::1]:81 [/0:0:0:0:0:0:0:1]");
        assert_eq!(place("h", 81, None), "h:81");
    }

    #[test]
    fn own_limits_are_not_the_servers_errors() {
        let address = "127.0.0.1".parse().unwrap();
        let kind = |error: io::Error| connect("h", 80, address, &error).kind;
        assert_eq!(kind(io::Error::from_raw_os_error(24)), ErrorKind::Generator);
        assert_eq!(
            kind(io::ErrorKind::AddrNotAvailable.into()),
            ErrorKind::Generator
        );
        assert_eq!(
            kind(io::ErrorKind::ConnectionRefused.into()),
            ErrorKind::Connect
        );
        assert_eq!(kind(io::ErrorKind::TimedOut.into()), ErrorKind::Timeout);
    }
}
