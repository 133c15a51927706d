//! `javax.crypto`: ciphers, secret keys, and how keys are made.
//!
//! AES, DES and triple DES in the modes ECB, CBC, CTR and (AES) GCM. Not here: MACs and digests (see [`super::digest`]); keys in
//! pairs and what is done with them are not supported.

mod key;
mod mode;

use std::sync::{Arc, Mutex};

use mode::{Blocks, Broken, Message, Mode};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::Run;
use crate::interp::Interp;
use crate::library::digest::{digest, hmac};
use crate::library::throwable::throw;
use crate::name::methods;
use crate::value::{Native, Value, lock};

pub(super) use key::Secret;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Aes,
    Des,
    DesEde,
}

impl Algorithm {
    fn named(name: &str) -> Option<Algorithm> {
        Some(match name.to_ascii_uppercase().as_str() {
            "AES" | "RIJNDAEL" => Algorithm::Aes,
            "DES" => Algorithm::Des,
            "DESEDE" | "TRIPLEDES" => Algorithm::DesEde,
            _ => return None,
        })
    }

    /// The cipher under a key, which must be of the algorithm.
    fn under(self, key: &Secret) -> Run<Blocks> {
        let wrong = |message: String| Err(throw("java.security.InvalidKeyException", message));
        if Algorithm::named(&key.algorithm) != Some(self) {
            return wrong(match self {
                Algorithm::Aes => "Wrong algorithm: AES or Rijndael required".into(),
                Algorithm::Des => "Wrong algorithm: DES required".into(),
                Algorithm::DesEde => "Wrong algorithm: DESede or TripleDES required".into(),
            });
        }
        let blocks = match self {
            Algorithm::Aes => Blocks::aes(&key.bytes),
            Algorithm::Des => Blocks::des(&key.bytes),
            Algorithm::DesEde => Blocks::des_ede(&key.bytes),
        };
        match (blocks, self) {
            (Some(blocks), _) => Ok(blocks),
            (None, Algorithm::Aes) => {
                wrong(format!("Invalid AES key length: {} bytes", key.bytes.len()))
            }
            (None, _) => wrong("Wrong key size".into()),
        }
    }
}

/// What a transformation like `AES/CBC/PKCS5Padding` asks for.
#[derive(Clone, Copy)]
struct Transformation {
    algorithm: Algorithm,
    mode: Mode,
    is_padded: bool,
}

impl Transformation {
    fn parse(text: &str) -> Run<Transformation> {
        let missing = |message: String| throw("java.security.NoSuchAlgorithmException", message);
        if text.is_empty() {
            return Err(missing("Null or empty transformation".into()));
        }
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        let (name, mode, padding) = match parts.as_slice() {
            [name] => (*name, "ECB", "PKCS5PADDING"),
            [name, mode, padding] => (*name, *mode, *padding),
            _ => return Err(missing(format!("Invalid transformation format:{text}"))),
        };
        let known = || {
            let algorithm = Algorithm::named(name)?;
            let mode = match mode.to_ascii_uppercase().as_str() {
                "ECB" => Mode::Ecb,
                "CBC" => Mode::Cbc,
                "CTR" => Mode::Ctr,
                "GCM" if algorithm == Algorithm::Aes => Mode::Gcm,
                _ => return None,
            };
            let is_padded = match padding.to_ascii_uppercase().as_str() {
                "NOPADDING" => false,
                "PKCS5PADDING" if matches!(mode, Mode::Ecb | Mode::Cbc) => true,
                _ => return None,
            };
            Some(Transformation {
                algorithm,
                mode,
                is_padded,
            })
        };
        known().ok_or_else(|| missing(format!("Cannot find any provider supporting {text}")))
    }
}

/// What `getInstance` of a class says of an algorithm that it does not have, for the check before the run.
pub(crate) fn check_algorithm(class: &str, name: &str) -> Run<()> {
    match class {
        "javax.crypto.Cipher" => Transformation::parse(name).map(drop),
        "javax.crypto.Mac" => hmac(name, b"k", &[]).map(drop),
        "javax.crypto.SecretKeyFactory" => key::check_factory(name),
        "javax.crypto.KeyGenerator" => key::default_bits(name).map(drop),
        "java.security.MessageDigest" => digest(name, &[]).map(drop),
        _ => Ok(()),
    }
}

/// A `Cipher`.
struct Cipher {
    name: Arc<str>,
    transformation: Transformation,
    state: Mutex<Option<Ready>>,
}

/// A cipher that has a key.
struct Ready {
    key: Vec<u8>,
    blocks: Blocks,
    encrypts: bool,
    iv: Vec<u8>,
    tag: usize,
    /// `None` once a key and its nonce have encrypted a message in [`Mode::Gcm`].
    message: Option<Message>,
}

impl Native for Cipher {
    fn class_name(&self) -> Arc<str> {
        Arc::from("javax.crypto.Cipher")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_cipher(cx, self, name, a)
    }
}

const ENCRYPT: i32 = 1;
const DECRYPT: i32 = 2;

impl Cipher {
    fn init(&self, cx: &mut Interp<'_>, a: Args<'_>) -> Run<()> {
        let mode = a.int(0)?;
        let key = a.native::<Secret>(1)?;
        let encrypts = match mode {
            ENCRYPT => true,
            DECRYPT => false,
            3 | 4 => {
                let message = "keys are not wrapped here";
                return Err(throw("java.lang.UnsupportedOperationException", message));
            }
            _ => {
                let message = "Invalid operation mode";
                return Err(throw("java.security.InvalidParameterException", message));
            }
        };
        // A source of randomness may stand in the place of the parameters; what it gives is the host's anyway.
        let parameter = match a.get(2) {
            None | Some(Value::Null) => None,
            Some(value) if value.native::<super::random::Random>().is_some() => None,
            Some(value) => Some(value),
        };
        let Transformation {
            algorithm,
            mode,
            is_padded,
        } = self.transformation;
        let blocks = algorithm.under(key)?;
        let (iv, tag) = self.parameters(cx, encrypts, parameter, &blocks)?;
        let mut state = lock(&self.state);
        if let (Some(former), Mode::Gcm, true) = (&*state, mode, encrypts)
            && former.encrypts
            && former.message.is_none()
            && (&former.iv, &former.key) == (&iv, &key.bytes)
        {
            return Err(throw(
                "java.security.InvalidAlgorithmParameterException",
                "Cannot reuse iv for GCM encryption",
            ));
        }
        let message = Message::new(&blocks, mode, is_padded, encrypts, &iv).tag(tag);
        *state = Some(Ready {
            key: key.bytes.clone(),
            blocks,
            encrypts,
            iv,
            tag,
            message: Some(message),
        });
        Ok(())
    }

    /// The first block of the chain and the length of the tag in bytes.
    fn parameters(
        &self,
        cx: &mut Interp<'_>,
        encrypts: bool,
        parameter: Option<&Value>,
        blocks: &Blocks,
    ) -> Run<(Vec<u8>, usize)> {
        let wrong =
            |message: String| throw("java.security.InvalidAlgorithmParameterException", message);
        let size = blocks.size();
        let (made, of_iv) = match self.transformation.mode {
            Mode::Ecb if parameter.is_some() => return Err(wrong("ECB mode cannot use IV".into())),
            Mode::Ecb => return Ok((Vec::new(), 0)),
            Mode::Gcm => (
                12,
                parameter
                    .and_then(Value::native::<key::GcmParameters>)
                    .map(|given| (given.iv.clone(), given.bits / 8)),
            ),
            _ => (
                size,
                parameter
                    .and_then(Value::native::<key::Iv>)
                    .map(|iv| (iv.0.clone(), 0)),
            ),
        };
        let is_gcm = self.transformation.mode == Mode::Gcm;
        match (of_iv, parameter) {
            (Some((_, tag)), _) if is_gcm && !(12..=16).contains(&tag) => Err(wrong(
                "Unsupported TLen value.  Must be one of {128, 120, 112, 104, 96}".into(),
            )),
            (Some((iv, _)), _) if !is_gcm && iv.len() != size => {
                Err(wrong(format!("Wrong IV length: must be {size} bytes long")))
            }
            (Some(given), _) => Ok(given),
            (None, Some(_)) if is_gcm => Err(wrong(
                "AlgorithmParameterSpec not of GCMParameterSpec".into(),
            )),
            (None, Some(_)) => Err(wrong("Wrong parameter type: IV expected".into())),
            (None, None) if encrypts => Ok((random_bytes(cx, made), 16)),
            (None, None) => {
                let message = if is_gcm {
                    "No GCMParameterSpec specified"
                } else {
                    "Parameters missing"
                };
                Err(throw("java.security.InvalidKeyException", message))
            }
        }
    }

    /// What `take` does with the message on its way.
    fn with_message<T>(&self, take: impl FnOnce(&mut Ready) -> Run<T>) -> Run<T> {
        let illegal = |message: &str| Err(throw("java.lang.IllegalStateException", message));
        match &mut *lock(&self.state) {
            None => illegal("Cipher not initialized"),
            Some(ready) if ready.message.is_none() => {
                illegal("Must use either different key or  iv for GCM encryption")
            }
            Some(ready) => take(ready),
        }
    }

    fn update(&self, cx: &mut Interp<'_>, bytes: &[u8]) -> Run {
        cx.charge(bytes.len() * 2)?;
        cx.work(bytes.len() / BYTES_PER_STEP)?;
        self.with_message(|ready| {
            let message = ready.message.as_mut();
            Ok(message.map(|message| message.update(&ready.blocks, bytes)))
        })
        .map(|out| Value::bytes(out.unwrap_or_default()))
    }

    fn finish(&self, cx: &mut Interp<'_>, bytes: &[u8]) -> Run {
        cx.charge(bytes.len() * 2)?;
        cx.work(bytes.len() / BYTES_PER_STEP)?;
        let Transformation {
            mode, is_padded, ..
        } = self.transformation;
        let (out, size) = self.with_message(|ready| {
            let new = Message::new(&ready.blocks, mode, is_padded, ready.encrypts, &ready.iv);
            let is_used_up = mode == Mode::Gcm && ready.encrypts;
            let next = (!is_used_up).then(|| new.tag(ready.tag));
            let message = std::mem::replace(&mut ready.message, next);
            let out = message.map_or(Ok(Vec::new()), |message| {
                message.finish(&ready.blocks, bytes)
            });
            Ok((out, ready.blocks.size()))
        })?;
        out.map(Value::bytes).map_err(|broken| match broken {
            Broken::Length if is_padded => throw(
                "javax.crypto.IllegalBlockSizeException",
                format!("Input length must be multiple of {size} when decrypting with padded cipher"),
            ),
            Broken::Length => throw(
                "javax.crypto.IllegalBlockSizeException",
                format!("Input length not multiple of {size} bytes"),
            ),
            Broken::Padding => throw(
                "javax.crypto.BadPaddingException",
                "Given final block not properly padded. Such issues can arise if a bad key is used during decryption.",
            ),
            Broken::Tag => throw("javax.crypto.AEADBadTagException", "Tag mismatch!"),
        })
    }
}

/// Bytes that a cipher turns in the time of a node of a tree.
const BYTES_PER_STEP: usize = 16;

/// Bytes of chance.
fn random_bytes(cx: &mut Interp<'_>, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        bytes.extend(cx.host.random().to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

/// The bytes of an array, or of a part of it.
fn part(a: Args<'_>) -> Run<Vec<u8>> {
    if matches!(a.first(), Some(Value::Null)) {
        return Err(throw(
            "java.lang.IllegalArgumentException",
            "Null input buffer",
        ));
    }
    let bytes = a.bytes(0)?;
    if a.len() == 1 {
        return Ok(bytes);
    }
    let range = usize::try_from(a.int(1)?)
        .ok()
        .zip(usize::try_from(a.int(2)?).ok());
    let part = range.and_then(|(from, length)| bytes.get(from..from.checked_add(length)?));
    let bad = || throw("java.lang.IllegalArgumentException", "Bad arguments");
    part.map(<[u8]>::to_vec).ok_or_else(bad)
}

methods! {
    fn call_cipher(cx, me: &Cipher, a, name) -> CIPHER;
    init : 2 .. 4 => me.init(cx, a).map(|()| cx.void());
    update : 1 .. 3 => { let bytes = part(a)?; me.update(cx, &bytes) };
    doFinal : 0 .. 3 => { let bytes = if a.is_empty() { Vec::new() } else { part(a)? }; me.finish(cx, &bytes) };
    updateAAD : 1 .. 3 => {
        let bytes = part(a)?;
        cx.charge(bytes.len())?;
        me.with_message(|ready| { if let Some(message) = &mut ready.message { message.authenticate(&bytes); } Ok(()) })?;
        Ok(cx.void())
    };
    getAlgorithm : 0 .. 0 => Ok(Value::Str(me.name.clone()));
    getBlockSize : 0 .. 0 => Ok(Value::Int(if me.transformation.algorithm == Algorithm::Aes { 16 } else { 8 }));
    getIV : 0 .. 0 => Ok(match &*lock(&me.state) { Some(ready) if !ready.iv.is_empty() => Value::bytes(ready.iv.clone()), _ => Value::Null });
}

methods! {
    fn cipher_static(cx, me: &'static ClassInfo, a, name) -> CIPHER_STATICS;
    getInstance : 1 .. 2 => {
        let Some(name) = a.nullable_text(0)? else { return Transformation::parse("").map(|_| Value::Null) };
        Ok(Value::object(Cipher { transformation: Transformation::parse(&name)?, name, state: Mutex::default() }))
    };
    getMaxAllowedKeyLength : 1 .. 1 => { Transformation::parse(&a.text(0)?)?; Ok(Value::Int(i32::MAX)) };
}

fn cipher_field(name: &str) -> Option<Value> {
    Some(Value::Int(match name {
        "ENCRYPT_MODE" => ENCRYPT,
        "DECRYPT_MODE" => DECRYPT,
        "WRAP_MODE" => 3,
        "UNWRAP_MODE" => 4,
        "PUBLIC_KEY" => 1,
        "PRIVATE_KEY" => 2,
        "SECRET_KEY" => 3,
        _ => return None,
    }))
}

const CIPHERS: &[ClassInfo] = &[ClassInfo::named("javax.crypto.Cipher")
    .statics(cipher_static, CIPHER_STATICS)
    .fields(cipher_field)
    .methods(&[CIPHER])];

pub(crate) const CLASSES: [&[ClassInfo]; 2] = [CIPHERS, key::CLASSES];
