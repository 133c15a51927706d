//! How figures are written: three significant digits, fewer when the interval is wide, one unit for
//! a value and its interval, and never a rounding that changes a comparison with a bound.
//!
//! Not here: which figures are shown where (see the text and the HTML pages).

use loadline_analysis::{Estimate, Reason};

/// What a number counts; decides unit and scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// A time in microseconds.
    Time,
    /// A ratio in [0, 1], shown in per cent.
    Share,
    /// Events per second.
    Rate,
    /// Bytes, in thousands.
    Bytes,
    /// A bare number.
    Plain,
}

/// A figure as written, with what is known of its uncertainty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The value with its unit, or words where nothing may be claimed.
    pub(crate) value: String,
    /// The interval with its unit, or why there is none; empty when nothing is to be said.
    pub(crate) interval: String,
    /// The interval without unit, for tables whose value carries it; as `interval` for words.
    pub(crate) bare: String,
}

/// Significant digits of a figure, at most.
const DIGITS: i32 = 3;
/// Beyond these decimals no two figures are told apart.
const MAX_DECIMALS: i32 = 9;
/// Times above this many microseconds are written as minutes and seconds.
const MINUTES_FROM_US: f64 = 120e6;

/// A unit and the factor that leads from the stored to the shown number.
#[derive(Clone, Copy)]
struct Scale {
    factor: f64,
    unit: &'static str,
}

/// A value with its interval, beside nothing.
pub(crate) fn estimate(quantity: Quantity, estimate: &Estimate) -> Shown {
    shown(quantity, estimate, None)
}

/// A value with its interval, beside a bound of the same unit that it is compared with.
pub(crate) fn estimate_beside(quantity: Quantity, estimate: &Estimate, bound: f64) -> Shown {
    shown(quantity, estimate, Some(bound))
}

/// A value that may be absent: a dash when it is.
pub(crate) fn optional(quantity: Quantity, value: Option<&Estimate>) -> Shown {
    value.map_or_else(
        || Shown {
            value: "–".to_owned(),
            ..Shown::default()
        },
        |value| estimate(quantity, value),
    )
}

/// A value without interval, three significant digits.
pub(crate) fn value(quantity: Quantity, value: f64) -> String {
    value_with_interval_width(quantity, value, None, None)
}

/// A value without interval that is only to give an idea, two significant digits.
pub(crate) fn rough(quantity: Quantity, value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return self::value(quantity, value);
    }
    let magnitude = value.abs().log10().floor();
    let power = 10f64.powf(magnitude - 1.0);
    // The first two digits; what follows is cut from the three that `value` writes.
    let text = self::value(quantity, (value / power).round() * power);
    match text.split_once('.') {
        Some((whole, rest)) => {
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            let whole_digits = whole.trim_start_matches('0').len();
            let kept = if whole_digits == 0 {
                digits.saturating_sub(1)
            } else {
                2usize.saturating_sub(whole_digits)
            };
            let unit = &rest[digits..];
            if kept == 0 {
                format!("{whole}{unit}")
            } else {
                format!("{whole}.{}{unit}", &rest[..kept.min(digits)])
            }
        }
        None => text,
    }
}

/// A bound as the user would write it: all its digits, none added.
pub(crate) fn bound(quantity: Quantity, value: f64) -> String {
    if quantity == Quantity::Time && value > MINUTES_FROM_US {
        return minutes(value);
    }
    let scale = scale_of(quantity, value);
    let text = format!("{:.6}", value * scale.factor);
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    with_unit(&group_thousands(trimmed), scale.unit)
}

/// An exact count with thousands commas.
pub(crate) fn count(count: u64) -> String {
    group_thousands(&count.to_string())
}

/// A load, users or arrivals, as a number: whole if it is whole.
pub(crate) fn load(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if (value - value.round()).abs() < 1e-9 {
        group_thousands(&format!("{value:.0}"))
    } else {
        number(value, significant_decimals(value))
    }
}

/// An instant or a length of the run, `m:ss`, or `h:mm:ss` from one hour on.
pub(crate) fn clock(seconds: f64) -> String {
    let total = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

/// A length in words: `45 s`, `4 min`, `6 min 30 s`, `2 h 5 min`.
pub(crate) fn length(seconds: f64) -> String {
    let total = seconds.max(0.0).round() as u64;
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    match (hours, minutes, rest) {
        (0, 0, _) if seconds < 10.0 && seconds.fract() > 0.0 => {
            value(Quantity::Time, seconds * 1e6)
        }
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A change relative to a baseline: `+50 %`, `−3 %`, and beyond a factor of two either way
/// `470 times`, whose direction the caller words.
pub(crate) fn is_multiple(ratio: f64) -> bool {
    !(0.5..=2.0).contains(&ratio)
}

/// How many times, two significant digits; `ratio` is at least 1.
pub(crate) fn times(ratio: f64) -> String {
    if !ratio.is_finite() || ratio <= 0.0 {
        return "–".to_owned();
    }
    let magnitude = ratio.log10().floor() as i32;
    number(ratio, 1 - magnitude)
}

/// A relative change with its sign, in per cent without the sign of the unit: `+50`, `−0.1`.
pub(crate) fn signed_percent(change: f64) -> String {
    let percent = change * 100.0;
    let decimals = if percent.abs() >= 10.0 { 0 } else { 1 };
    signed(percent, decimals)
}

/// A number with its sign and `decimals` decimals; zero has none.
pub(crate) fn signed(value: f64, decimals: i32) -> String {
    let text = number(value.abs(), decimals);
    if text.chars().all(|digit| matches!(digit, '0' | '.' | ',')) {
        "0".to_owned()
    } else if value < 0.0 {
        format!("−{text}")
    } else {
        format!("+{text}")
    }
}

fn shown(quantity: Quantity, estimate: &Estimate, bound: Option<f64>) -> Shown {
    let words = |value: &str, interval: String| Shown {
        value: value.to_owned(),
        bare: interval.clone(),
        interval,
    };
    match &estimate.reason {
        Some(Reason::NoSamples) => return words("–", "no samples".to_owned()),
        Some(Reason::TooFewSamples { need }) => {
            return words("not enough", format!("needs {}", count(*need)));
        }
        Some(Reason::NoReadings) => return words("no reading", String::new()),
        _ => {}
    }
    if !estimate.value.is_finite() {
        return words("–", String::new());
    }
    let ends = (
        estimate.low.filter(|end| end.is_finite()),
        estimate.high.filter(|end| end.is_finite()),
    );
    let half_width = match ends {
        (Some(low), Some(high)) => Some((high - low).abs() / 2.0),
        _ => None,
    };
    let zero = estimate.value == 0.0 && quantity == Quantity::Share;
    let mut text = if zero {
        "0".to_owned()
    } else {
        value_with_interval_width(quantity, estimate.value, half_width, bound)
    };
    if estimate.censored {
        return Shown {
            value: format!("≥ {text}"),
            interval: "still waiting at the end".to_owned(),
            bare: "still waiting at the end".to_owned(),
        };
    }
    if matches!(estimate.reason, Some(Reason::Invalid(_))) {
        text.push_str(" ⊘");
    }
    // Of no errors the scale must come from the end that is shown.
    let scale = if zero {
        scale_of(quantity, ends.1.unwrap_or_default())
    } else {
        scale_of(quantity, estimate.value)
    };
    let minutes_shown = quantity == Quantity::Time && estimate.value > MINUTES_FROM_US;
    let end = |value: f64| {
        if minutes_shown {
            return clock(value / 1e6);
        }
        let limit = value_decimals(
            estimate.value * scale.factor,
            half_width.map(|w| w * scale.factor),
        );
        let own = significant_decimals(value * scale.factor);
        let mut decimals = if zero {
            (own - 1).min(MAX_DECIMALS)
        } else {
            own.min(limit)
        };
        // An end above zero never prints as zero, and one beside a bound keeps its side of it.
        while decimals < MAX_DECIMALS
            && (value > 0.0 && rounded(value * scale.factor, decimals) == 0.0
                || bound.is_some_and(|bound| {
                    changes_side(value * scale.factor, bound * scale.factor, decimals)
                }))
        {
            decimals += 1;
        }
        number(value * scale.factor, decimals)
    };
    let bare = match ends {
        (_, Some(high)) if zero => format!("≤ {}", end(high)),
        (Some(low), Some(high)) => {
            let (low, high) = (end(low), end(high));
            format!("{low}–{high}")
        }
        (Some(low), None) => format!("≥ {}", end(low)),
        (None, Some(high)) => format!("≤ {}", end(high)),
        (None, None) => {
            let why = match &estimate.reason {
                Some(Reason::TooShort { need_s }) => format!("needs {need_s} s"),
                Some(Reason::NotSteady) => "not steady".to_owned(),
                Some(Reason::TooFewLevels { need }) => format!("needs {need} loads"),
                Some(Reason::Invalid(_)) => "not to be trusted".to_owned(),
                _ => String::new(),
            };
            return Shown {
                value: text,
                interval: why.clone(),
                bare: why,
            };
        }
    };
    let plus = if estimate.at_least { "+" } else { "" };
    let unit = if quantity == Quantity::Rate || minutes_shown {
        ""
    } else {
        scale.unit
    };
    Shown {
        value: text,
        interval: format!("{}{plus}", with_unit(&bare, unit)),
        bare: format!("{bare}{plus}"),
    }
}

fn value_with_interval_width(
    quantity: Quantity,
    value: f64,
    half_width: Option<f64>,
    bound: Option<f64>,
) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if quantity == Quantity::Time && value > MINUTES_FROM_US {
        return minutes(value);
    }
    let scale = scale_of(quantity, value);
    let shown = value * scale.factor;
    let mut decimals = value_decimals(shown, half_width.map(|width| width * scale.factor));
    if let Some(bound) = bound {
        while decimals < MAX_DECIMALS && changes_side(shown, bound * scale.factor, decimals) {
            decimals += 1;
        }
    }
    with_unit(&number(shown, decimals), scale.unit)
}

fn minutes(us: f64) -> String {
    format!("{} min", clock(us / 1e6))
}

/// Decimals of a value: three significant digits, and the last digit's place not below that of a
/// tenth of the interval's half width; always one significant digit.
fn value_decimals(value: f64, half_width: Option<f64>) -> i32 {
    let own = significant_decimals(value);
    let Some(half_width) = half_width.filter(|width| *width > 0.0 && width.is_finite()) else {
        return own;
    };
    let by_width = -((half_width / 10.0).log10().floor() as i32);
    let one_digit = own - (DIGITS - 1);
    own.min(by_width.max(one_digit))
}

/// Decimals that leave three significant digits; negative ones round to tens and hundreds.
fn significant_decimals(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let decimals = DIGITS - 1 - value.abs().log10().floor() as i32;
    // 99.96 rounds to four digits, "100.0", unless one is taken away.
    let carried = rounded(value, decimals).abs() >= 10f64.powi(DIGITS - decimals);
    (decimals - i32::from(carried)).min(MAX_DECIMALS)
}

/// Whether `value` rounded to `decimals` compares otherwise with `bound` than `value` itself.
fn changes_side(value: f64, bound: f64, decimals: i32) -> bool {
    // Compared as printed, so that 10.0 equals 10.
    let rounded = rounded(value, decimals);
    let near = (rounded - bound).abs() <= bound.abs() * 1e-12;
    let side = if near { 0.0 } else { rounded - bound };
    let exact = if (value - bound).abs() <= bound.abs() * 1e-12 {
        0.0
    } else {
        value - bound
    };
    side.partial_cmp(&0.0) != exact.partial_cmp(&0.0)
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let power = 10f64.powi(decimals.abs());
    let rounded = if decimals >= 0 {
        (value * power).round() / power
    } else {
        (value / power).round() * power
    };
    // −0 and what rounds to it are 0.
    rounded + 0.0
}

/// `value` with `decimals` decimals and thousands commas; negative decimals round to tens.
fn number(value: f64, decimals: i32) -> String {
    let places = usize::try_from(decimals).unwrap_or(0);
    group_thousands(&format!("{:.*}", places, rounded(value, decimals)))
}

fn scale_of(quantity: Quantity, value: f64) -> Scale {
    // Against the next unit's value as it would round, so that 999.7 ms is 1.00 s.
    let rounds_to = |unit: f64| value.abs() >= unit * 0.9995;
    let (factor, unit) = match quantity {
        Quantity::Time if rounds_to(1e6) => (1e-6, " s"),
        Quantity::Time if rounds_to(1e3) => (1e-3, " ms"),
        Quantity::Time => (1.0, " µs"),
        Quantity::Share => (100.0, " %"),
        Quantity::Rate => (1.0, "/s"),
        Quantity::Bytes if rounds_to(1e9) => (1e-9, " GB"),
        Quantity::Bytes if rounds_to(1e6) => (1e-6, " MB"),
        Quantity::Bytes if rounds_to(1e3) => (1e-3, " kB"),
        Quantity::Bytes => (1.0, " B"),
        Quantity::Plain => (1.0, ""),
    };
    Scale { factor, unit }
}

fn with_unit(number: &str, unit: &str) -> String {
    format!("{number}{unit}")
}

fn group_thousands(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", number),
    };
    let (whole, rest) = match digits.find('.') {
        Some(point) => digits.split_at(point),
        None => (digits, ""),
    };
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

#[cfg(test)]
mod tests;
