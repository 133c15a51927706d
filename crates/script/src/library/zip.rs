//! `java.util.zip`: texts and bytes made smaller, and made whole again, as SAML's redirect binding needs them.
//!
//! What is written is kept until the end and then deflated at once: by zlib, as in Java, so that the bytes are Java's.
//! Not here: archives of several files.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::files::{Reader, Writer, reader, unread};
use crate::library::string::data_bytes;
use crate::library::throwable::{throw, throw_plain};
use crate::name::methods;
use crate::value::{Native, Value, lock};

/// What stands around the deflated bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing: Java's `nowrap`.
    Raw,
    Zlib,
    Gzip,
}

fn deflated(form: Form, level: Compression, bytes: &[u8]) -> io::Result<Vec<u8>> {
    match form {
        Form::Raw => {
            let mut encoder = DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
        Form::Zlib => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
        Form::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(bytes)?;
            encoder.finish()
        }
    }
}

/// The bytes that `bytes` were made of, as many as the script may have.
fn inflated(cx: &mut Interp<'_>, form: Form, bytes: &[u8]) -> Run<Vec<u8>> {
    let mut decoder: Box<dyn Read + '_> = match form {
        Form::Raw => Box::new(DeflateDecoder::new(bytes)),
        Form::Zlib => Box::new(ZlibDecoder::new(bytes)),
        Form::Gzip => Box::new(GzDecoder::new(bytes)),
    };
    let (mut whole, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match decoder.read(&mut part) {
            Ok(0) => return Ok(whole),
            Ok(n) => {
                cx.charge(n)?;
                cx.work(n / 16)?;
                whole.extend_from_slice(&part[..n]);
            }
            Err(error) => return Err(bad_data(form, &error)),
        }
    }
}

fn bad_data(form: Form, error: &io::Error) -> Fail {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        let message = "Unexpected end of ZLIB input stream";
        return throw("java.io.EOFException", message);
    }
    let message = match form {
        Form::Gzip => "Not in GZIP format".to_owned(),
        Form::Raw | Form::Zlib => error.to_string(),
    };
    throw("java.util.zip.ZipException", message)
}

/// A `Deflater` or an `Inflater`: what it has been given, and what it has made of it.
struct Codec {
    class: &'static str,
    form: Form,
    state: Mutex<State>,
}

struct State {
    level: Compression,
    input: Vec<u8>,
    /// No more input comes.
    whole: bool,
    output: Option<Vec<u8>>,
    /// How much of the output has been taken.
    taken: usize,
}

fn codec(class: &'static str, form: Form, level: Compression) -> Value {
    Value::object(Codec {
        class,
        form,
        state: Mutex::new(State {
            level,
            input: Vec::new(),
            whole: false,
            output: None,
            taken: 0,
        }),
    })
}

impl Codec {
    /// Puts what comes next into the array `into` and says how many bytes these are.
    fn take(&self, cx: &mut Interp<'_>, deflates: bool, into: &Value) -> Run {
        let Value::Array(array) = into else {
            return Err(Fail::NoMethod);
        };
        let mut state = lock(&self.state);
        let output = match state.output.take() {
            Some(output) => output,
            None if deflates && !state.whole => return Ok(Value::Int(0)),
            None if deflates => {
                cx.work(state.input.len() / 16)?;
                deflated(self.form, state.level, &state.input)
                    .map_err(|error| bad_data(self.form, &error))?
            }
            None => inflated(cx, self.form, &state.input).map_err(as_data_format)?,
        };
        let rest = &output[state.taken..];
        let n = rest.len().min(array.len());
        for (index, byte) in rest[..n].iter().enumerate() {
            array.set(index, Value::Byte(byte.cast_signed()));
        }
        state.taken += n;
        state.output = Some(output);
        Ok(Value::from(n))
    }

    fn is_finished(&self) -> bool {
        let state = lock(&self.state);
        let output = state.output.as_ref();
        output.is_some_and(|output| state.taken == output.len())
    }
}

/// An `Inflater` tells of data that it cannot read by an exception of its own.
fn as_data_format(failure: Fail) -> Fail {
    match failure {
        Fail::Throw(_) => throw("java.util.zip.DataFormatException", "invalid data"),
        other => other,
    }
}

impl Native for Codec {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_codec(cx, self, name, a)
    }
}

methods! {
    fn call_codec(cx, me: &Codec, a, name) -> CODEC;
    setInput : 1 .. 1 => {
        let bytes = a.bytes(0)?;
        cx.charge(bytes.len())?;
        lock(&me.state).input = bytes;
        Ok(cx.void())
    };
    setLevel : 1 .. 1 => { lock(&me.state).level = level(a.int(0)?)?; Ok(cx.void()) };
    finish : 0 .. 0 => { lock(&me.state).whole = true; Ok(cx.void()) };
    deflate : 1 .. 1 => me.take(cx, true, &a[0]);
    inflate : 1 .. 1 => me.take(cx, false, &a[0]);
    finished : 0 .. 0 => Ok(Value::Bool(me.is_finished()));
    needsInput : 0 .. 0 => { let state = lock(&me.state); Ok(Value::Bool(state.input.is_empty() && state.output.is_none())) };
    reset : 0 .. 0 => {
        let mut state = lock(&me.state);
        (state.input, state.whole, state.output, state.taken) = (Vec::new(), false, None, 0);
        Ok(cx.void())
    };
    end | close : 0 .. 0 => Ok(cx.void());
}

fn level(level: i32) -> Run<Compression> {
    match u32::try_from(level) {
        Ok(level @ 0..=9) => Ok(Compression::new(level)),
        Err(_) if level == -1 => Ok(Compression::default()),
        _ => Err(throw(
            "java.lang.IllegalArgumentException",
            "invalid compression level",
        )),
    }
}

fn new_codec(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let _ = cx;
    let deflates = class.name == "java.util.zip.Deflater";
    let (given, nowrap) = match a.len() {
        0 => (-1, false),
        1 if deflates => (a.int(0)?, false),
        1 => (-1, a.bool(0)?),
        2 if deflates => (a.int(0)?, a.bool(1)?),
        _ => return Err(Fail::NoMethod),
    };
    let form = if nowrap { Form::Raw } else { Form::Zlib };
    Ok(codec(class.name, form, level(given)?))
}

fn deflater_fields(name: &str) -> Option<Value> {
    Some(Value::Int(match name {
        "DEFAULT_COMPRESSION" => -1,
        "NO_COMPRESSION" | "DEFAULT_STRATEGY" | "NO_FLUSH" => 0,
        "BEST_SPEED" => 1,
        "BEST_COMPRESSION" => 9,
        "DEFLATED" => 8,
        _ => return None,
    }))
}

/// A stream that deflates what is written into it, into the writer `inner`.
struct Deflating {
    class: &'static str,
    form: Form,
    level: Compression,
    inner: Value,
    /// What has been written; none when the stream is at its end.
    input: Mutex<Option<Vec<u8>>>,
}

impl Deflating {
    fn write(&self, cx: &mut Interp<'_>, bytes: &[u8]) -> Run<()> {
        cx.charge(bytes.len())?;
        match &mut *lock(&self.input) {
            Some(input) => input.extend_from_slice(bytes),
            None => return Err(throw("java.io.IOException", "write beyond end of stream")),
        }
        Ok(())
    }

    fn finish(&self, cx: &mut Interp<'_>) -> Run<()> {
        let Some(input) = lock(&self.input).take() else {
            return Ok(());
        };
        cx.work(input.len() / 16)?;
        let bytes =
            deflated(self.form, self.level, &input).map_err(|error| bad_data(self.form, &error))?;
        match self.inner.native::<Writer>() {
            Some(writer) => writer.put(cx, &bytes),
            None => Err(Fail::NoMethod),
        }
    }
}

impl Native for Deflating {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_deflating(cx, self, name, a)
    }
}

methods! {
    fn call_deflating(cx, me: &Deflating, a, name) -> DEFLATING;
    write | leftShift : 1 .. 3 => {
        let bytes = match &a[0] {
            Value::Int(byte) => vec![*byte as u8],
            Value::Array(_) if a.len() == 3 => {
                let (from, n) = (a.int(1)?, a.int(2)?);
                let part = usize::try_from(from).ok().zip(usize::try_from(n).ok());
                let all = a.bytes(0)?;
                let part = part.and_then(|(from, n)| all.get(from..from.checked_add(n)?));
                part.map(<[u8]>::to_vec).ok_or_else(|| throw("java.lang.IndexOutOfBoundsException", "range"))?
            }
            value => data_bytes(cx, value)?,
        };
        me.write(cx, &bytes)?;
        Ok(cx.void())
    };
    finish | close : 0 .. 0 => { me.finish(cx)?; Ok(cx.void()) };
    flush : 0 .. 0 => Ok(cx.void());
}

fn new_deflating(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let _ = cx;
    if a.is_empty() || a[0].native::<Writer>().is_none() {
        return Err(Fail::NoMethod);
    }
    let (form, level) = match a[..].get(1).and_then(|codec| codec.native::<Codec>()) {
        _ if class.name == "java.util.zip.GZIPOutputStream" => (Form::Gzip, Compression::default()),
        Some(codec) => (codec.form, lock(&codec.state).level),
        None => (Form::Zlib, Compression::default()),
    };
    Ok(Value::object(Deflating {
        class: class.name,
        form,
        level,
        inner: a.value(0),
        input: Mutex::new(Some(Vec::new())),
    }))
}

/// A stream of what the deflated bytes of another were made of. All of it is read at once.
fn new_inflating(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    let bytes = unread(a.native::<Reader>(0)?);
    let form = match a[..].get(1).and_then(|codec| codec.native::<Codec>()) {
        _ if class.name == "java.util.zip.GZIPInputStream" => Form::Gzip,
        Some(codec) => codec.form,
        None => Form::Zlib,
    };
    Ok(reader(inflated(cx, form, &bytes)?, class.name))
}

/// A `CRC32`, with its sum so far.
struct Crc(Mutex<flate2::Crc>);

impl Native for Crc {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.util.zip.CRC32")
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        call_crc(cx, self, name, a)
    }
}

methods! {
    fn call_crc(cx, me: &Crc, a, name) -> CRC;
    update : 1 .. 3 => {
        let bytes = match a[0].as_int() { Some(byte) => vec![byte as u8], None => a.bytes(0)? };
        let part = match a.len() {
            1 => &bytes[..],
            3 => { let (from, length) = (a.int(1)?.max(0) as usize, a.int(2)?.max(0) as usize); bytes.get(from..from.saturating_add(length)).ok_or_else(|| throw_plain("java.lang.ArrayIndexOutOfBoundsException"))? }
            _ => return Err(Fail::NoMethod),
        };
        lock(&me.0).update(part);
        Ok(cx.void())
    };
    getValue : 0 .. 0 => Ok(Value::Long(i64::from(lock(&me.0).sum())));
    reset : 0 .. 0 => { lock(&me.0).reset(); Ok(cx.void()) };
}

fn new_crc(_cx: &mut Interp<'_>, _class: &'static ClassInfo, _a: Args<'_>) -> Run {
    Ok(Value::object(Crc(Mutex::new(flate2::Crc::new()))))
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.util.zip.CRC32")
        .constructor(new_crc)
        .methods(&[CRC]),
    ClassInfo::named("java.util.zip.Deflater")
        .constructor(new_codec)
        .fields(deflater_fields)
        .methods(&[CODEC]),
    ClassInfo::named("java.util.zip.Inflater")
        .constructor(new_codec)
        .methods(&[CODEC]),
    ClassInfo::named("java.util.zip.DeflaterOutputStream")
        .parents(&["java.io.OutputStream"])
        .constructor(new_deflating)
        .methods(&[DEFLATING]),
    ClassInfo::named("java.util.zip.GZIPOutputStream")
        .parents(&["java.io.OutputStream"])
        .constructor(new_deflating)
        .methods(&[DEFLATING]),
    ClassInfo::named("java.util.zip.InflaterInputStream")
        .parents(&["java.io.InputStream"])
        .constructor(new_inflating)
        .methods(&[crate::library::files::READER]),
    ClassInfo::named("java.util.zip.GZIPInputStream")
        .parents(&["java.io.InputStream"])
        .constructor(new_inflating)
        .methods(&[crate::library::files::READER]),
];
