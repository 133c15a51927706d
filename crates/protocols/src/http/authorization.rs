//! User names and passwords: which row is for a URL, and the headers that carry them.
//!
//! Basic goes out with the first request; Digest (RFC 2617 and RFC 7616 with MD5) answers the
//! server's challenge, anew for each request, as JMeter 5.6.3 (`AuthManager`) does with HttpClient
//! 4.5.14.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use loadline_plan::AuthMechanism;
use md5::{Digest as _, Md5};

use super::url_text;

/// A row of an Authorization Manager, evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) url: String,
    pub(crate) user: String,
    pub(crate) password: String,
    /// Empty for any.
    pub(crate) realm: String,
    pub(crate) mechanism: AuthMechanism,
}

/// A server's challenge to a Digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigestChallenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// As sent; empty when absent.
    algorithm: String,
    /// Whether the body is hashed as well.
    with_body: bool,
    /// Whether `qop` was asked for.
    has_quality: bool,
    /// Requests that used the nonce.
    uses: u32,
}

/// The first of `rows` whose URL is a beginning of `url`, with or without the scheme's own port.
pub(crate) fn row_for<'r>(rows: &'r [Credential], url: &str) -> Option<&'r Credential> {
    if rows.is_empty() {
        return None;
    }
    let other = with_other_port(url);
    rows.iter().find(|row| {
        url.starts_with(&row.url)
            || other
                .as_deref()
                .is_some_and(|other| other.starts_with(&row.url))
    })
}

/// `url`, without query, with the scheme's port where it names none and without where it does.
fn with_other_port(url: &str) -> Option<String> {
    let parts = url_text::split(url).ok()?;
    let default = parts.scheme.default_port();
    if parts.port != default {
        return None;
    }
    let name = parts.scheme.name();
    let path = parts.target.split('?').next().unwrap_or_default();
    let after_scheme = &url[name.len() + 3..];
    let authority = &after_scheme[..after_scheme
        .find(['/', '?', '#'])
        .unwrap_or(after_scheme.len())];
    let written = format!(":{default}");
    Some(match authority.strip_suffix(&written) {
        Some(bare) => format!("{name}://{bare}{path}"),
        None => format!("{name}://{authority}{written}{path}"),
    })
}

/// The value of a Basic `Authorization` header (RFC 7617). As in HttpClient it holds ASCII: what is beyond
/// that is a `?`.
pub(crate) fn basic(user: &str, password: &str) -> String {
    let ascii = |character: char| u8::try_from(character).ok().filter(u8::is_ascii);
    let bytes: Vec<u8> = format!("{user}:{password}")
        .chars()
        .map(|character| ascii(character).unwrap_or(b'?'))
        .collect();
    format!("Basic {}", STANDARD.encode(bytes))
}

/// The same as Java's own client sends it, in UTF-8.
pub(crate) fn basic_of_java(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// What answers one of the challenges of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Basic,
    Digest(DigestChallenge),
}

/// The strongest of `challenges`, each the value of one header, that is for `realm` (empty for any)
/// and that can be answered.
pub(crate) fn choose<'c>(
    challenges: impl IntoIterator<Item = &'c str>,
    realm: &str,
) -> Option<Answer> {
    let mut basic = None;
    for challenge in challenges {
        for (scheme, parameters) in split_challenges(challenge) {
            let parameter = |name: &str| {
                let found = parameters
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.clone())
            };
            let own_realm = parameter("realm").unwrap_or_default();
            if !realm.is_empty() && realm != own_realm {
                continue;
            }
            if scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Answer::Basic);
            } else if scheme.eq_ignore_ascii_case("digest") {
                let algorithm = parameter("algorithm").unwrap_or_default();
                let is_known = ["", "md5", "md5-sess"]
                    .iter()
                    .any(|known| algorithm.eq_ignore_ascii_case(known));
                let qualities = parameter("qop");
                let offers = |wanted: &str| {
                    qualities
                        .iter()
                        .flat_map(|list| list.split(','))
                        .any(|quality| quality.trim().eq_ignore_ascii_case(wanted))
                };
                let (auth, auth_int) = (offers("auth"), offers("auth-int"));
                let Some(nonce) = parameter("nonce") else {
                    continue;
                };
                if !is_known || (qualities.is_some() && !auth && !auth_int) {
                    continue;
                }
                return Some(Answer::Digest(DigestChallenge {
                    realm: own_realm,
                    nonce,
                    opaque: parameter("opaque"),
                    algorithm,
                    with_body: auth_int && !auth,
                    has_quality: qualities.is_some(),
                    uses: 0,
                }));
            }
        }
    }
    basic
}

/// A request as far as a Digest covers it.
pub(crate) struct Covered<'r> {
    pub(crate) method: &'r str,
    pub(crate) target: &'r str,
    pub(crate) body: &'r [u8],
}

impl DigestChallenge {
    /// The value of the `Authorization` header of one more `request`, made unique by `salt`.
    pub(crate) fn answer(
        &mut self,
        user: &str,
        password: &str,
        request: &Covered<'_>,
        salt: u64,
    ) -> String {
        self.uses += 1;
        let count = format!("{:08x}", self.uses);
        let client_nonce = format!("{salt:016x}");
        let mut secret = hex_md5(format!("{user}:{}:{password}", self.realm).as_bytes());
        if self.algorithm.eq_ignore_ascii_case("md5-sess") {
            secret = hex_md5(format!("{secret}:{}:{client_nonce}", self.nonce).as_bytes());
        }
        let mut covered = format!("{}:{}", request.method, request.target);
        if self.with_body {
            covered.push(':');
            covered.push_str(&hex_md5(request.body));
        }
        let covered = hex_md5(covered.as_bytes());
        let quality = if self.with_body { "auth-int" } else { "auth" };
        let response = if self.has_quality {
            format!(
                "{secret}:{}:{count}:{client_nonce}:{quality}:{covered}",
                self.nonce
            )
        } else {
            format!("{secret}:{}:{covered}", self.nonce)
        };
        let mut value = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
            quoted(user),
            quoted(&self.realm),
            self.nonce,
            request.target,
            hex_md5(response.as_bytes()),
        );
        if self.has_quality {
            value.push_str(&format!(
                ", qop={quality}, nc={count}, cnonce=\"{client_nonce}\""
            ));
        }
        let algorithm = match self.algorithm.as_str() {
            "" => "MD5",
            named => named,
        };
        value.push_str(&format!(", algorithm={algorithm}"));
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque=\"{opaque}\""));
        }
        value
    }
}

/// `text` as the inside of a quoted string (RFC 9110, section 5.6.4).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The MD5 sum of `bytes` in lower-case hexadecimal digits.
pub(crate) fn hex_md5(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(32);
    for byte in Md5::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The challenges in the value of one `WWW-Authenticate` header: schemes with their parameters.
fn split_challenges(value: &str) -> Vec<(&str, Vec<(&str, String)>)> {
    let mut challenges: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    let mut rest = value.trim_start_matches([' ', ',', '\t']);
    while !rest.is_empty() {
        let end = rest.find([' ', ',', '=', '\t']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after = after.trim_start_matches([' ', '\t']);
        match after.strip_prefix('=') {
            // A name within a scheme, so a value follows; other things are skipped.
            Some(after) if !word.is_empty() => {
                let (value, tail) = parameter_value(after.trim_start_matches([' ', '\t']));
                if let Some((_, parameters)) = challenges.last_mut() {
                    parameters.push((word, value));
                }
                rest = tail;
            }
            Some(after) => rest = after,
            None => {
                challenges.push((word, Vec::new()));
                rest = after;
            }
        }
        rest = rest.trim_start_matches([' ', ',', '\t']);
    }
    challenges
}

/// A token or quoted string at the beginning of `text`, and what follows.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(inside) = text.strip_prefix('"') else {
        let end = text.find([' ', ',', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = inside.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (value, &inside[index + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(url: &str) -> Credential {
        Credential {
            url: url.to_owned(),
            user: "u".to_owned(),
            password: "p".to_owned(),
            realm: String::new(),
            mechanism: AuthMechanism::Basic,
        }
    }

    #[test]
    fn a_row_is_for_urls_that_begin_with_its_own_whatever_the_default_port() {
        let check = |row_url: &str, url: &str, expected: bool| {
            let rows = [row("http://never/"), row(row_url)];
            assert_eq!(row_for(&rows, url).is_some(), expected, "{row_url} {url}");
        };
        check("http://h/a", "http://h/ab?q", true);
        check("http://h:80/a", "http://h/a", true);
        check("http://h/a", "http://h:80/a", true);
        check("https://h:443/", "https://h/", true);
        check("http://h:8000/", "http://h/", false);
        check("http://h/b", "http://h/a", false);
        check("", "http://h/", true);
    }

    #[test]
    fn basic_is_base64() {
        assert_eq!(
            basic("Aladdin", "open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(basic("a", ""), "Basic YTo=");
        assert_eq!(basic("ab", "c"), "Basic YWI6Yw==");
        assert_eq!(basic("ab", ""), "Basic YWI6");
        assert_eq!(basic("ü", ""), "Basic Pzo=");
        assert_eq!(basic_of_java("ü", ""), "Basic w7w6");
    }

    #[test]
    fn the_example_of_rfc_2617_comes_out() {
        let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                         nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                         opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let Some(Answer::Digest(mut digest)) = choose([challenge], "") else {
            panic!("a digest");
        };
        let request = Covered {
            method: "GET",
            target: "/dir/index.html",
            body: b"",
        };
        let value = digest.answer("Mufasa", "Circle Of Life", &request, 0x0a4f_113b);
        assert!(
            value.contains("qop=auth, nc=00000001, cnonce=\"000000000a4f113b\""),
            "{value}"
        );
        assert!(value.contains("uri=\"/dir/index.html\""));
        // The RFC's own client nonce has eight digits, so its sum is checked by its formula.
        let secret = hex_md5(b"Mufasa:testrealm@host.com:Circle Of Life");
        assert_eq!(secret, "939e7578ed9e3c518a452acee763bce9");
        let covered = hex_md5(b"GET:/dir/index.html");
        assert_eq!(covered, "39aff3a2bab6126f332b942af96d3366");
        let expected = hex_md5(
            format!(
                "{secret}:dcd98b7102dd2f0e8b11d0f600bfb0c093:00000001:000000000a4f113b:auth:{covered}"
            )
            .as_bytes(),
        );
        assert!(
            value.contains(&format!("response=\"{expected}\"")),
            "{value}"
        );
        let again = digest.answer("Mufasa", "Circle Of Life", &request, 1);
        assert!(again.contains("nc=00000002"), "{again}");
    }

    #[test]
    fn the_strongest_challenge_of_the_realm_is_answered() {
        let check = |challenges: &[&str], realm: &str, expected: &str| {
            let found = match choose(challenges.iter().copied(), realm) {
                None => "none".to_owned(),
                Some(Answer::Basic) => "basic".to_owned(),
                Some(Answer::Digest(digest)) => format!("digest {}", digest.nonce),
            };
            assert_eq!(found, expected, "{challenges:?} {realm}");
        };
        let digest = "Digest realm=\"a\", nonce=\"n\"";
        check(&["Basic realm=\"b\"", digest], "", "digest n");
        check(
            &["Basic realm=\"b\", Digest realm=\"a\", nonce=n"],
            "",
            "digest n",
        );
        check(&["Basic realm=\"b\"", digest], "b", "basic");
        check(&["Negotiate", "NTLM"], "", "none");
        check(
            &["Digest realm=\"a\", nonce=\"n\", algorithm=SHA-256"],
            "",
            "none",
        );
        check(&["Basic realm=\"a \\\" b, c\""], "a \" b, c", "basic");
        check(&["=,\"", ""], "", "none");
    }

    #[test]
    fn the_body_is_covered_where_only_that_is_offered() {
        let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\", algorithm=MD5-sess";
        let Some(Answer::Digest(mut digest)) = choose([challenge], "r") else {
            panic!("a digest");
        };
        let mut value = |body: &[u8]| {
            digest.uses = 0;
            let request = Covered {
                method: "POST",
                target: "/",
                body,
            };
            digest.answer("u", "p", &request, 1)
        };
        let (one, other) = (value(b"a"), value(b"b"));
        assert!(one.contains("qop=auth-int") && one.contains("algorithm=MD5-sess"));
        assert_ne!(one, other);
    }
}
