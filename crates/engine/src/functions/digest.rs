//! `__digest` and the plugin function `__MD5`: hashes of texts in hexadecimal digits.

use loadline_plan::program::Call;
// The hashes come from two releases of one family of libraries, each with its trait.
use md5::Digest as _;
use sha2::Digest as _;

use super::{argument, store};
use crate::Scope;

/// `__digest(algorithm,text[,salt][,upper case=false][,variable])`; the salt is hashed behind the
/// text. For an unknown algorithm the value is `null`, as JMeter prints it.
pub(super) fn digest(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let algorithm = argument(call, 0, scope);
    let mut text = argument(call, 1, scope).into_owned();
    text.push_str(&argument(call, 2, scope));
    let Some(mut hash) = hash(&algorithm, text.as_bytes()) else {
        out.extend_from_slice(b"null");
        return;
    };
    if argument(call, 3, scope).eq_ignore_ascii_case("true") {
        hash.make_ascii_uppercase();
    }
    out.extend_from_slice(hash.as_bytes());
    store(call, 4, scope, &out[start..]);
}

/// `__MD5(text[,variable])`.
pub(super) fn md5(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let hash = hex(&md5::Md5::digest(argument(call, 0, scope).as_bytes()));
    out.extend_from_slice(hash.as_bytes());
    store(call, 1, scope, &out[start..]);
}

/// The hash of `bytes` by an algorithm that Java calls `name`; of these MD2 alone is not here.
fn hash(name: &str, bytes: &[u8]) -> Option<String> {
    Some(match name.to_ascii_uppercase().as_str() {
        "MD5" => hex(&md5::Md5::digest(bytes)),
        "SHA" | "SHA1" | "SHA-1" => hex(&sha1::Sha1::digest(bytes)),
        "SHA224" | "SHA-224" => hex(&sha2::Sha224::digest(bytes)),
        "SHA256" | "SHA-256" => hex(&sha2::Sha256::digest(bytes)),
        "SHA384" | "SHA-384" => hex(&sha2::Sha384::digest(bytes)),
        "SHA512" | "SHA-512" => hex(&sha2::Sha512::digest(bytes)),
        "SHA512/224" | "SHA-512/224" => hex(&sha2::Sha512_224::digest(bytes)),
        "SHA512/256" | "SHA-512/256" => hex(&sha2::Sha512_256::digest(bytes)),
        "SHA3-224" => hex(&sha3::Sha3_224::digest(bytes)),
        "SHA3-256" => hex(&sha3::Sha3_256::digest(bytes)),
        "SHA3-384" => hex(&sha3::Sha3_384::digest(bytes)),
        "SHA3-512" => hex(&sha3::Sha3_512::digest(bytes)),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
