//! Secret keys, what they are made of, and the parameters of ciphers.

use std::any::Any;
use std::sync::{Arc, Mutex};

use super::{Algorithm, random_bytes};
use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::digest::hmac;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value, lock};

/// A `SecretKeySpec` or another secret key.
pub(crate) struct Secret {
    pub(crate) bytes: Vec<u8>,
    pub(crate) algorithm: Arc<str>,
}

impl Native for Secret {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.spec.SecretKeySpec")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_secret(cx, self, name, a)
    }
    fn equal(&self, other: &dyn Any) -> Option<bool> {
        let other = other.downcast_ref::<Secret>()?;
        let is_same_algorithm = self.algorithm.eq_ignore_ascii_case(&other.algorithm);
        Some(is_same_algorithm && self.bytes == other.bytes)
    }
}

methods! {
    fn call_secret(cx, me: &Secret, a, name) -> SECRET;
    getEncoded : 0 .. 0 => Ok(Value::bytes(me.bytes.clone()));
    getAlgorithm : 0 .. 0 => Ok(Value::Str(me.algorithm.clone()));
    getFormat : 0 .. 0 => Ok(Value::from("RAW"));
}

fn new_secret(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let illegal = |message: &str| throw("java.lang.IllegalArgumentException", message);
    let (range, name) = match a.len() {
        2 => (None, 1),
        4 => (Some((a.int(1)?, a.int(2)?)), 3),
        _ => return Err(Fail::NoMethod),
    };
    let Some(algorithm) = a.nullable_text(name)? else {
        return Err(illegal("Missing argument"));
    };
    if matches!(a[0], Value::Null) {
        return Err(illegal("Missing argument"));
    }
    let mut bytes = a.bytes(0)?;
    if bytes.is_empty() {
        return Err(illegal("Empty key"));
    }
    if let Some((from, length)) = range {
        bytes = slice(&bytes, from, length, "Invalid offset/length combination")?;
    }
    Ok(Value::object(Secret { bytes, algorithm }))
}

/// A part of an array, by its first byte and its length.
fn slice(bytes: &[u8], from: i32, length: i32, wrong: &str) -> Run<Vec<u8>> {
    let from = usize::try_from(from).ok();
    let length = usize::try_from(length).ok();
    let part = from
        .zip(length)
        .and_then(|(from, length)| bytes.get(from..from.checked_add(length)?));
    part.map(<[u8]>::to_vec)
        .ok_or_else(|| throw("java.lang.IllegalArgumentException", wrong))
}

/// An `IvParameterSpec`.
pub(super) struct Iv(pub(super) Vec<u8>);

impl Native for Iv {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.spec.IvParameterSpec")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_iv(cx, &self.0, name, a)
    }
}

methods! {
    fn call_iv(cx, me: &[u8], a, name) -> IV;
    getIV : 0 .. 0 => Ok(Value::bytes(me.to_vec()));
}

fn new_iv(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    if matches!(a.first(), Some(Value::Null)) {
        return Err(throw(
            "java.lang.NullPointerException",
            "Cannot read the array length because \"iv\" is null",
        ));
    }
    let bytes = a.bytes(0)?;
    Ok(Value::object(Iv(match a.len() {
        1 => bytes,
        3 => slice(
            &bytes,
            a.int(1)?,
            a.int(2)?,
            "IV buffer too short for given offset/length combination",
        )?,
        _ => return Err(Fail::NoMethod),
    })))
}

/// A `GCMParameterSpec`.
pub(super) struct GcmParameters {
    /// The length of the tag.
    pub(super) bits: usize,
    pub(super) iv: Vec<u8>,
}

impl Native for GcmParameters {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.spec.GCMParameterSpec")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_gcm(cx, self, name, a)
    }
}

methods! {
    fn call_gcm(cx, me: &GcmParameters, a, name) -> GCM;
    getIV : 0 .. 0 => Ok(Value::bytes(me.iv.clone()));
    getTLen : 0 .. 0 => Ok(Value::from(me.bits));
}

fn new_gcm(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let illegal = |message: &str| throw("java.lang.IllegalArgumentException", message);
    let bits = usize::try_from(a.int(0)?).map_err(|_| illegal("Length argument is negative"))?;
    if matches!(a.get(1), Some(Value::Null)) {
        return Err(illegal("src array is null"));
    }
    let bytes = a.bytes(1)?;
    let iv = match a.len() {
        2 => bytes,
        4 => slice(&bytes, a.int(2)?, a.int(3)?, "Invalid buffer arguments")?,
        _ => return Err(Fail::NoMethod),
    };
    Ok(Value::object(GcmParameters { bits, iv }))
}

/// A `DESKeySpec` or `DESedeKeySpec`.
struct DesKey(Vec<u8>);

impl Native for DesKey {
    fn class_name(&self) -> Arc<str> {
        Arc::from(match self.0.len() {
            8 => "javax.crypto.spec.DESKeySpec",
            _ => "javax.crypto.spec.DESedeKeySpec",
        })
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_des(cx, &self.0, name, a)
    }
}

methods! {
    fn call_des(cx, me: &[u8], a, name) -> DES;
    getKey : 0 .. 0 => Ok(Value::bytes(me.to_vec()));
}

fn new_des(_cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let length = if class.name.ends_with("DESKeySpec") {
        8
    } else {
        24
    };
    let bytes = a.bytes(0)?;
    match bytes.get(..length) {
        Some(key) if a.len() == 1 => Ok(Value::object(DesKey(key.to_vec()))),
        None => Err(throw("java.security.InvalidKeyException", "Wrong key size")),
        Some(_) => Err(Fail::NoMethod),
    }
}

/// A `PBEKeySpec`: a password and what makes a key of it.
struct Password {
    text: Arc<str>,
    salt: Vec<u8>,
    rounds: i32,
    bits: i32,
}

impl Native for Password {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.spec.PBEKeySpec")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_password(cx, self, name, a)
    }
}

methods! {
    fn call_password(cx, me: &Password, a, name) -> PASSWORD;
    getIterationCount : 0 .. 0 => Ok(Value::Int(me.rounds));
    getKeyLength : 0 .. 0 => Ok(Value::Int(me.bits));
    getSalt : 0 .. 0 => Ok(Value::bytes(me.salt.clone()));
    clearPassword : 0 .. 0 => Ok(cx.void());
}

fn new_password(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let illegal = |message: &str| Err(throw("java.lang.IllegalArgumentException", message));
    let Some(Value::Array(letters)) = a.first() else {
        return Err(Fail::NoMethod);
    };
    let mut units = Vec::new();
    for letter in letters.items() {
        let Value::Char(unit) = letter else {
            return Err(Fail::NoMethod);
        };
        units.push(unit);
    }
    let (salt, rounds, bits) = match a.len() {
        1 => (Vec::new(), 0, 0),
        3 => (a.bytes(1)?, a.int(2)?, 0),
        4 => (a.bytes(1)?, a.int(2)?, a.int(3)?),
        _ => return Err(Fail::NoMethod),
    };
    if a.len() > 1 && salt.is_empty() {
        return illegal("the salt parameter must not be empty");
    }
    if a.len() > 1 && rounds <= 0 {
        return illegal("invalid iterationCount value");
    }
    if a.len() == 4 && bits <= 0 {
        return illegal("invalid keyLength value");
    }
    Ok(Value::object(Password {
        text: Arc::from(String::from_utf16_lossy(&units)),
        salt,
        rounds,
        bits,
    }))
}

/// A `SecretKeyFactory`.
struct Factory(Arc<str>);

impl Native for Factory {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.SecretKeyFactory")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_factory(cx, self, name, a)
    }
}

methods! {
    fn call_factory(cx, me: &Factory, a, name) -> FACTORY;
    getAlgorithm : 0 .. 0 => Ok(Value::Str(me.0.clone()));
    generateSecret : 1 .. 1 => {
        let bytes = match mac_of(&me.0) {
            Some(mac) => pbkdf2(cx, mac, a.native::<Password>(0)?)?,
            None => with_parity(&a.native::<DesKey>(0)?.0),
        };
        Ok(Value::object(Secret { bytes, algorithm: me.0.clone() }))
    };
}

methods! {
    fn factory_static(cx, me: &'static ClassInfo, a, name) -> FACTORY_STATICS;
    getInstance : 1 .. 2 => {
        let name = a.text(0)?;
        check_factory(&name)?;
        Ok(Value::object(Factory(name)))
    };
}

pub(super) fn check_factory(name: &str) -> Run<()> {
    let is_des = matches!(
        Algorithm::named(name),
        Some(Algorithm::Des | Algorithm::DesEde)
    );
    if is_des || mac_of(name).is_some() {
        return Ok(());
    }
    let message = format!("{name} SecretKeyFactory not available");
    Err(throw("java.security.NoSuchAlgorithmException", message))
}

/// The MAC of an algorithm like `PBKDF2WithHmacSHA256`.
fn mac_of(algorithm: &str) -> Option<&str> {
    let start = "PBKDF2With";
    let is_one = algorithm.get(..start.len())?.eq_ignore_ascii_case(start);
    let mac = &algorithm[start.len()..];
    (is_one && hmac(mac, b"k", &[]).is_ok() && !mac.eq_ignore_ascii_case("HmacMD5")).then_some(mac)
}

/// Rounds that take as long as some steps of a script.
const ROUNDS_PER_LOOK: i32 = 256;
const STEPS_PER_ROUND: usize = 16;

/// RFC 8018, 5.2.
fn pbkdf2(cx: &mut Interp<'_>, mac: &str, password: &Password) -> Run<Vec<u8>> {
    let Password {
        text,
        salt,
        rounds,
        bits,
    } = password;
    if *rounds == 0 || *bits == 0 {
        let message = if *rounds == 0 {
            "Salt not found"
        } else {
            "Key length not found"
        };
        return Err(throw("java.security.spec.InvalidKeySpecException", message));
    }
    let length = *bits as usize / 8;
    cx.charge(length)?;
    let key = text.as_bytes();
    let mut out = Vec::new();
    let mut block = 1u32;
    while out.len() < length {
        let mut round = hmac(mac, key, &[salt, &block.to_be_bytes()[..]].concat())?;
        let mut sum = round.clone();
        for at in 1..*rounds {
            if at % ROUNDS_PER_LOOK == 0 {
                cx.work(ROUNDS_PER_LOOK as usize * STEPS_PER_ROUND)?;
            }
            round = hmac(mac, key, &round)?;
            sum.iter_mut()
                .zip(&round)
                .for_each(|(byte, other)| *byte ^= other);
        }
        out.extend(sum);
        block += 1;
    }
    out.truncate(length);
    Ok(out)
}

/// Each byte of a key of DES has an odd number of ones.
fn with_parity(key: &[u8]) -> Vec<u8> {
    let odd = |byte: &u8| byte & 0xfe | u8::from((byte >> 1).count_ones().is_multiple_of(2));
    key.iter().map(odd).collect()
}

/// How long a key is that nobody gave a length, in bits.
pub(super) fn default_bits(name: &str) -> Run<i32> {
    Ok(match Algorithm::named(name) {
        Some(Algorithm::Aes) => 256,
        Some(Algorithm::Des) => 64,
        Some(Algorithm::DesEde) => 192,
        None => match hmac(name, b"k", &[]) {
            Ok(mac) if mac.len() <= 20 => 512,
            Ok(mac) => mac.len() as i32 * 8,
            Err(_) => {
                let message = format!("{name} KeyGenerator not available");
                return Err(throw("java.security.NoSuchAlgorithmException", message));
            }
        },
    })
}

/// A `KeyGenerator`.
struct Generator {
    algorithm: Arc<str>,
    bits: Mutex<i32>,
}

impl Native for Generator {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.KeyGenerator")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_generator(cx, self, name, a)
    }
}

methods! {
    fn call_generator(cx, me: &Generator, a, name) -> GENERATOR;
    getAlgorithm : 0 .. 0 => Ok(Value::Str(me.algorithm.clone()));
    init : 1 .. 2 => {
        if let Some(bits) = a[0].as_int() {
            let is_aes = Algorithm::named(&me.algorithm) == Some(Algorithm::Aes);
            if is_aes && ![128, 192, 256].contains(&bits) {
                return Err(throw("java.security.InvalidParameterException", "Wrong keysize: must be equal to 128, 192 or 256"));
            }
            *lock(&me.bits) = bits;
        }
        Ok(cx.void())
    };
    generateKey : 0 .. 0 => {
        let length = (*lock(&me.bits)).clamp(8, 1 << 16) as usize / 8;
        let bytes = random_bytes(cx, length);
        let bytes = match Algorithm::named(&me.algorithm) {
            Some(Algorithm::Des | Algorithm::DesEde) => with_parity(&bytes),
            _ => bytes,
        };
        Ok(Value::object(Secret { bytes, algorithm: me.algorithm.clone() }))
    };
}

methods! {
    fn generator_static(cx, me: &'static ClassInfo, a, name) -> GENERATOR_STATICS;
    getInstance : 1 .. 2 => {
        let name = a.text(0)?;
        let bits = Mutex::new(default_bits(&name)?);
        Ok(Value::object(Generator { algorithm: name, bits }))
    };
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.security.Key"),
    ClassInfo::named("javax.crypto.SecretKey").parents(&["java.security.Key"]),
    ClassInfo::named("javax.crypto.spec.SecretKeySpec")
        .parents(&["javax.crypto.SecretKey"])
        .constructor(new_secret)
        .methods(&[SECRET]),
    ClassInfo::named("javax.crypto.spec.IvParameterSpec")
        .constructor(new_iv)
        .methods(&[IV]),
    ClassInfo::named("javax.crypto.spec.GCMParameterSpec")
        .constructor(new_gcm)
        .methods(&[GCM]),
    ClassInfo::named("javax.crypto.spec.DESKeySpec")
        .constructor(new_des)
        .methods(&[DES]),
    ClassInfo::named("javax.crypto.spec.DESedeKeySpec")
        .constructor(new_des)
        .methods(&[DES]),
    ClassInfo::named("javax.crypto.spec.PBEKeySpec")
        .constructor(new_password)
        .methods(&[PASSWORD]),
    ClassInfo::named("javax.crypto.SecretKeyFactory")
        .statics(factory_static, FACTORY_STATICS)
        .methods(&[FACTORY]),
    ClassInfo::named("javax.crypto.KeyGenerator")
        .statics(generator_static, GENERATOR_STATICS)
        .methods(&[GENERATOR]),
];
