//! Bytes as texts: Base64, hex, and the names of charsets.
//!
//! Not here: the charsets themselves (see [`super::string`]), and URLs (see [`super::uri`]).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::interp::Interp;
use crate::library::string::{data_bytes, encode};
use crate::library::throwable::{throw, throw_plain};
use crate::name::methods;
use crate::value::{Native, Value};

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

/// Base64 in lines, as Groovy's `encodeBase64(true)` has it.
pub(crate) fn chunked(text: &str) -> String {
    let mut out = String::new();
    for (at, letter) in text.chars().enumerate() {
        out.push(letter);
        if at % 76 == 75 {
            out.push_str("\r\n");
        }
    }
    out
}

/// Base64 with the letters of addresses, without padding if none is wanted.
pub(crate) fn base64_url_text(bytes: &[u8], is_padded: bool) -> String {
    match is_padded {
        true => base64::engine::general_purpose::URL_SAFE.encode(bytes),
        false => base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes),
    }
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

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Base64").statics(base64_static, BASE64),
    ClassInfo::named("java.util.Base64$Encoder").methods(&[CODER]),
    ClassInfo::named("java.util.Base64$Decoder").methods(&[CODER]),
    ClassInfo::named("org.apache.commons.codec.binary.Base64").statics(codec_static, CODEC),
    ClassInfo::named("org.apache.commons.codec.binary.Hex").statics(hex_static, HEX),
    ClassInfo::named("java.nio.charset.Charset")
        .statics(charset_static, CHARSET_STATICS)
        .methods(&[CHARSET]),
    ClassInfo::named("java.nio.charset.StandardCharsets").fields(charsets),
];
