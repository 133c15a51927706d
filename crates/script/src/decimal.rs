//! `java.math.BigDecimal`: an unscaled integer and a scale, with Java's rules for scale and text and Groovy's for division.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};

/// Decimal digits that every 64-bit number holds.
pub(crate) const DIGITS_OF_LONG: usize = 18;

/// More digits than this are an arithmetic error: they would only cost memory.
const MOST_DIGITS: i64 = 100_000;

#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    pub(crate) unscaled: BigInt,
    pub(crate) scale: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    Unnecessary,
}

pub(crate) fn pow10(exponent: u32) -> BigInt {
    BigInt::from(10u32).pow(exponent)
}

pub(crate) fn digits(value: &BigInt) -> i64 {
    if value.is_zero() {
        1
    } else {
        value.abs().to_str_radix(10).len() as i64
    }
}

impl Decimal {
    pub(crate) fn new(unscaled: BigInt, scale: i32) -> Decimal {
        Decimal { unscaled, scale }
    }

    pub(crate) fn from_int(value: i64) -> Decimal {
        Decimal::new(BigInt::from(value), 0)
    }

    /// The text form that `new BigDecimal(String)` takes; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let digits = text[at + 1..].strip_prefix('+').unwrap_or(&text[at + 1..]);
                if digits.starts_with('+') {
                    return None;
                }
                (&text[..at], digits.parse::<i32>().ok()?)
            }
            None => (text, 0),
        };
        let (sign, body) = match mantissa.as_bytes().first()? {
            b'-' => (true, &mantissa[1..]),
            b'+' => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        if whole.len() + fraction.len() == 0
            || !whole
                .bytes()
                .chain(fraction.bytes())
                .all(|b| b.is_ascii_digit())
            || exponent.unsigned_abs() > MOST_DIGITS as u32
            || body.len() as i64 > MOST_DIGITS
        {
            return None;
        }
        let digits = whole.bytes().chain(fraction.bytes());
        let value = if whole.len() + fraction.len() <= DIGITS_OF_LONG {
            let value = digits.fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0'));
            BigInt::from(value)
        } else {
            let digits: Vec<u8> = digits.collect();
            BigInt::parse_bytes(&digits, 10)?
        };
        let scale = i32::try_from(fraction.len()).ok()? - exponent;
        Some(Decimal::new(if sign { -value } else { value }, scale))
    }

    /// The exact value of a double, as `new BigDecimal(double)`.
    pub(crate) fn exact(value: f64) -> Option<Decimal> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as i32;
        let fraction = bits & ((1 << 52) - 1);
        let (mut mantissa, mut power) = if exponent == 0 {
            (fraction, -1074)
        } else {
            (fraction | 1 << 52, exponent - 1075)
        };
        while mantissa != 0 && mantissa & 1 == 0 && power < 0 {
            mantissa >>= 1;
            power += 1;
        }
        let mut unscaled = BigInt::from(mantissa);
        if value < 0.0 {
            unscaled = -unscaled;
        }
        if mantissa == 0 {
            return Some(Decimal::from_int(0));
        }
        Some(if power >= 0 {
            Decimal::new(unscaled << power as usize, 0)
        } else {
            Decimal::new(
                unscaled * BigInt::from(5u32).pow(power.unsigned_abs()),
                -power,
            )
        })
    }

    fn align(&self, other: &Decimal) -> Option<(BigInt, BigInt, i32)> {
        let scale = self.scale.max(other.scale);
        Some((self.at_scale(scale)?, other.at_scale(scale)?, scale))
    }

    fn at_scale(&self, scale: i32) -> Option<BigInt> {
        let shift = i64::from(scale) - i64::from(self.scale);
        (shift <= MOST_DIGITS).then(|| &self.unscaled * pow10(shift as u32))
    }

    pub(crate) fn add(&self, other: &Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.align(other)?;
        Some(Decimal::new(a + b, scale))
    }

    pub(crate) fn sub(&self, other: &Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.align(other)?;
        Some(Decimal::new(a - b, scale))
    }

    pub(crate) fn mul(&self, other: &Decimal) -> Option<Decimal> {
        if (self.unscaled.bits() + other.unscaled.bits()) as i64 > MOST_DIGITS * 4 {
            return None;
        }
        Some(Decimal::new(
            &self.unscaled * &other.unscaled,
            self.scale.checked_add(other.scale)?,
        ))
    }

    pub(crate) fn neg(&self) -> Decimal {
        Decimal::new(-&self.unscaled, self.scale)
    }

    pub(crate) fn precision(&self) -> i64 {
        digits(&self.unscaled)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.unscaled.is_zero()
    }

    /// `divide(other, scale, rounding)`; `None` when `other` is zero or the rounding would be needed but is not allowed.
    pub(crate) fn divide(
        &self,
        other: &Decimal,
        scale: i32,
        rounding: Rounding,
    ) -> Option<Decimal> {
        if other.is_zero() {
            return None;
        }
        let shift = i64::from(scale) + i64::from(other.scale) - i64::from(self.scale);
        if shift.abs() > MOST_DIGITS {
            return None;
        }
        let (mut a, mut b) = (self.unscaled.clone(), other.unscaled.clone());
        if shift >= 0 {
            a *= pow10(shift as u32);
        } else {
            b *= pow10(shift.unsigned_abs() as u32);
        }
        Some(Decimal::new(round_quotient(&a, &b, rounding)?, scale))
    }

    /// The quotient if it ends, with the preferred scale of `divide(BigDecimal)`.
    pub(crate) fn divide_exact(&self, other: &Decimal) -> Option<Decimal> {
        if other.is_zero() {
            return None;
        }
        let preferred = self.scale.checked_sub(other.scale)?;
        if self.is_zero() {
            return Some(Decimal::new(BigInt::zero(), preferred));
        }
        let mut b = other.unscaled.abs();
        let g = gcd(&self.unscaled.abs(), &b);
        b /= g;
        let (mut twos, mut fives) = (0i32, 0i32);
        while (&b % 2u32).is_zero() {
            b /= 2u32;
            twos += 1;
        }
        while (&b % 5u32).is_zero() {
            b /= 5u32;
            fives += 1;
        }
        if b != BigInt::from(1u32) {
            return None;
        }
        let scale = preferred.checked_add(twos.max(fives))?;
        let mut out = self.divide(other, scale, Rounding::Unnecessary)?;
        while out.scale > preferred {
            let ten = BigInt::from(10u32);
            if !(&out.unscaled % &ten).is_zero() {
                break;
            }
            out.unscaled /= ten;
            out.scale -= 1;
        }
        Some(out)
    }

    /// Groovy's `/`: exact if it ends, else ten more digits than the operands have, rounded half up.
    pub(crate) fn divide_groovy(&self, other: &Decimal) -> Option<Decimal> {
        if let Some(exact) = self.divide_exact(other) {
            return Some(exact);
        }
        let precision = self.precision().max(other.precision()) + 10;
        let mut out = self.divide_precision(other, precision)?;
        let scale = self.scale.max(other.scale).max(10);
        if out.scale > scale {
            out = out.set_scale(scale, Rounding::HalfUp)?;
        }
        Some(out.strip_to(self.scale.saturating_sub(other.scale)))
    }

    /// `divide(other, MathContext(precision, HALF_UP))`.
    pub(crate) fn divide_precision(&self, other: &Decimal, precision: i64) -> Option<Decimal> {
        let magnitude = (self.precision() - i64::from(self.scale))
            - (other.precision() - i64::from(other.scale));
        let scale = i32::try_from(precision - magnitude + 1).ok()?;
        let rough = self.divide(other, scale + 3, Rounding::Down)?;
        let drop = rough.precision() - precision;
        let scale = i32::try_from(i64::from(rough.scale) - drop).ok()?;
        self.divide(other, scale, Rounding::HalfUp)
    }

    /// `setScale`; `None` when rounding would be needed but is not allowed.
    pub(crate) fn set_scale(&self, scale: i32, rounding: Rounding) -> Option<Decimal> {
        if scale >= self.scale {
            return Some(Decimal::new(self.at_scale(scale)?, scale));
        }
        let drop = i64::from(self.scale) - i64::from(scale);
        if drop > MOST_DIGITS {
            return None;
        }
        let divisor = pow10(drop as u32);
        Some(Decimal::new(
            round_quotient(&self.unscaled, &divisor, rounding)?,
            scale,
        ))
    }

    fn strip_to(mut self, least: i32) -> Decimal {
        let ten = BigInt::from(10u32);
        while self.scale > least && (&self.unscaled % &ten).is_zero() && !self.is_zero() {
            self.unscaled /= &ten;
            self.scale -= 1;
        }
        self
    }

    pub(crate) fn strip(&self) -> Decimal {
        if self.is_zero() {
            Decimal::from_int(0)
        } else {
            self.clone().strip_to(i32::MIN)
        }
    }

    pub(crate) fn compare(&self, other: &Decimal) -> Ordering {
        match self.align(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.to_f64().total_cmp(&other.to_f64()),
        }
    }

    pub(crate) fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The integer part.
    pub(crate) fn to_int(&self) -> BigInt {
        self.set_scale(0, Rounding::Down)
            .map_or_else(BigInt::zero, |d| d.unscaled)
    }

    pub(crate) fn to_plain(&self) -> String {
        if self.scale <= 0 {
            if self.is_zero() {
                return "0".into();
            }
            return format!(
                "{}{}",
                self.unscaled,
                "0".repeat(self.scale.unsigned_abs() as usize)
            );
        }
        let digits = self.unscaled.abs().to_str_radix(10);
        let scale = self.scale as usize;
        let padded = if digits.len() <= scale {
            format!("{}{digits}", "0".repeat(scale + 1 - digits.len()))
        } else {
            digits
        };
        let at = padded.len() - scale;
        let sign = if self.unscaled.is_negative() { "-" } else { "" };
        format!("{sign}{}.{}", &padded[..at], &padded[at..])
    }

    pub(crate) fn hash(&self) -> i32 {
        let mut magnitude: i32 = 0;
        match self.unscaled.to_i64() {
            Some(small) if small != i64::MIN => {
                let v = small.unsigned_abs();
                magnitude = (((v >> 32) as i32).wrapping_mul(31)).wrapping_add(v as u32 as i32);
                if small < 0 {
                    magnitude = magnitude.wrapping_neg();
                }
                magnitude.wrapping_mul(31).wrapping_add(self.scale)
            }
            _ => {
                magnitude = magnitude.wrapping_add(big_hash(&self.unscaled));
                magnitude.wrapping_mul(31).wrapping_add(self.scale)
            }
        }
    }
}

/// `BigInteger.hashCode`.
pub(crate) fn big_hash(value: &BigInt) -> i32 {
    let (sign, words) = value.to_u32_digits();
    let hash = words
        .iter()
        .rev()
        .fold(0i32, |h, w| h.wrapping_mul(31).wrapping_add(*w as i32));
    if sign == Sign::Minus {
        hash.wrapping_neg()
    } else {
        hash
    }
}

fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.clone(), b.clone());
    while !b.is_zero() {
        let r = &a % &b;
        a = b;
        b = r;
    }
    a
}

fn round_quotient(a: &BigInt, b: &BigInt, rounding: Rounding) -> Option<BigInt> {
    let quotient = a / b;
    let remainder = a % b;
    if remainder.is_zero() {
        return Some(quotient);
    }
    let negative = a.is_negative() != b.is_negative();
    let half = (remainder.abs() * 2u32).cmp(&b.abs());
    let away = match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfDown => half == Ordering::Greater,
        Rounding::HalfEven => {
            half == Ordering::Greater || half == Ordering::Equal && !(&quotient % 2u32).is_zero()
        }
        Rounding::Unnecessary => return None,
    };
    Some(match (away, negative) {
        (false, _) => quotient,
        (true, false) => quotient + 1u32,
        (true, true) => quotient - 1u32,
    })
}

/// `BigDecimal.toString`: plain, or with an exponent when the scale is negative or the number is small.
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.unscaled.abs().to_str_radix(10);
        let adjusted = -i64::from(self.scale) + (digits.len() as i64 - 1);
        if self.scale >= 0 && adjusted >= -6 {
            return if self.scale == 0 {
                write!(f, "{}", self.unscaled)
            } else {
                f.write_str(&self.to_plain())
            };
        }
        let sign = if self.unscaled.is_negative() { "-" } else { "" };
        write!(f, "{sign}{}", &digits[..1])?;
        if digits.len() > 1 {
            write!(f, ".{}", &digits[1..])?;
        }
        if adjusted == 0 {
            return Ok(());
        }
        write!(f, "E{}{}", if adjusted > 0 { "+" } else { "" }, adjusted)
    }
}
