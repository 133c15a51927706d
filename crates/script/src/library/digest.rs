//! Digests of bytes, with a key and without.
//!
//! Ciphers and keys are in [`super::crypto`]; signatures are not supported.

use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac as _};
use md5::{Digest, Md5};

use super::crypto::Secret;
use super::encoding::hex;
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::string::data_bytes;
use crate::library::throwable::{throw, throw_plain};
use crate::name::methods;
use crate::value::{Native, Value, lock};

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

/// The MAC of bytes by Java's name of the algorithm.
pub(super) fn hmac(algorithm: &str, key: &[u8], bytes: &[u8]) -> Run<Vec<u8>> {
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
        "HMACSHA224" => with!(sha2_for_mac::Sha224),
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
    init : 1 .. 1 => { *lock(&me.key) = Some(a.native::<Secret>(0)?.bytes.clone()); Ok(cx.void()) };
    getAlgorithm : 0 .. 0 => Ok(Value::Str(me.algorithm.clone()));
    getMacLength : 0 .. 0 => Ok(Value::from(hmac(&me.algorithm, b"k", &[])?.len()));
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

/// An `HmacUtils` of commons-codec.
struct HmacUtils {
    algorithm: Arc<str>,
    key: Vec<u8>,
}

impl Native for HmacUtils {
    fn class_name(&self) -> Arc<str> {
        Arc::from("org.apache.commons.codec.digest.HmacUtils")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_hmac_utils(cx, self, name, a)
    }
}

methods! {
    fn call_hmac_utils(cx, me: &HmacUtils, a, name) -> HMAC_UTILS;
    hmac : 1 .. 1 => { let data = data_bytes(cx, &a[0])?; hmac(&me.algorithm, &me.key, &data).map(Value::bytes) };
    hmacHex : 1 .. 1 => { let data = data_bytes(cx, &a[0])?; Ok(Value::from(hex(&hmac(&me.algorithm, &me.key, &data)?))) };
}

fn new_hmac_utils(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    if a.len() != 2 {
        return Err(Fail::NoMethod);
    }
    let (algorithm, key) = (cx.java_text(&a[0])?, data_bytes(cx, &a[1])?);
    hmac(&algorithm, b"k", &[])?;
    Ok(Value::object(HmacUtils { algorithm, key }))
}

fn hmac_of(cx: &mut Interp<'_>, algorithm: &str, a: Args<'_>) -> Run<Vec<u8>> {
    let (key, data) = (data_bytes(cx, &a[0])?, data_bytes(cx, &a[1])?);
    hmac(algorithm, &key, &data)
}

methods! {
    fn hmac_utils_static(cx, me: &'static ClassInfo, a, name) -> HMAC_UTILS_STATICS;
    hmacSha1 : 2 .. 2 => hmac_of(cx, "HmacSHA1", a).map(Value::bytes);
    hmacSha1Hex : 2 .. 2 => Ok(Value::from(hex(&hmac_of(cx, "HmacSHA1", a)?)));
    hmacSha256 : 2 .. 2 => hmac_of(cx, "HmacSHA256", a).map(Value::bytes);
    hmacSha256Hex : 2 .. 2 => Ok(Value::from(hex(&hmac_of(cx, "HmacSHA256", a)?)));
    hmacSha512 : 2 .. 2 => hmac_of(cx, "HmacSHA512", a).map(Value::bytes);
    hmacSha512Hex : 2 .. 2 => Ok(Value::from(hex(&hmac_of(cx, "HmacSHA512", a)?)));
    hmacMd5Hex : 2 .. 2 => Ok(Value::from(hex(&hmac_of(cx, "HmacMD5", a)?)));
}

/// The constants of `HmacAlgorithms`, whose texts are the names of the algorithms.
fn hmac_algorithms(name: &str) -> Option<Value> {
    Some(Value::from(match name {
        "HMAC_MD5" => "HmacMD5",
        "HMAC_SHA_1" => "HmacSHA1",
        "HMAC_SHA_256" => "HmacSHA256",
        "HMAC_SHA_384" => "HmacSHA384",
        "HMAC_SHA_512" => "HmacSHA512",
        _ => return None,
    }))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("org.apache.commons.codec.digest.HmacUtils")
        .constructor(new_hmac_utils)
        .statics(hmac_utils_static, HMAC_UTILS_STATICS)
        .methods(&[HMAC_UTILS]),
    ClassInfo::named("org.apache.commons.codec.digest.HmacAlgorithms").fields(hmac_algorithms),
    ClassInfo::named("org.apache.commons.codec.digest.DigestUtils")
        .statics(digest_utils, DIGEST_UTILS),
    ClassInfo::named("java.security.MessageDigest")
        .statics(hashing_static, HASHING_STATICS)
        .methods(&[HASHING]),
    ClassInfo::named("javax.crypto.Mac")
        .statics(hashing_static, HASHING_STATICS)
        .methods(&[HASHING]),
];
