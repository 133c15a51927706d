//! Values as keys, with the `hashCode` and `equals` of Java.
//!
//! Not here: what these say (see [`crate::equality`]).

use std::hash::{Hash, Hasher};

use super::Value;

/// A value with Java's `hashCode` and `equals`.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) Value);

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        match (&self.0, &other.0) {
            (Value::Str(one), Value::Str(other)) => one == other,
            (one, other) => crate::equality::java_equals(one, other),
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Mixed, because attackers and counters make Java's hashes collide in the low bits.
        state.write_i32(crate::equality::java_hash(&self.0));
    }
}

/// Spreads a Java hash over all bits. Java's own hashes collide where somebody wants it, so a hash with a secret would cost more and
/// protect no better.
#[derive(Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i32(i32::from(*byte));
        }
    }

    fn write_i32(&mut self, hash: i32) {
        // The golden ratio in 64 bits.
        let hash = self.0.rotate_left(5) ^ u64::from(hash.cast_unsigned());
        self.0 = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
