//! Block ciphers in modes: a message goes in by parts and comes out as Java's ciphers give it.
//!
//! The blocks are the crates'; the chaining is here, since Java takes cipher, length of the IV and length of the tag at run time, which
//! the crates for modes have in their types. Not here: names of Java, and who may call what (see [`super`]).

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;

/// How blocks are chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Ecb,
    Cbc,
    Ctr,
    Gcm,
}

/// A block cipher with its key.
pub(super) enum Blocks {
    Aes128(aes::Aes128),
    Aes192(aes::Aes192),
    Aes256(aes::Aes256),
    Des(des::Des),
    DesEde(des::TdesEde3),
}

macro_rules! on_blocks {
    ($blocks:expr, $cipher:ident => $body:expr) => {
        match $blocks {
            Blocks::Aes128($cipher) => $body,
            Blocks::Aes192($cipher) => $body,
            Blocks::Aes256($cipher) => $body,
            Blocks::Des($cipher) => $body,
            Blocks::DesEde($cipher) => $body,
        }
    };
}

impl Blocks {
    /// AES with a key of 16, 24 or 32 bytes.
    pub(super) fn aes(key: &[u8]) -> Option<Blocks> {
        match key.len() {
            16 => aes::Aes128::new_from_slice(key).ok().map(Blocks::Aes128),
            24 => aes::Aes192::new_from_slice(key).ok().map(Blocks::Aes192),
            _ => aes::Aes256::new_from_slice(key).ok().map(Blocks::Aes256),
        }
    }

    /// DES with a key of 8 bytes.
    pub(super) fn des(key: &[u8]) -> Option<Blocks> {
        des::Des::new_from_slice(key).ok().map(Blocks::Des)
    }

    /// DES three times with a key of 24 bytes.
    pub(super) fn des_ede(key: &[u8]) -> Option<Blocks> {
        des::TdesEde3::new_from_slice(key).ok().map(Blocks::DesEde)
    }

    /// The length of a block in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Blocks::Des(_) | Blocks::DesEde(_) => 8,
            _ => 16,
        }
    }

    /// `block` has the length of one.
    fn encrypt(&self, block: &mut [u8]) {
        on_blocks!(self, cipher => {
            if let Ok(block) = block.try_into() {
                cipher.encrypt_block(block);
            }
        });
    }

    fn decrypt(&self, block: &mut [u8]) {
        on_blocks!(self, cipher => {
            if let Ok(block) = block.try_into() {
                cipher.decrypt_block(block);
            }
        });
    }
}

/// Why a message has no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is not whole blocks.
    Length,
    /// The bytes that fill the last block are not as they have to be.
    Padding,
    /// The tag is another one, or is not there.
    Tag,
}

/// One message on its way.
pub(super) struct Message {
    mode: Mode,
    is_padded: bool,
    encrypts: bool,
    /// The last block of cipher text, or the counter.
    chain: Vec<u8>,
    /// What is left of the block of the key stream.
    stream: Vec<u8>,
    pending: Vec<u8>,
    /// Of [`Mode::Gcm`]: what is authenticated without being hidden, the cipher text so far, and the length of the tag in bytes.
    aad: Vec<u8>,
    whole: Vec<u8>,
    tag: usize,
    /// Of [`Mode::Gcm`]: what the tag is hidden with.
    mask: Vec<u8>,
}

impl Message {
    /// `iv` has the length of a block, but for [`Mode::Ecb`], which uses none, and [`Mode::Gcm`], where any length will do.
    pub(super) fn new(
        blocks: &Blocks,
        mode: Mode,
        is_padded: bool,
        encrypts: bool,
        iv: &[u8],
    ) -> Message {
        let mut message = Message {
            mode,
            is_padded,
            encrypts,
            chain: iv.to_vec(),
            stream: Vec::new(),
            pending: Vec::new(),
            aad: Vec::new(),
            whole: Vec::new(),
            tag: 16,
            mask: Vec::new(),
        };
        if mode == Mode::Gcm {
            // NIST SP 800-38D, 7.1, steps 2 and 3.
            message.chain = match iv.len() {
                12 => [iv, &[0, 0, 0, 1]].concat(),
                length => {
                    let mut hash = hash_of(blocks);
                    hash.update_padded(iv);
                    hash.update_padded(&(length as u128 * 8).to_be_bytes());
                    hash.finalize().to_vec()
                }
            };
            message.mask = message.chain.clone();
            blocks.encrypt(&mut message.mask);
            count_up(&mut message.chain[12..]);
        }
        message
    }

    /// With a tag of `bytes` bytes.
    pub(super) fn tag(mut self, bytes: usize) -> Message {
        self.tag = bytes;
        self
    }

    pub(super) fn authenticate(&mut self, bytes: &[u8]) {
        self.aad.extend_from_slice(bytes);
    }

    /// Takes a part of the message and gives what can be said so far.
    pub(super) fn update(&mut self, blocks: &Blocks, bytes: &[u8]) -> Vec<u8> {
        self.pending.extend_from_slice(bytes);
        let size = blocks.size();
        let ready = match self.mode {
            Mode::Ctr => self.pending.len(),
            // Nothing is told before its tag was seen.
            Mode::Gcm if !self.encrypts => 0,
            // The last block may be one that is filled.
            _ if self.is_padded && !self.encrypts => {
                self.pending.len().saturating_sub(size) / size * size
            }
            _ => self.pending.len() / size * size,
        };
        let mut out: Vec<u8> = self.pending.drain(..ready).collect();
        self.turn(blocks, &mut out);
        out
    }

    /// Takes the last part of the message and gives the rest.
    pub(super) fn finish(mut self, blocks: &Blocks, bytes: &[u8]) -> Result<Vec<u8>, Broken> {
        self.pending.extend_from_slice(bytes);
        let size = blocks.size();
        let mut out = std::mem::take(&mut self.pending);
        match self.mode {
            Mode::Ctr => self.turn(blocks, &mut out),
            Mode::Gcm if self.encrypts => {
                self.turn(blocks, &mut out);
                out.extend(self.tag_of(blocks));
            }
            Mode::Gcm => {
                let text = out.len().checked_sub(self.tag).ok_or(Broken::Tag)?;
                let tag = out.split_off(text);
                self.turn(blocks, &mut out);
                if self.tag_of(blocks) != tag {
                    return Err(Broken::Tag);
                }
            }
            Mode::Ecb | Mode::Cbc if self.is_padded && self.encrypts => {
                let missing = size - out.len() % size;
                out.resize(out.len() + missing, missing as u8);
                self.turn(blocks, &mut out);
            }
            Mode::Ecb | Mode::Cbc => {
                if !out.len().is_multiple_of(size) {
                    return Err(Broken::Length);
                }
                self.turn(blocks, &mut out);
                if let (true, Some(last)) = (self.is_padded, out.last().copied()) {
                    let fill = usize::from(last);
                    let is_right = (1..=size).contains(&fill)
                        && out[out.len() - fill..].iter().all(|byte| *byte == last);
                    if !is_right {
                        return Err(Broken::Padding);
                    }
                    out.truncate(out.len() - fill);
                }
            }
        }
        Ok(out)
    }

    /// Plain text to cipher text or back, in place; whole blocks, but for [`Mode::Ctr`] and the end of a message in [`Mode::Gcm`].
    fn turn(&mut self, blocks: &Blocks, bytes: &mut [u8]) {
        match self.mode {
            Mode::Ecb => {
                for block in bytes.chunks_exact_mut(blocks.size()) {
                    match self.encrypts {
                        true => blocks.encrypt(block),
                        false => blocks.decrypt(block),
                    }
                }
            }
            Mode::Cbc => {
                for block in bytes.chunks_exact_mut(blocks.size()) {
                    if self.encrypts {
                        mix(block, &self.chain);
                        blocks.encrypt(block);
                        self.chain.copy_from_slice(block);
                    } else {
                        let former = std::mem::replace(&mut self.chain, block.to_vec());
                        blocks.decrypt(block);
                        mix(block, &former);
                    }
                }
            }
            Mode::Ctr => self.mix_stream(blocks, bytes),
            Mode::Gcm => {
                if !self.encrypts {
                    self.whole.extend_from_slice(bytes);
                }
                self.mix_stream(blocks, bytes);
                if self.encrypts {
                    self.whole.extend_from_slice(bytes);
                }
            }
        }
    }

    fn mix_stream(&mut self, blocks: &Blocks, bytes: &mut [u8]) {
        // The counter of GCM is the last four bytes.
        let counter = if self.mode == Mode::Gcm { 12 } else { 0 };
        for byte in bytes {
            if self.stream.is_empty() {
                self.stream = self.chain.clone();
                blocks.encrypt(&mut self.stream);
                self.stream.reverse();
                count_up(&mut self.chain[counter..]);
            }
            *byte ^= self.stream.pop().unwrap_or_default();
        }
    }

    /// The tag of all cipher text so far: NIST SP 800-38D, 7.1, steps 5 and 6.
    fn tag_of(&self, blocks: &Blocks) -> Vec<u8> {
        let mut hash = hash_of(blocks);
        hash.update_padded(&self.aad);
        hash.update_padded(&self.whole);
        let lengths = ((self.aad.len() as u128 * 8) << 64) | (self.whole.len() as u128 * 8);
        hash.update_padded(&lengths.to_be_bytes());
        let mut tag = hash.finalize().to_vec();
        mix(&mut tag, &self.mask);
        tag.truncate(self.tag);
        tag
    }
}

/// The hash of GCM under the key of `blocks`.
fn hash_of(blocks: &Blocks) -> GHash {
    let mut key = [0; 16];
    blocks.encrypt(&mut key);
    GHash::new(&key.into())
}

fn mix(block: &mut [u8], with: &[u8]) {
    for (byte, other) in block.iter_mut().zip(with) {
        *byte ^= other;
    }
}

fn count_up(counter: &mut [u8]) {
    for byte in counter.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}
