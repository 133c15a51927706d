//! The head that came before: most answers to a sampler begin with the same bytes, of which the same
//! is true. A server that says the date says the same one for a second.
//!
//! Reading a head takes a fourth of the instructions of a small request; comparing it takes almost
//! none.

use super::{Head, Wanted};

/// Greatest length of a head that is remembered, in bytes.
const LONGEST: usize = 4 << 10;

/// Heads in a row that are another than the one before, after which they are not worth remembering.
const PATIENCE: u32 = 8;

/// After how many more of them it is tried again.
const RETRY: u32 = 64;

/// A head, and what was read of it.
#[derive(Debug, Default)]
pub(crate) struct KnownHead {
    bytes: Vec<u8>,
    wanted: Wanted,
    head: Option<Head>,
    /// Heads that were another one since it was last met.
    others: u32,
}

impl KnownHead {
    /// Length of the head at the beginning of `bytes`, and what was read of it, if it is this one.
    ///
    /// What is read of a head does not depend on the bytes behind it.
    pub(super) fn at_beginning_of(
        &mut self,
        bytes: &[u8],
        wanted: Wanted,
    ) -> Option<(usize, &Head)> {
        let is_it = bytes.starts_with(&self.bytes) && self.wanted == wanted;
        let head = self.head.as_ref().filter(|_| is_it)?;
        self.others = 0;
        Some((self.bytes.len(), head))
    }

    /// Remembers that `head` was read of `bytes`, if that is likely to be of use. One that changes protocols is
    /// not: whether it may come depends on the request.
    pub(super) fn remember(&mut self, bytes: &[u8], wanted: Wanted, head: &Head) {
        self.others = self.others.wrapping_add(1);
        let is_hopeless = self.others > PATIENCE && !self.others.is_multiple_of(RETRY);
        if is_hopeless || bytes.len() > LONGEST || head.status < 200 {
            return;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.wanted = wanted;
        self.head = Some(head.clone());
    }
}

/// Samplers of an engine thread whose heads are remembered at the same time; further ones share their
/// places.
const PLACES: usize = 32;

/// The heads that came last, each in the place of the sampler that it answered.
#[derive(Debug)]
pub(crate) struct KnownHeads([KnownHead; PLACES]);

impl Default for KnownHeads {
    fn default() -> Self {
        Self(std::array::from_fn(|_| KnownHead::default()))
    }
}

impl KnownHeads {
    /// The one of the sampler of this number.
    pub(crate) fn of_sampler(&mut self, number: usize) -> &mut KnownHead {
        &mut self.0[number % PLACES]
    }
}
