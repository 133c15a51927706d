//! `String.format`, `DecimalFormat`, `Locale`.

use std::sync::{Arc, Mutex};

use num_traits::Signed;

use crate::args::Args;
use crate::class::{ClassInfo, class_name};
use crate::decimal::{Decimal, Rounding};
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::throwable::throw;
use crate::name::methods;
use crate::number;
use crate::value::{Native, Value, lock};

/// A width or precision beyond this is refused: it would only cost memory.
const WIDEST: usize = 1 << 20;

fn grouped(digits: &str) -> String {
    let (whole, rest) = digits
        .split_once('.')
        .map_or((digits, None), |(w, r)| (w, Some(r)));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// A number with one more decimal digit; what is too large stays the largest.
fn with_digit(number: usize, digit: char) -> usize {
    let digit = digit.to_digit(10).unwrap_or(0) as usize;
    number.saturating_mul(10).saturating_add(digit)
}

/// `java.util.Formatter` in the locale en_US.
pub(crate) fn format(cx: &mut Interp<'_>, pattern: &str, args: &[Value]) -> Run<String> {
    let mut out = String::new();
    let chars: Vec<char> = pattern.chars().collect();
    let (mut i, mut next, mut last) = (0, 0usize, 0usize);
    while i < chars.len() {
        if chars[i] != '%' {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        let start = i;
        i += 1;
        let mut number = 0usize;
        let mut j = i;
        while j < chars.len() && chars[j].is_ascii_digit() {
            number = with_digit(number, chars[j]);
            j += 1;
        }
        let mut index = None;
        if j < chars.len() && chars[j] == '$' && j > i {
            index = Some(number.saturating_sub(1));
            i = j + 1;
        }
        let mut flags = String::new();
        while i < chars.len() && "-#+ 0,(<".contains(chars[i]) {
            flags.push(chars[i]);
            i += 1;
        }
        let mut width = 0usize;
        while i < chars.len() && chars[i].is_ascii_digit() {
            width = with_digit(width, chars[i]);
            i += 1;
        }
        let mut precision = None;
        if i < chars.len() && chars[i] == '.' {
            i += 1;
            let mut p = 0usize;
            while i < chars.len() && chars[i].is_ascii_digit() {
                p = with_digit(p, chars[i]);
                i += 1;
            }
            precision = Some(p);
        }
        let Some(&conversion) = chars.get(i) else {
            return Err(throw(
                "java.util.UnknownFormatConversionException",
                "Conversion = '%'",
            ));
        };
        i += 1;
        if width > WIDEST || precision.is_some_and(|p| p > WIDEST) {
            return Err(cx.over_memory());
        }
        let specifier: String = chars[start..i].iter().collect();
        let body = match conversion {
            'n' => "\n".to_owned(),
            '%' => "%".to_owned(),
            't' | 'T' => {
                let kind = chars.get(i).copied().unwrap_or(' ');
                i += 1;
                let value = pick(
                    args,
                    index,
                    flags.contains('<'),
                    &mut next,
                    &mut last,
                    &specifier,
                )?;
                time(cx, &value, kind)?
            }
            _ => {
                let value = pick(
                    args,
                    index,
                    flags.contains('<'),
                    &mut next,
                    &mut last,
                    &specifier,
                )?;
                one(cx, conversion, &flags, width, precision, &value)?
            }
        };
        let length = body.chars().count();
        let pad = width.saturating_sub(length);
        if flags.contains('-') {
            out.push_str(&body);
            out.push_str(&" ".repeat(pad));
        } else {
            out.push_str(&" ".repeat(pad));
            out.push_str(&body);
        }
        cx.charge(length + pad)?;
    }
    Ok(out)
}

fn pick(
    args: &[Value],
    index: Option<usize>,
    again: bool,
    next: &mut usize,
    last: &mut usize,
    specifier: &str,
) -> Run {
    let at = match index {
        Some(at) => at,
        None if again => *last,
        None => {
            *next += 1;
            *next - 1
        }
    };
    *last = at;
    args.get(at).cloned().ok_or_else(|| {
        throw(
            "java.util.MissingFormatArgumentException",
            format!("Format specifier '{specifier}'"),
        )
    })
}

fn bad(conversion: char, value: &Value) -> Fail {
    throw(
        "java.util.IllegalFormatConversionException",
        format!("{conversion} != {}", class_name(value)),
    )
}

fn time(cx: &mut Interp<'_>, value: &Value, kind: char) -> Run<String> {
    let pattern = match kind {
        'Y' => "yyyy",
        'm' => "MM",
        'd' => "dd",
        'H' => "HH",
        'M' => "mm",
        'S' => "ss",
        'L' => "SSS",
        'F' => "yyyy-MM-dd",
        'T' => "HH:mm:ss",
        'R' => "HH:mm",
        'B' => "MMMM",
        'b' => "MMM",
        'A' => "EEEE",
        'a' => "EEE",
        'Z' => "z",
        'z' => "Z",
        's' | 'Q' => {
            let ms = crate::library::date::millis_of(value).ok_or_else(|| bad('t', value))?;
            return Ok((if kind == 's' { ms / 1000 } else { ms }).to_string());
        }
        other => {
            return Err(throw(
                "java.util.UnknownFormatConversionException",
                format!("Conversion = 't{other}'"),
            ));
        }
    };
    let ms = crate::library::date::millis_of(value).ok_or_else(|| bad('t', value))?;
    crate::library::date::format_ms(ms, pattern, &cx.host.time_zone())
}

fn one(
    cx: &mut Interp<'_>,
    conversion: char,
    flags: &str,
    width: usize,
    precision: Option<usize>,
    value: &Value,
) -> Run<String> {
    let upper = conversion.is_ascii_uppercase();
    let body = match conversion.to_ascii_lowercase() {
        's' => {
            let text = cx.java_text(value)?;
            match precision {
                Some(p) => text.chars().take(p).collect(),
                None => text.to_string(),
            }
        }
        'b' => match value {
            Value::Bool(v) => v.to_string(),
            other => (!other.is_nothing()).to_string(),
        },
        'h' => {
            if value.is_nothing() {
                "null".into()
            } else {
                format!("{:x}", crate::equality::java_hash(value))
            }
        }
        _ if value.is_nothing() => "null".into(),
        'c' => match value {
            Value::Char(c) => String::from_utf16_lossy(&[*c]),
            other => other
                .as_int()
                .and_then(|c| char::from_u32(c as u32))
                .map(|c| c.to_string())
                .ok_or_else(|| bad('c', value))?,
        },
        'd' => {
            if number::rank(value).is_none_or(|r| r > number::Rank::Big)
                || matches!(value, Value::Char(_))
            {
                return Err(bad('d', value));
            }
            let big = number::to_big(value);
            signed(big.is_negative(), big.abs().to_string(), flags, width)
        }
        'x' | 'o' => {
            let radix = |v: u64| {
                if conversion.eq_ignore_ascii_case(&'x') {
                    format!("{v:x}")
                } else {
                    format!("{v:o}")
                }
            };
            let digits = match value {
                Value::Int(v) => radix(u64::from(*v as u32)),
                Value::Long(v) => radix(*v as u64),
                Value::Byte(v) => radix(u64::from(*v as u8)),
                Value::Short(v) => radix(u64::from(*v as u16)),
                Value::Big(v) => v.to_str_radix(if conversion.eq_ignore_ascii_case(&'x') {
                    16
                } else {
                    8
                }),
                other => return Err(bad(conversion, other)),
            };
            let digits = if flags.contains('#') && conversion.eq_ignore_ascii_case(&'x') {
                format!("0x{digits}")
            } else {
                digits
            };
            if flags.contains('0') {
                format!("{}{digits}", "0".repeat(width.saturating_sub(digits.len())))
            } else {
                digits
            }
        }
        'f' | 'e' | 'g' => {
            let decimal = match value {
                Value::Decimal(v) => v.0.clone(),
                Value::Double(v) if !v.is_finite() => return Ok(crate::text::double_text(*v)),
                Value::Double(_) | Value::Float(_) => {
                    number::to_decimal(value).ok_or_else(|| bad(conversion, value))?
                }
                other => return Err(bad(conversion.to_ascii_lowercase(), other)),
            };
            let places = precision.unwrap_or(6);
            let negative = decimal.unscaled.is_negative();
            let plain = Decimal::new(decimal.unscaled.abs(), decimal.scale);
            let text = if conversion.eq_ignore_ascii_case(&'f') {
                plain
                    .set_scale(i32::try_from(places).unwrap_or(0), Rounding::HalfUp)
                    .map_or_else(String::new, |d| d.to_plain())
            } else {
                let value = plain.to_f64();
                let scientific = format!(
                    "{value:.*e}",
                    if conversion.eq_ignore_ascii_case(&'g') {
                        places.max(1) - 1
                    } else {
                        places
                    }
                );
                let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
                let exponent: i32 = exponent.parse().unwrap_or(0);
                if conversion.eq_ignore_ascii_case(&'g')
                    && (-4..places.max(1) as i32).contains(&exponent)
                {
                    let scale = places.max(1) as i32 - 1 - exponent;
                    plain
                        .set_scale(scale, Rounding::HalfUp)
                        .map_or_else(String::new, |d| d.to_plain())
                } else {
                    format!(
                        "{mantissa}e{}{:02}",
                        if exponent < 0 { '-' } else { '+' },
                        exponent.abs()
                    )
                }
            };
            signed(negative, text, flags, width)
        }
        other => {
            return Err(throw(
                "java.util.UnknownFormatConversionException",
                format!("Conversion = '{other}'"),
            ));
        }
    };
    Ok(if upper { body.to_uppercase() } else { body })
}

fn signed(negative: bool, digits: String, flags: &str, width: usize) -> String {
    let digits = if flags.contains(',') {
        grouped(&digits)
    } else {
        digits
    };
    let (before, after) = match negative {
        true if flags.contains('(') => ("(", ")"),
        true => ("-", ""),
        false if flags.contains('+') => ("+", ""),
        false if flags.contains(' ') => (" ", ""),
        false => ("", ""),
    };
    let zeros = if flags.contains('0') {
        width.saturating_sub(digits.len() + before.len() + after.len())
    } else {
        0
    };
    format!("{before}{}{digits}{after}", "0".repeat(zeros))
}

/// A `java.util.Locale`; only its name is kept: texts are always those of en_US.
pub(crate) struct Locale(String);

impl Native for Locale {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.Locale")
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.0.clone()))
    }
}

fn locale_fields(name: &str) -> Option<Value> {
    Some(Value::object(Locale(
        match name {
            "US" => "en_US",
            "ENGLISH" => "en",
            "UK" => "en_GB",
            "ROOT" => "",
            _ => return None,
        }
        .to_owned(),
    )))
}

fn new_locale(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    let mut name = a.text(0)?.to_lowercase();
    if a.len() > 1 {
        name = format!("{name}_{}", a.text(1)?.to_uppercase());
    }
    Ok(Value::object(Locale(name)))
}

methods! {
    fn locale_static(cx, me: &'static ClassInfo, a, name) -> LOCALE;
    getDefault : 0 .. 0 => Ok(Value::object(Locale("en_US".into())));
    setDefault : 1 .. 1 => Ok(cx.void());
    forLanguageTag : 1 .. 1 => Ok(Value::object(Locale(a.text(0)?.replace('-', "_"))));
}

/// A `java.text.DecimalFormat`.
struct DecimalFormat {
    pattern: Mutex<Arc<str>>,
    settings: Mutex<DecimalSettings>,
}

/// What is said of a format beside its pattern.
#[derive(Clone, Copy)]
struct DecimalSettings {
    rounding: Rounding,
    least_fraction: Option<usize>,
    most_fraction: Option<usize>,
    least_whole: Option<usize>,
    groups: Option<bool>,
}

impl Native for DecimalFormat {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.text.DecimalFormat")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_decimal(cx, (self, me), name, a)
    }
}

impl DecimalFormat {
    fn show(&self, value: &Value) -> Option<String> {
        let settings = *lock(&self.settings);
        let pattern = lock(&self.pattern).clone();
        let pattern = pattern.split(';').next().unwrap_or_default();
        let is_digit = |c: char| matches!(c, '0' | '#' | ',' | '.');
        let first = pattern.find(is_digit).unwrap_or(0);
        let last = pattern.rfind(is_digit).map_or(0, |i| i + 1);
        let (prefix, body, suffix) = (&pattern[..first], &pattern[first..last], &pattern[last..]);
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        let least_whole = settings
            .least_whole
            .unwrap_or_else(|| whole.matches('0').count());
        let group = match settings.groups {
            Some(false) => None,
            _ => whole.rfind(',').map(|i| whole.len() - i - 1),
        };
        let group = group.or(settings.groups.unwrap_or(false).then_some(3));
        let least = fraction.matches('0').count();
        let least = settings.least_fraction.unwrap_or(least);
        let most = settings.most_fraction.unwrap_or(fraction.len()).max(least);
        let least = least.min(settings.most_fraction.unwrap_or(least));
        let mut decimal = match value {
            Value::Double(v) => Decimal::parse(&crate::text::double_text(*v))?,
            v => number::to_decimal(v)?,
        };
        if suffix.contains('%') {
            decimal.scale -= 2;
        }
        let negative = decimal.unscaled.is_negative();
        let rounded = Decimal::new(decimal.unscaled.abs(), decimal.scale)
            .set_scale(most as i32, settings.rounding)?;
        let plain = rounded.to_plain();
        let (mut digits, mut rest) = plain
            .split_once('.')
            .map_or((plain.clone(), String::new()), |(w, f)| {
                (w.to_owned(), f.to_owned())
            });
        while rest.len() > least && rest.ends_with('0') {
            rest.pop();
        }
        if digits == "0" && least_whole == 0 && !rest.is_empty() {
            digits.clear();
        }
        while digits.len() < least_whole {
            digits.insert(0, '0');
        }
        if let Some(size) = group.filter(|g| *g > 0) {
            let mut out = String::new();
            for (i, c) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i).is_multiple_of(size) {
                    out.push(',');
                }
                out.push(c);
            }
            digits = out;
        }
        let zero = rounded.is_zero();
        let sign = if negative && (!zero || matches!(value, Value::Double(_))) {
            "-"
        } else {
            ""
        };
        let dot = if rest.is_empty() { "" } else { "." };
        Some(format!(
            "{sign}{}{digits}{dot}{rest}{}",
            prefix.replace('\'', ""),
            suffix.replace('\'', "")
        ))
    }
}

methods! {
    fn call_decimal(cx, me: (&DecimalFormat, &Value), a, name) -> DECIMAL;
    format : 1 .. 1 => if number::rank(&a[0]).is_some() { me.0.show(&a[0]).map(Value::from).ok_or(Fail::NoMethod) } else { Err(throw("java.lang.IllegalArgumentException", "Cannot format given Object as a Number")) };
    parse : 1 .. 1 => { let text = a.text(0)?.replace(',', ""); match number::parse_integer(&text, 10, true) { Some(v) => Ok(Value::Long(v)), None => number::parse_double(&text).map(Value::Double).ok_or_else(|| throw("java.text.ParseException", format!("Unparseable number: \"{text}\""))) } };
    setRoundingMode : 1 .. 1 => { let rounding = crate::library::big_number::rounding(a.first())?; lock(&me.0.settings).rounding = rounding; Ok(cx.void()) };
    setMaximumFractionDigits : 1 .. 1 => { lock(&me.0.settings).most_fraction = Some(digits(a)?); Ok(cx.void()) };
    setMinimumFractionDigits : 1 .. 1 => { lock(&me.0.settings).least_fraction = Some(digits(a)?); Ok(cx.void()) };
    setMinimumIntegerDigits : 1 .. 1 => { lock(&me.0.settings).least_whole = Some(digits(a)?); Ok(cx.void()) };
    setGroupingUsed : 1 .. 1 => { lock(&me.0.settings).groups = Some(a.bool(0)?); Ok(cx.void()) };
    setParseBigDecimal | setDecimalSeparatorAlwaysShown : 1 .. 1 => Ok(cx.void());
    applyPattern : 1 .. 1 => { *lock(&me.0.pattern) = a.text(0)?; Ok(cx.void()) };
    toPattern : 0 .. 0 => Ok(Value::Str(lock(&me.0.pattern).clone()));
}

/// A number of digits; more than a double has are never written.
fn digits(a: Args<'_>) -> Run<usize> {
    Ok(a.int(0)?.clamp(0, 340) as usize)
}

fn decimal_format(pattern: Arc<str>) -> Value {
    let settings = DecimalSettings {
        rounding: Rounding::HalfEven,
        least_fraction: None,
        most_fraction: None,
        least_whole: None,
        groups: None,
    };
    Value::object(DecimalFormat {
        pattern: Mutex::new(pattern),
        settings: Mutex::new(settings),
    })
}

/// `new DecimalFormat(pattern, symbols)`: the symbols are those of en_US.
fn new_decimal(_cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    Ok(decimal_format(if a.is_empty() {
        Arc::from("#,##0.###")
    } else {
        a.text(0)?
    }))
}

methods! {
    fn number_formats(cx, me: &'static ClassInfo, a, name) -> NUMBER_FORMATS;
    getInstance | getNumberInstance : 0 .. 1 => Ok(decimal_format(Arc::from("#,##0.###")));
    getIntegerInstance : 0 .. 1 => Ok(decimal_format(Arc::from("#,##0")));
    getPercentInstance : 0 .. 1 => Ok(decimal_format(Arc::from("#,##0%")));
    getCurrencyInstance : 0 .. 1 => Ok(decimal_format(Arc::from("$#,##0.00")));
}

/// `DecimalFormatSymbols`, of which there is one.
struct Symbols;

impl Native for Symbols {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.text.DecimalFormatSymbols")
    }
}

fn new_symbols(_cx: &mut Interp<'_>, _class: &'static ClassInfo, _a: Args<'_>) -> Run {
    Ok(Value::object(Symbols))
}

methods! {
    fn symbols_static(cx, me: &'static ClassInfo, a, name) -> SYMBOLS_STATICS;
    getInstance : 0 .. 1 => Ok(Value::object(Symbols));
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.Locale")
        .constructor(new_locale)
        .fields(locale_fields)
        .statics(locale_static, LOCALE),
    ClassInfo::named("java.text.DecimalFormatSymbols")
        .constructor(new_symbols)
        .statics(symbols_static, SYMBOLS_STATICS),
    ClassInfo::named("java.text.NumberFormat")
        .statics(number_formats, NUMBER_FORMATS)
        .methods(&[DECIMAL]),
    ClassInfo::named("java.text.DecimalFormat")
        .parents(&["java.text.NumberFormat"])
        .constructor(new_decimal)
        .methods(&[DECIMAL]),
];
