//! Base64, hex, digests, URL coding, URIs.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac as _};
use md5::{Digest, Md5};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::string::{data_bytes, decode, encode};
use crate::library::throwable::{throw, throw_plain};
use crate::name::{methods, symbol};
use crate::value::{Native, Value, lock};

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Run<Vec<u8>> {
    let bad = || {
        throw(
            "java.lang.NumberFormatException",
            "odd number of characters in hex string",
        )
    };
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return Err(bad());
    }
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| bad()))
        .collect()
}

pub(crate) fn base64_text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A `groovy.lang.Writable`: its text.
pub(crate) fn writable(text: String) -> Value {
    crate::library::builder::buffer(text)
}

/// Base64 as commons-codec and Groovy read it: other characters are passed over.
pub(crate) fn lenient_base64(text: &str) -> Run<Vec<u8>> {
    let clean: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_'))
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    let keep = clean.len() - usize::from(clean.len() % 4 == 1);
    STANDARD_NO_PAD
        .decode(&clean[..keep])
        .or_else(|_| {
            base64::engine::GeneralPurpose::new(
                &base64::alphabet::STANDARD,
                base64::engine::GeneralPurposeConfig::new()
                    .with_decode_allow_trailing_bits(true)
                    .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
            )
            .decode(&clean[..keep])
        })
        .map_err(|_| throw_plain("java.lang.IllegalArgumentException"))
}

/// The digest of bytes by Java's name of the algorithm.
pub(crate) fn digest(algorithm: &str, bytes: &[u8]) -> Run<Vec<u8>> {
    Ok(
        match algorithm.to_ascii_uppercase().replace('-', "").as_str() {
            "MD5" => Md5::digest(bytes).to_vec(),
            "SHA" | "SHA1" => sha1::Sha1::digest(bytes).to_vec(),
            "SHA224" => sha2_for_mac::Sha224::digest(bytes).to_vec(),
            "SHA256" => sha2_for_mac::Sha256::digest(bytes).to_vec(),
            "SHA384" => sha2_for_mac::Sha384::digest(bytes).to_vec(),
            "SHA512" => sha2_for_mac::Sha512::digest(bytes).to_vec(),
            _ => {
                return Err(throw(
                    "java.security.NoSuchAlgorithmException",
                    format!("{algorithm} MessageDigest not available"),
                ));
            }
        },
    )
}

fn hmac(algorithm: &str, key: &[u8], bytes: &[u8]) -> Run<Vec<u8>> {
    macro_rules! with {
        ($digest:ty) => {{
            let mut mac = Hmac::<$digest>::new_from_slice(key)
                .map_err(|_| throw_plain("java.security.InvalidKeyException"))?;
            mac.update(bytes);
            mac.finalize().into_bytes().to_vec()
        }};
    }
    Ok(match algorithm.to_ascii_uppercase().as_str() {
        "HMACMD5" => with!(Md5),
        "HMACSHA1" => with!(sha1::Sha1),
        "HMACSHA256" => with!(sha2_for_mac::Sha256),
        "HMACSHA384" => with!(sha2_for_mac::Sha384),
        "HMACSHA512" => with!(sha2_for_mac::Sha512),
        _ => {
            return Err(throw(
                "java.security.NoSuchAlgorithmException",
                format!("Algorithm {algorithm} not available"),
            ));
        }
    })
}

/// A coder of `java.util.Base64`.
struct Coder {
    url: bool,
    pad: bool,
    mime: bool,
    decodes: bool,
}

impl Native for Coder {
    fn class_name(&self) -> Arc<str> {
        Arc::from(if self.decodes {
            "java.util.Base64$Decoder"
        } else {
            "java.util.Base64$Encoder"
        })
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_coder(cx, self, name, a)
    }
}

impl Coder {
    fn encode(&self, bytes: &[u8]) -> String {
        match (self.url, self.pad) {
            (false, true) if self.mime => STANDARD
                .encode(bytes)
                .as_bytes()
                .chunks(76)
                .map(|c| String::from_utf8_lossy(c).into_owned())
                .collect::<Vec<_>>()
                .join("\r\n"),
            (false, true) => STANDARD.encode(bytes),
            (false, false) => STANDARD_NO_PAD.encode(bytes),
            (true, true) => URL_SAFE.encode(bytes),
            (true, false) => URL_SAFE_NO_PAD.encode(bytes),
        }
    }
    fn decode(&self, bytes: &[u8]) -> Run<Vec<u8>> {
        if self.mime {
            return lenient_base64(&String::from_utf8_lossy(bytes));
        }
        let legal = |b: u8| {
            b.is_ascii_alphanumeric()
                || if self.url {
                    matches!(b, b'-' | b'_')
                } else {
                    matches!(b, b'+' | b'/')
                }
                || b == b'='
        };
        if let Some(bad) = bytes.iter().find(|b| !legal(**b)) {
            return Err(throw(
                "java.lang.IllegalArgumentException",
                format!("Illegal base64 character {bad:x}"),
            ));
        }
        lenient_base64(&String::from_utf8_lossy(bytes))
    }
}

methods! {
    fn call_coder(cx, me: &Coder, a, name) -> CODER;
    encodeToString : 1 .. 1 => { let out = me.encode(&a.bytes(0)?); cx.charge(out.len())?; Ok(Value::from(out)) };
    encode : 1 .. 1 => { let out = me.encode(&a.bytes(0)?); cx.charge(out.len())?; Ok(Value::bytes(out.into_bytes())) };
    withoutPadding : 0 .. 0 => Ok(Value::object(Coder { pad: false, ..*me }));
    decode : 1 .. 1 => { let bytes = if let Some(text) = a[0].as_text() { text.as_bytes().to_vec() } else { a.bytes(0)? }; me.decode(&bytes).map(Value::bytes) };
}

fn coder(url: bool, mime: bool, decodes: bool) -> Run {
    Ok(Value::object(Coder {
        url,
        pad: true,
        mime,
        decodes,
    }))
}

methods! {
    fn base64_static(cx, me: &'static ClassInfo, a, name) -> BASE64;
    getEncoder : 0 .. 0 => coder(false, false, false);
    getUrlEncoder : 0 .. 0 => coder(true, false, false);
    getMimeEncoder : 0 .. 0 => coder(false, true, false);
    getDecoder : 0 .. 0 => coder(false, false, true);
    getUrlDecoder : 0 .. 0 => coder(true, false, true);
    getMimeDecoder : 0 .. 0 => coder(false, true, true);
}

methods! {
    fn codec_static(cx, me: &'static ClassInfo, a, name) -> CODEC;
    encodeBase64 : 1 .. 2 => Ok(Value::bytes(STANDARD.encode(a.bytes(0)?).into_bytes()));
    encodeBase64String : 1 .. 1 => Ok(Value::from(STANDARD.encode(a.bytes(0)?)));
    encodeBase64URLSafeString : 1 .. 1 => Ok(Value::from(URL_SAFE_NO_PAD.encode(a.bytes(0)?)));
    decodeBase64 : 1 .. 1 => { let bytes = data_bytes(cx, &a[0])?; lenient_base64(&String::from_utf8_lossy(&bytes)).map(Value::bytes) };
    isBase64 : 1 .. 1 => { let bytes = data_bytes(cx, &a[0])?; Ok(Value::Bool(bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"+/-_= \t\r\n".contains(b)))) };
}

methods! {
    fn hex_static(cx, me: &'static ClassInfo, a, name) -> HEX;
    encodeHexString : 1 .. 1 => Ok(Value::from(hex(&data_bytes(cx, &a[0])?)));
    encodeHex : 1 .. 1 => Ok(Value::array("char", hex(&data_bytes(cx, &a[0])?).encode_utf16().map(Value::Char).collect()));
    decodeHex : 1 .. 1 => { let text = cx.text(&a[0])?; unhex(&text).map(Value::bytes) };
}

methods! {
    fn digest_utils(cx, me: &'static ClassInfo, a, name) -> DIGEST_UTILS;
    md5Hex : 1 .. 1 => Ok(Value::from(hex(&digest("MD5", &data_bytes(cx, &a[0])?)?)));
    sha1Hex | shaHex : 1 .. 1 => Ok(Value::from(hex(&digest("SHA-1", &data_bytes(cx, &a[0])?)?)));
    sha256Hex : 1 .. 1 => Ok(Value::from(hex(&digest("SHA-256", &data_bytes(cx, &a[0])?)?)));
    sha384Hex : 1 .. 1 => Ok(Value::from(hex(&digest("SHA-384", &data_bytes(cx, &a[0])?)?)));
    sha512Hex : 1 .. 1 => Ok(Value::from(hex(&digest("SHA-512", &data_bytes(cx, &a[0])?)?)));
    md5 : 1 .. 1 => Ok(Value::bytes(digest("MD5", &data_bytes(cx, &a[0])?)?));
    sha1 | sha : 1 .. 1 => Ok(Value::bytes(digest("SHA-1", &data_bytes(cx, &a[0])?)?));
    sha256 : 1 .. 1 => Ok(Value::bytes(digest("SHA-256", &data_bytes(cx, &a[0])?)?));
    sha512 : 1 .. 1 => Ok(Value::bytes(digest("SHA-512", &data_bytes(cx, &a[0])?)?));
}

/// A `MessageDigest` or a `Mac`: bytes wait until the end.
struct Hashing {
    class: &'static str,
    algorithm: Arc<str>,
    key: Mutex<Option<Vec<u8>>>,
    bytes: Mutex<Vec<u8>>,
}

impl Native for Hashing {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_hashing(cx, self, name, a)
    }
}

methods! {
    fn call_hashing(cx, me: &Hashing, a, name) -> HASHING;
    update : 1 .. 3 => {
        let bytes = match &a[0] { Value::Byte(b) => vec![*b as u8], _ => a.bytes(0)? };
        let part = if a.len() == 3 { let (from, n) = (a.int(1)?.max(0) as usize, a.int(2)?.max(0) as usize); bytes.get(from..from + n).map(<[u8]>::to_vec).ok_or_else(|| throw("java.lang.IllegalArgumentException", "Input buffer too short"))? } else { bytes };
        cx.charge(part.len())?;
        lock(&me.bytes).extend(part);
        Ok(cx.void())
    };
    digest | doFinal : 0 .. 1 => {
        let mut bytes = std::mem::take(&mut *lock(&me.bytes));
        if a.len() == 1 { bytes.extend(a.bytes(0)?); }
        let out = if me.class == "javax.crypto.Mac" { let Some(key) = lock(&me.key).clone() else { return Err(throw("java.lang.IllegalStateException", "MAC not initialized")) }; hmac(&me.algorithm, &key, &bytes)? } else { digest(&me.algorithm, &bytes)? };
        Ok(Value::bytes(out))
    };
    reset : 0 .. 0 => { lock(&me.bytes).clear(); Ok(cx.void()) };
    init : 1 .. 1 => { *lock(&me.key) = Some(a.native::<Secret>(0)?.0.clone()); Ok(cx.void()) };
    getAlgorithm : 0 .. 0 => Ok(Value::Str(me.algorithm.clone()));
    getDigestLength : 0 .. 0 => Ok(Value::from(digest(&me.algorithm, &[])?.len()));
}

methods! {
    fn hashing_static(cx, me: &'static ClassInfo, a, name) -> HASHING_STATICS;
    getInstance : 1 .. 2 => {
        let algorithm = a.text(0)?;
        if me.name == "javax.crypto.Mac" { hmac(&algorithm, b"k", &[])?; } else { digest(&algorithm, &[])?; }
        Ok(Value::object(Hashing { class: me.name, algorithm, key: Mutex::new(None), bytes: Mutex::default() }))
    };
    isEqual : 2 .. 2 => Ok(Value::Bool(a.bytes(0)? == a.bytes(1)?));
}

/// A `SecretKeySpec`.
struct Secret(Vec<u8>);

impl Native for Secret {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.spec.SecretKeySpec")
    }
}

fn new_secret(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let key = a.bytes(0)?;
    if key.is_empty() {
        return Err(throw("java.lang.IllegalArgumentException", "Empty key"));
    }
    Ok(Value::object(Secret(key)))
}

/// `text` as `URLEncoder` writes it in UTF-8.
pub(crate) fn url_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'*' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

methods! {
    fn url_coding(cx, me: &'static ClassInfo, a, name) -> URL_CODING;
    encode : 1 .. 2 => {
        let charset = if a.len() == 2 { cx.java_text(&a[1])? } else { Arc::from("UTF-8") };
        let mut out = String::new();
        for c in a.text(0)?.chars() {
            if c.is_ascii_alphanumeric() || matches!(c, '*' | '-' | '_' | '.') { out.push(c); } else if c == ' ' { out.push('+'); } else { for b in encode(&c.to_string(), &charset)? { out.push_str(&format!("%{b:02X}")); } }
        }
        cx.charge(out.len())?;
        Ok(Value::from(out))
    };
    decode : 1 .. 2 => {
        let charset = if a.len() == 2 { cx.java_text(&a[1])? } else { Arc::from("UTF-8") };
        let text = a.text(0)?;
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [b, after @ ..] = rest {
            rest = after;
            match b {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let Some(code) = rest.get(..2).and_then(|h| std::str::from_utf8(h).ok()) else { return Err(throw("java.lang.IllegalArgumentException", "URLDecoder: Incomplete trailing escape (%) pattern")) };
                    let Ok(value) = u8::from_str_radix(code, 16) else { return Err(throw("java.lang.IllegalArgumentException", format!("URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: \"{code}\""))) };
                    bytes.push(value);
                    rest = &rest[2..];
                }
                b => bytes.push(*b),
            }
        }
        decode(&bytes, &charset).map(Value::from)
    };
}

/// A `java.net.URI` or `URL`, without the network.
struct Uri {
    class: &'static str,
    text: Arc<str>,
}

impl Uri {
    fn split(&self) -> (Option<&str>, Option<&str>, &str, Option<&str>, Option<&str>) {
        let (rest, fragment) = self
            .text
            .split_once('#')
            .map_or((&*self.text, None), |(r, f)| (r, Some(f)));
        let (rest, query) = rest
            .split_once('?')
            .map_or((rest, None), |(r, q)| (r, Some(q)));
        let (scheme, rest) = rest
            .split_once(':')
            .filter(|(s, _)| !s.is_empty() && !s.contains('/'))
            .map_or((None, rest), |(s, r)| (Some(s), r));
        match rest.strip_prefix("//") {
            Some(rest) => {
                let at = rest.find('/').unwrap_or(rest.len());
                (scheme, Some(&rest[..at]), &rest[at..], query, fragment)
            }
            None => (scheme, None, rest, query, fragment),
        }
    }
    fn host(&self) -> Option<&str> {
        let authority = self.split().1?;
        let host = authority.rsplit('@').next().unwrap_or(authority);
        Some(if host.starts_with('[') {
            host.split_inclusive(']').next().unwrap_or(host)
        } else {
            host.split(':').next().unwrap_or(host)
        })
    }
    fn port(&self) -> i32 {
        self.split()
            .1
            .and_then(|a| a.rsplit_once(':'))
            .and_then(|(_, p)| p.parse().ok())
            .unwrap_or(-1)
    }
}

impl Native for Uri {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_uri(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.text.to_string()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(
            other
                .downcast_ref::<Uri>()
                .is_some_and(|o| o.text == self.text),
        )
    }
    fn hash(&self) -> Option<i32> {
        Some(crate::equality::text_hash(&self.text))
    }
}

methods! {
    fn call_uri(cx, me: (&Uri, &Value), a, name) -> URI;
    getHost : 0 .. 0 => Ok(Value::from(me.0.host()));
    getPort : 0 .. 0 => Ok(Value::Int(me.0.port()));
    getDefaultPort : 0 .. 0 => Ok(Value::Int(match me.0.split().0 { Some("http") => 80, Some("https") => 443, _ => -1 }));
    getPath | getRawPath : 0 .. 0 => Ok(Value::from(me.0.split().2));
    getQuery | getRawQuery : 0 .. 0 => Ok(Value::from(me.0.split().3));
    getFragment | getRef | getRawFragment : 0 .. 0 => Ok(Value::from(me.0.split().4));
    getScheme | getProtocol : 0 .. 0 => Ok(Value::from(me.0.split().0));
    getAuthority : 0 .. 0 => Ok(Value::from(me.0.split().1));
    getUserInfo : 0 .. 0 => Ok(Value::from(me.0.split().1.and_then(|x| x.rsplit_once('@')).map(|(u, _)| u)));
    getFile : 0 .. 0 => { let (_, _, path, query, _) = me.0.split(); Ok(Value::from(query.map_or_else(|| path.to_owned(), |q| format!("{path}?{q}")))) };
    toString | toExternalForm | toASCIIString : 0 .. 0 => Ok(Value::Str(me.0.text.clone()));
    toURL : 0 .. 0 => Ok(Value::object(Uri { class: "java.net.URL", text: me.0.text.clone() }));
    toURI : 0 .. 0 => Ok(Value::object(Uri { class: "java.net.URI", text: me.0.text.clone() }));
}

pub(crate) fn uri(_cx: &mut Interp<'_>, text: &str) -> Run {
    let _ = symbol("uri");
    Ok(Value::object(Uri {
        class: "java.net.URI",
        text: Arc::from(text),
    }))
}

fn new_uri(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let text = a.text(0)?;
    if a.len() > 1 {
        return Err(Fail::NoMethod);
    }
    if class.name == "java.net.URL" && !text.contains(':') {
        return Err(throw(
            "java.net.MalformedURLException",
            format!("no protocol: {text}"),
        ));
    }
    if class.name == "java.net.URI"
        && let Some(at) = text.find([' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}'])
    {
        return Err(throw(
            "java.net.URISyntaxException",
            format!("Illegal character in path at index {at}: {text}"),
        ));
    }
    Ok(Value::object(Uri {
        class: class.name,
        text,
    }))
}

methods! {
    fn uri_static(cx, me: &'static ClassInfo, a, name) -> URI_STATICS;
    create : 1 .. 1 => Ok(Value::object(Uri { class: "java.net.URI", text: a.text(0)? }));
}

/// A charset: its name.
struct Charset(Arc<str>);

impl Native for Charset {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.nio.charset.Charset")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_charset(cx, self, name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.0.to_string()))
    }
}

methods! {
    fn call_charset(cx, me: &Charset, a, name) -> CHARSET;
    name | displayName | toString : 0 .. 0 => Ok(Value::Str(me.0.clone()));
}

methods! {
    fn charset_static(cx, me: &'static ClassInfo, a, name) -> CHARSET_STATICS;
    forName : 1 .. 1 => { let name = a.text(0)?; encode("", &name)?; Ok(Value::object(Charset(name))) };
    defaultCharset : 0 .. 0 => Ok(Value::object(Charset(Arc::from("UTF-8"))));
}

fn charsets(name: &str) -> Option<Value> {
    let java = match name {
        "UTF_8" => "UTF-8",
        "ISO_8859_1" => "ISO-8859-1",
        "US_ASCII" => "US-ASCII",
        "UTF_16" => "UTF-16",
        "UTF_16BE" => "UTF-16BE",
        "UTF_16LE" => "UTF-16LE",
        _ => return None,
    };
    Some(Value::object(Charset(Arc::from(java))))
}

fn blank(a: Args<'_>) -> Run<bool> {
    Ok(a.nullable_text(0)?.is_none_or(|t| t.trim().is_empty()))
}

methods! {
    fn string_utils(cx, me: &'static ClassInfo, a, name) -> STRING_UTILS;
    isEmpty : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_none_or(|t| t.is_empty())));
    isNotEmpty : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|t| !t.is_empty())));
    isBlank : 1 .. 1 => blank(a).map(Value::Bool);
    isNotBlank : 1 .. 1 => blank(a).map(|b| Value::Bool(!b));
    trim | strip : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|t| t.trim().to_owned())));
    substringBetween : 2 .. 3 => { let Some(text) = a.nullable_text(0)? else { return Ok(Value::Null) }; let (open, close) = (a.text(1)?, a.text(a.len() - 1)?); Ok(Value::from(text.split_once(&*open).and_then(|(_, r)| r.split_once(&*close)).map(|(m, _)| m.to_owned()))) };
    substringBefore : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.split_once(&*a.text(1)?).map_or(&*text, |(b, _)| b))) };
    substringAfter : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.split_once(&*a.text(1)?).map_or("", |(_, x)| x))) };
    substringBeforeLast : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.rsplit_once(&*a.text(1)?).map_or(&*text, |(b, _)| b))) };
    substringAfterLast : 2 .. 2 => { let text = a.text(0)?; Ok(Value::from(text.rsplit_once(&*a.text(1)?).map_or("", |(_, x)| x))) };
    equals : 2 .. 2 => Ok(Value::Bool(a.nullable_text(0)? == a.nullable_text(1)?));
    contains : 2 .. 2 => Ok(Value::Bool(match (a.nullable_text(0)?, a.nullable_text(1)?) { (Some(t), Some(n)) => t.contains(&*n), _ => false }));
    countMatches : 2 .. 2 => Ok(Value::from(a.text(0)?.matches(&*a.text(1)?).count()));
    isNumeric : 1 .. 1 => Ok(Value::Bool(a.nullable_text(0)?.is_some_and(|t| !t.is_empty() && t.chars().all(char::is_numeric))));
    capitalize : 1 .. 1 => { let text = a.text(0)?; let mut c = text.chars(); Ok(Value::from(c.next().map_or_else(String::new, |f| f.to_uppercase().collect::<String>() + c.as_str()))) };
    upperCase : 1 .. 1 => Ok(Value::from(a.text(0)?.to_uppercase()));
    lowerCase : 1 .. 1 => Ok(Value::from(a.text(0)?.to_lowercase()));
    reverse : 1 .. 1 => Ok(Value::from(a.text(0)?.chars().rev().collect::<String>()));
    repeat : 2 .. 2 => { let n = a.int(1)?.max(0) as usize; let text = a.text(0)?; cx.charge(text.len().saturating_mul(n))?; Ok(Value::from(text.repeat(n))) };
    leftPad | rightPad : 2 .. 3 => {
        let (text, width) = (a.text(0)?, a.int(1)?.max(0) as usize);
        cx.charge(width)?;
        let with = if a.len() == 3 { cx.java_text(&a[2])?.chars().next().unwrap_or(' ') } else { ' ' };
        let pad: String = std::iter::repeat_n(with, width.saturating_sub(text.chars().count())).collect();
        Ok(Value::from(if name == symbol("leftPad") { format!("{pad}{text}") } else { format!("{text}{pad}") }))
    };
    join : 1 .. 2 => { let items = cx.items(&a[0])?; let separator = if a.len() == 2 { cx.java_text(&a[1])? } else { Arc::from("") }; let mut parts = Vec::new(); for item in &items { parts.push(if item.is_nothing() { Arc::from("") } else { cx.java_text(item)? }); } Ok(Value::from(parts.join(&separator))) };
}

/// Source: `StringEscapeUtils.UNESCAPE_JAVA` of commons-lang3.
fn unescape_java(text: &str) -> Run<String> {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        if c == 'u' {
            let digits = rest.trim_start_matches('u').trim_start_matches('+');
            let Some(hex) = digits.get(..4) else {
                return Err(throw(
                    "java.lang.IllegalArgumentException",
                    format!(
                        "Less than 4 hex digits in unicode value: '\\{rest}' due to end of CharSequence"
                    ),
                ));
            };
            units.push(u16::from_str_radix(hex, 16).map_err(|_| {
                let message = format!("Unable to parse unicode value: {hex}");
                throw("java.lang.IllegalArgumentException", message)
            })?);
            rest = &digits[4..];
            continue;
        }
        let octal = rest
            .bytes()
            .take(3)
            .take_while(|byte| matches!(byte, b'0'..=b'7'))
            .count();
        let octal = if octal == 3 && c > '3' { 2 } else { octal };
        if let Ok(unit) = u16::from_str_radix(&rest[..octal], 8) {
            units.push(unit);
            rest = &rest[octal..];
            continue;
        }
        let plain = match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            c => c,
        };
        units.extend_from_slice(plain.encode_utf16(&mut [0; 2]));
        rest = &rest[c.len_utf8()..];
    }
    Ok(String::from_utf16_lossy(&units))
}

methods! {
    fn escapes(cx, me: &'static ClassInfo, a, name) -> ESCAPES;
    escapeXml | escapeXml10 | escapeXml11 | escapeHtml | escapeHtml4 : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|t| t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', if name == symbol("escapeHtml4") || name == symbol("escapeHtml") { "'" } else { "&apos;" }))));
    unescapeXml | unescapeHtml | unescapeHtml4 : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|t| t.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'").replace("&amp;", "&"))));
    escapeJson | escapeJava | escapeEcmaScript : 1 .. 1 => { let json = crate::library::json::to_json(cx, &Value::Str(a.text(0)?))?; let inner = json[1..json.len() - 1].to_owned(); Ok(Value::from(if name == symbol("escapeJson") { inner.replace('/', "\\/") } else { inner })) };
    unescapeJava | unescapeJson : 1 .. 1 => unescape_java(&a.text(0)?).map(Value::from);
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Base64").statics(base64_static, BASE64),
    ClassInfo::named("java.util.Base64$Encoder").methods(&[CODER]),
    ClassInfo::named("java.util.Base64$Decoder").methods(&[CODER]),
    ClassInfo::named("org.apache.commons.codec.binary.Base64").statics(codec_static, CODEC),
    ClassInfo::named("org.apache.commons.codec.binary.Hex").statics(hex_static, HEX),
    ClassInfo::named("org.apache.commons.codec.digest.DigestUtils")
        .statics(digest_utils, DIGEST_UTILS),
    ClassInfo::named("java.security.MessageDigest")
        .statics(hashing_static, HASHING_STATICS)
        .methods(&[HASHING]),
    ClassInfo::named("javax.crypto.Mac")
        .statics(hashing_static, HASHING_STATICS)
        .methods(&[HASHING]),
    ClassInfo::named("javax.crypto.SecretKey"),
    ClassInfo::named("javax.crypto.spec.SecretKeySpec")
        .parents(&["javax.crypto.SecretKey"])
        .constructor(new_secret),
    ClassInfo::named("java.net.URLEncoder").statics(url_coding, &["encode"]),
    ClassInfo::named("java.net.URLDecoder").statics(url_coding, &["decode"]),
    ClassInfo::named("java.net.URI")
        .constructor(new_uri)
        .statics(uri_static, URI_STATICS)
        .methods(&[URI]),
    ClassInfo::named("java.net.URL")
        .constructor(new_uri)
        .methods(&[URI]),
    ClassInfo::named("java.nio.charset.Charset")
        .statics(charset_static, CHARSET_STATICS)
        .methods(&[CHARSET]),
    ClassInfo::named("java.nio.charset.StandardCharsets").fields(charsets),
    ClassInfo::named("org.apache.commons.lang3.StringUtils").statics(string_utils, STRING_UTILS),
    ClassInfo::named("org.apache.commons.lang.StringUtils").statics(string_utils, STRING_UTILS),
    ClassInfo::named("org.apache.commons.lang3.StringEscapeUtils").statics(escapes, ESCAPES),
    ClassInfo::named("org.apache.commons.lang.StringEscapeUtils").statics(escapes, ESCAPES),
    ClassInfo::named("org.apache.commons.text.StringEscapeUtils").statics(escapes, ESCAPES),
];
