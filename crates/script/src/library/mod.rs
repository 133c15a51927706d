//! The class library: what scripts may use of Java, Groovy and JMeter, a module a family.

pub(crate) mod array;
pub(crate) mod big_number;
pub(crate) mod boxed;
pub(crate) mod builder;
pub(crate) mod closure;
pub(crate) mod commons_lang;
pub(crate) mod commons_time;
pub(crate) mod crypto;
pub(crate) mod date;
pub(crate) mod date_pattern;
pub(crate) mod digest;
pub(crate) mod encoding;
pub(crate) mod files;
pub(crate) mod format;
pub(crate) mod functions;
pub(crate) mod instance;
pub(crate) mod iterable;
pub(crate) mod jmeter;
pub(crate) mod json;
pub(crate) mod json_path;
pub(crate) mod json_reader;
pub(crate) mod list;
pub(crate) mod map;
pub(crate) mod math;
pub(crate) mod normalizer;
pub(crate) mod number;
pub(crate) mod object;
pub(crate) mod random;
pub(crate) mod range;
pub(crate) mod regex;
mod regex_dialect;
pub(crate) mod request;
pub(crate) mod result;
pub(crate) mod set;
pub(crate) mod stop_watch;
pub(crate) mod string;
pub(crate) mod string_gdk;
pub(crate) mod system;
pub(crate) mod throwable;
pub(crate) mod time;
pub(crate) mod uri;
pub(crate) mod xml;
pub(crate) mod zip;

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use crate::class::ClassInfo;

/// Methods that every object has.
pub(crate) const COMMON_METHODS: &[&[&str]] = &[object::METHODS, iterable::METHODS];
/// Methods of `java.lang.Class`.
pub(crate) const CLASS_METHODS: &[&[&str]] = &[object::CLASS_METHODS];

/// Every class of the library.
pub(crate) fn classes() -> impl Iterator<Item = &'static ClassInfo> {
    [
        string::CLASSES,
        builder::CLASSES,
        number::CLASSES,
        boxed::CLASSES,
        big_number::CLASSES,
        math::CLASSES,
        list::CLASSES,
        map::CLASSES,
        set::CLASSES,
        range::CLASSES,
        closure::CLASSES,
        object::CLASSES,
        throwable::CLASSES,
        system::CLASSES,
        random::CLASSES,
        date::CLASSES,
        format::CLASSES,
        encoding::CLASSES,
        digest::CLASSES,
        uri::CLASSES,
        commons_lang::CLASSES,
        commons_time::CLASSES,
        functions::CLASSES,
        normalizer::CLASSES,
        stop_watch::CLASSES,
        regex::CLASSES,
        json::CLASSES,
        json_path::CLASSES,
        xml::CLASSES,
        zip::CLASSES,
        files::CLASSES,
        jmeter::CLASSES,
        request::CLASSES,
        result::CLASSES,
    ]
    .into_iter()
    .chain(crypto::CLASSES)
    .chain(time::CLASSES.iter().copied())
    .flatten()
}

/// A row for a class that values have but no script can name; made once for each.
pub(crate) fn unlisted(name: &str) -> &'static ClassInfo {
    static MADE: OnceLock<Mutex<HashMap<String, &'static ClassInfo>>> = OnceLock::new();
    let mut made = crate::value::lock(MADE.get_or_init(Mutex::default));
    // Names of closures carry numbers; without a bound, compiled texts would grow the table for ever.
    if made.len() > 10_000 {
        return &UNNAMED;
    }
    made.entry(name.to_owned()).or_insert_with(|| {
        Box::leak(Box::new(ClassInfo::named(Box::leak(
            name.to_owned().into_boxed_str(),
        ))))
    })
}

static UNNAMED: ClassInfo = ClassInfo::named("java.lang.Object");
