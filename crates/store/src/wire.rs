//! Numbers and texts in bytes: LEB128 variable-length integers, small values in few bytes.

/// Appends values to a buffer.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    pub(crate) bytes: Vec<u8>,
}

impl Encoder {
    /// An unsigned integer, seven bits a byte, least significant first.
    pub(crate) fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// A signed integer; small magnitudes of both signs are short.
    pub(crate) fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)) as u64);
    }

    pub(crate) fn wide(&mut self, value: u128) {
        self.unsigned(value as u64);
        self.unsigned((value >> 64) as u64);
    }

    pub(crate) fn float(&mut self, value: f64) {
        self.bytes.extend_from_slice(&value.to_bits().to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// Takes values from a buffer; `None` as soon as it is not what an [`Encoder`] wrote.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    bytes: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some(((value >> 1) as i64) ^ -((value & 1) as i64))
    }

    pub(crate) fn wide(&mut self) -> Option<u128> {
        let low = self.unsigned()?;
        Some(u128::from(low) | u128::from(self.unsigned()?) << 64)
    }

    pub(crate) fn float(&mut self) -> Option<f64> {
        let (head, rest) = self.bytes.split_first_chunk::<8>()?;
        self.bytes = rest;
        let value = f64::from_bits(u64::from_le_bytes(*head));
        value.is_finite().then_some(value)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.unsigned()?).ok()?;
        let (head, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        String::from_utf8(head.to_vec()).ok()
    }

    /// A number of entries that follow; each takes at least one byte, so more than what is left
    /// cannot be true and is refused before anything is reserved.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.unsigned()?).ok()?;
        (count <= self.bytes.len()).then_some(count)
    }

    pub(crate) fn narrow<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.unsigned()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back() {
        let mut encoder = Encoder::default();
        encoder.unsigned(u64::MAX);
        encoder.signed(i64::MIN);
        encoder.signed(-1);
        encoder.wide(u128::MAX);
        encoder.float(-0.5);
        encoder.text("Ä");
        let mut decoder = Decoder::new(&encoder.bytes);
        assert_eq!(decoder.unsigned(), Some(u64::MAX));
        assert_eq!(decoder.signed(), Some(i64::MIN));
        assert_eq!(decoder.signed(), Some(-1));
        assert_eq!(decoder.wide(), Some(u128::MAX));
        assert_eq!(decoder.float(), Some(-0.5));
        assert_eq!(decoder.text().as_deref(), Some("Ä"));
        assert!(decoder.is_at_end());
        assert_eq!(decoder.unsigned(), None);
    }

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        assert_eq!(Decoder::new(&[200, 1]).count(), None);
        assert_eq!(Decoder::new(&[5, b'a']).text(), None);
    }
}
