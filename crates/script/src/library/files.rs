//! Files, through the host: `File`, readers, writers, streams.

use std::sync::{Arc, Mutex};

use crate::args::Args;
use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::interp::Interp;
use crate::library::string::{data_bytes, decode};
use crate::library::throwable::{throw, throw_plain};
use crate::name::{Name, methods, symbol};
use crate::value::{Closure, Native, Value, lock};

/// A `java.io.File`: its path.
pub(crate) struct File(Arc<str>);

fn file(path: &str) -> Value {
    let trimmed = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    Value::object(File(Arc::from(trimmed)))
}

fn path_of(cx: &mut Interp<'_>, value: &Value) -> Run<Arc<str>> {
    match value.native::<File>() {
        Some(file) => Ok(file.0.clone()),
        None if value.as_text().is_some() => cx.text(value),
        None => Err(Fail::NoMethod),
    }
}

fn not_found(path: &str, why: &str) -> Fail {
    throw("java.io.FileNotFoundException", format!("{path} ({why})"))
}

fn bytes_of(cx: &mut Interp<'_>, path: &str) -> Run<Vec<u8>> {
    let bytes = cx
        .host
        .read_file(path)
        .map_err(|why| not_found(path, &why))?;
    cx.charge(bytes.len())?;
    Ok(bytes)
}

/// The text of a file, or what is left in a reader.
pub(crate) fn read_text(cx: &mut Interp<'_>, value: &Value) -> Run<String> {
    if let Some(reader) = value.native::<Reader>() {
        let mut at = lock(&reader.at);
        let rest = reader.bytes[*at..].to_vec();
        *at = reader.bytes.len();
        return decode(&rest, "UTF-8");
    }
    let path = path_of(cx, value)?;
    let bytes = bytes_of(cx, &path)?;
    decode(&bytes, "UTF-8")
}

fn write(cx: &mut Interp<'_>, path: &str, bytes: &[u8], append: bool) -> Run<()> {
    cx.charge(bytes.len())?;
    cx.host
        .write_file(path, bytes, append)
        .map_err(|why| not_found(path, &why))
}

impl Native for File {
    fn class_name(&self) -> Arc<str> {
        Arc::from("java.io.File")
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(Some(self.0.to_string()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        Some(other.downcast_ref::<File>().is_some_and(|o| o.0 == self.0))
    }
    fn set_property(&self, cx: &mut Interp<'_>, name: &str, value: &Value) -> Run<bool> {
        if !matches!(name, "text" | "bytes") {
            return Ok(false);
        }
        let bytes = data_bytes(cx, value)?;
        write(cx, &self.0, &bytes, false)?;
        Ok(true)
    }
}

fn with_writer(cx: &mut Interp<'_>, path: &Arc<str>, f: &Arc<Closure>, append: bool) -> Run {
    let writer = open_writer(cx, path.clone(), append, "java.io.BufferedWriter")?;
    let out = cx.call_closure(f, std::slice::from_ref(&writer))?;
    Ok(out)
}

methods! {
    fn call(cx, me: (&File, &Value), a, name) -> METHODS;
    exists : 0 .. 0 => Ok(Value::Bool(cx.host.file(&me.0.0).is_some()));
    isFile : 0 .. 0 => Ok(Value::Bool(cx.host.file(&me.0.0).is_some_and(|f| !f.is_folder)));
    isDirectory : 0 .. 0 => Ok(Value::Bool(cx.host.file(&me.0.0).is_some_and(|f| f.is_folder)));
    canRead | canWrite : 0 .. 0 => Ok(Value::Bool(cx.host.file(&me.0.0).is_some()));
    length | size : 0 .. 0 => Ok(Value::Long(cx.host.file(&me.0.0).map_or(0, |f| f.length as i64)));
    lastModified : 0 .. 0 => Ok(Value::Long(cx.host.file(&me.0.0).map_or(0, |f| f.modified_ms)));
    getName : 0 .. 0 => Ok(Value::from(me.0.0.rsplit('/').next().unwrap_or_default()));
    getPath | toString : 0 .. 0 => Ok(Value::Str(me.0.0.clone()));
    getParent : 0 .. 0 => Ok(Value::from(me.0.0.rsplit_once('/').map(|(p, _)| if p.is_empty() { "/" } else { p })));
    getParentFile : 0 .. 0 => Ok(me.0.0.rsplit_once('/').map_or(Value::Null, |(p, _)| file(if p.is_empty() { "/" } else { p })));
    getAbsolutePath | getCanonicalPath : 0 .. 0 => Ok(Value::from(cx.host.absolute_path(&me.0.0)));
    getAbsoluteFile | getCanonicalFile | toPath | toFile : 0 .. 0 => { let path = cx.host.absolute_path(&me.0.0); Ok(file(&path)) };
    delete : 0 .. 0 => Ok(Value::Bool(cx.host.delete_file(&me.0.0)));
    mkdir | mkdirs : 0 .. 0 => Ok(Value::Bool(cx.host.make_folders(&me.0.0)));
    createNewFile : 0 .. 0 => { if cx.host.file(&me.0.0).is_some() { return Ok(Value::Bool(false)); } write(cx, &me.0.0, b"", false)?; Ok(Value::Bool(true)) };
    deleteOnExit : 0 .. 0 => Ok(cx.void());
    getText : 0 .. 1 => { let charset = if a.is_empty() { Arc::from("UTF-8") } else { a.text(0)? }; let bytes = bytes_of(cx, &me.0.0)?; decode(&bytes, &charset).map(Value::from) };
    setText : 1 .. 2 => { let bytes = data_bytes(cx, &a[0])?; write(cx, &me.0.0, &bytes, false)?; Ok(Value::Null) };
    getBytes | readBytes : 0 .. 0 => bytes_of(cx, &me.0.0).map(Value::bytes);
    readLines : 0 .. 1 => { let text = read_text(cx, me.1)?; Ok(Value::list(text.lines().map(Value::from).collect())) };
    splitEachLine : 2 .. 3 => { let text: Arc<str> = Arc::from(read_text(cx, me.1)?); let f = a.closure(a.len() - 1)?; let mut last = Value::Null; for line in text.lines() { let parts = cx.call_method(&Value::from(line), &Name::new("split"), &[a.value(0)])?; let parts = cx.items(&parts)?; last = cx.call_closure(f, &[Value::list(parts)])?; } Ok(last) };
    withInputStream : 1 .. 1 => { let bytes = bytes_of(cx, &me.0.0)?; let stream = reader(bytes, "java.io.BufferedInputStream"); cx.call_closure(a.closure(0)?, &[stream]) };
    eachLine : 1 .. 2 => { let text: Arc<str> = Arc::from(read_text(cx, me.1)?); let f = a.closure(a.len() - 1)?; let mut last = Value::Null; for (i, line) in text.lines().enumerate() { let args = [Value::from(line), Value::Int(i as i32 + 1)]; last = cx.call_closure(f, if f.function.params.len() == 2 { &args } else { &args[..1] })?; } Ok(last) };
    append | leftShift : 1 .. 2 => { let bytes = data_bytes(cx, &a[0])?; write(cx, &me.0.0, &bytes, true)?; Ok(if name == symbol("leftShift") { me.1.clone() } else { Value::Null }) };
    write : 1 .. 3 => { let bytes = data_bytes(cx, &a[0])?; write(cx, &me.0.0, &bytes, matches!(a.0.last(), Some(Value::Bool(true))))?; Ok(Value::Null) };
    withWriter : 1 .. 2 => with_writer(cx, &me.0.0, a.closure(a.len() - 1)?, false);
    withWriterAppend : 1 .. 2 => with_writer(cx, &me.0.0, a.closure(a.len() - 1)?, true);
    withPrintWriter : 1 .. 2 => with_writer(cx, &me.0.0, a.closure(a.len() - 1)?, false);
    filterLine : 1 .. 2 => { let text = read_text(cx, me.1)?; let mut kept = String::new(); for line in text.lines() { if cx.call_item_truth(a.closure(0)?, &Value::from(line))? { kept.push_str(line); kept.push('\n'); } } Ok(Value::from(kept)) };
    collect : 0 .. 1 => { let text = read_text(cx, me.1)?; let lines = Value::list(text.lines().map(Value::from).collect()); cx.call_method(&lines, &Name::new("collect"), &a) };
    withReader : 1 .. 2 => { let bytes = bytes_of(cx, &me.0.0)?; let reader = reader(bytes, "java.io.BufferedReader"); cx.call_closure(a.closure(a.len() - 1)?, &[reader]) };
    newReader : 0 .. 0 => { let bytes = bytes_of(cx, &me.0.0)?; Ok(reader(bytes, "java.io.BufferedReader")) };
    newInputStream : 0 .. 0 => { let bytes = bytes_of(cx, &me.0.0)?; Ok(reader(bytes, "java.io.FileInputStream")) };
    newWriter : 0 .. 1 => open_writer(cx, me.0.0.clone(), matches!(a.0.first(), Some(Value::Bool(true))), "java.io.BufferedWriter");
    listFiles : 0 .. 0 => match cx.host.list_folder(&me.0.0) { Some(mut names) => { names.sort(); Ok(Value::array("java.io.File", names.iter().map(|n| file(&format!("{}/{n}", me.0.0))).collect())) } None => Ok(Value::Null) };
    list : 0 .. 0 => match cx.host.list_folder(&me.0.0) { Some(mut names) => { names.sort(); Ok(Value::strings(names)) } None => Ok(Value::Null) };
    eachFile : 1 .. 1 => { let mut names = cx.host.list_folder(&me.0.0).ok_or_else(|| not_found(&me.0.0, "No such file or directory"))?; names.sort(); for n in names { let f = file(&format!("{}/{n}", me.0.0)); cx.call_closure(a.closure(0)?, &[f])?; } Ok(Value::Null) };
    resolve : 1 .. 1 => { let child = cx.java_text(&a[0])?; Ok(file(&format!("{}/{child}", me.0.0))) };
    getFileName : 0 .. 0 => Ok(file(me.0.0.rsplit('/').next().unwrap_or_default()));
}

fn new_file(cx: &mut Interp<'_>, _class: &'static ClassInfo, a: Args<'_>) -> Run {
    match &a[..] {
        [Value::Null] => Err(throw_plain("java.lang.NullPointerException")),
        [path] => {
            let path = path_of(cx, path)?;
            Ok(file(&path))
        }
        [parent, child] => {
            let child = a.text(1).or_else(|_| path_of(cx, child))?;
            if parent.is_nothing() {
                return Ok(file(&child));
            }
            let parent = path_of(cx, parent)?;
            Ok(file(&format!(
                "{}/{}",
                parent.trim_end_matches('/'),
                child.trim_start_matches('/')
            )))
        }
        _ => Err(Fail::NoMethod),
    }
}

/// The constants of `StandardOpenOption`, which are their names here.
fn open_options(name: &str) -> Option<Value> {
    let names = [
        "APPEND",
        "CREATE",
        "CREATE_NEW",
        "TRUNCATE_EXISTING",
        "WRITE",
        "READ",
        "SYNC",
    ];
    names.contains(&name).then(|| Value::from(name))
}

fn file_fields(name: &str) -> Option<Value> {
    match name {
        "separator" => Some(Value::from("/")),
        "pathSeparator" => Some(Value::from(":")),
        _ => None,
    }
}

methods! {
    fn file_static(cx, me: &'static ClassInfo, a, name) -> FILE_STATICS;
    createTempFile : 2 .. 3 => {
        let prefix = a.text(0)?;
        if prefix.encode_utf16().count() < 3 { return Err(throw("java.lang.IllegalArgumentException", format!("Prefix string \"{prefix}\" too short: length must be at least 3"))); }
        let folder = cx.host.system_property("java.io.tmpdir").unwrap_or_else(|| "/tmp".into());
        let suffix = a.nullable_text(1)?.unwrap_or_else(|| Arc::from(".tmp"));
        let path = format!("{}/{prefix}{}{suffix}", folder.trim_end_matches('/'), cx.host.random() >> 1);
        write(cx, &path, b"", false)?;
        Ok(file(&path))
    };
}

/// Any reader or input stream: the bytes and how far they are read.
pub(crate) struct Reader {
    class: &'static str,
    bytes: Vec<u8>,
    at: Mutex<usize>,
}

/// A reader of `bytes`.
pub(crate) fn reader(bytes: Vec<u8>, class: &'static str) -> Value {
    Value::object(Reader {
        class,
        bytes,
        at: Mutex::new(0),
    })
}

/// What is left of a reader.
pub(crate) fn unread(reader: &Reader) -> Vec<u8> {
    reader.bytes[*lock(&reader.at)..].to_vec()
}

impl Reader {
    fn line(&self) -> Option<Vec<u8>> {
        let mut at = lock(&self.at);
        let rest = self.bytes.get(*at..).filter(|r| !r.is_empty())?;
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        *at += (end + 1).min(rest.len());
        Some(
            rest[..end]
                .strip_suffix(b"\r")
                .unwrap_or(&rest[..end])
                .to_vec(),
        )
    }
}

impl Native for Reader {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_reader(cx, (self, me), name, a)
    }
}

methods! {
    fn call_reader(cx, me: (&Reader, &Value), a, name) -> READER;
    readLine : 0 .. 0 => match me.0.line() { Some(line) => { cx.charge(line.len())?; decode(&line, "UTF-8").map(Value::from) } None => Ok(Value::Null) };
    ready : 0 .. 0 => { let at = *lock(&me.0.at); Ok(Value::Bool(at < me.0.bytes.len())) };
    available : 0 .. 0 => { let at = *lock(&me.0.at); Ok(Value::from(me.0.bytes.len() - at)) };
    read : 0 .. 3 => {
        let mut at = lock(&me.0.at);
        if a.is_empty() { let b = me.0.bytes.get(*at).map_or(-1, |b| i32::from(*b)); if b >= 0 { *at += 1; } return Ok(Value::Int(b)); }
        let Value::Array(array) = &a[0] else { return Err(Fail::NoMethod) };
        let (from, most) = if a.len() == 3 { (a.int(1)?.max(0) as usize, a.int(2)?.max(0) as usize) } else { (0, array.len()) };
        let rest = &me.0.bytes[*at..];
        if rest.is_empty() { return Ok(Value::Int(-1)); }
        let n = rest.len().min(most).min(array.len().saturating_sub(from));
        let chars = &*array.element == "char";
        for (i, b) in rest[..n].iter().enumerate() { array.set(from + i, if chars { Value::Char(u16::from(*b)) } else { Value::Byte(*b as i8) }); }
        *at += n;
        Ok(Value::from(n))
    };
    withCloseable | withStream : 1 .. 1 => cx.call_closure(a.closure(0)?, std::slice::from_ref(me.1));
    readAllBytes | getBytes : 0 .. 0 => { let mut at = lock(&me.0.at); let rest = me.0.bytes[*at..].to_vec(); *at = me.0.bytes.len(); Ok(Value::bytes(rest)) };
    getText : 0 .. 1 => read_text(cx, me.1).map(Value::from);
    readLines : 0 .. 0 => { let text = read_text(cx, me.1)?; Ok(Value::list(text.lines().map(Value::from).collect())) };
    eachLine : 1 .. 1 => { let text = read_text(cx, me.1)?; for line in text.lines() { cx.call_closure(a.closure(0)?, &[Value::from(line)])?; } Ok(Value::Null) };
    lines : 0 .. 0 => { let text = read_text(cx, me.1)?; Ok(crate::library::iterable::stream(text.lines().map(Value::from).collect())) };
    reset | mark : 0 .. 1 => { if name == symbol("reset") { *lock(&me.0.at) = 0; } Ok(cx.void()) };
    close : 0 .. 0 => Ok(cx.void());
}

fn new_reader(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    if let Some(inner) = a[..].first().and_then(|v| v.native::<Reader>()) {
        return Ok(reader(unread(inner), class.name));
    }
    if class.name == "java.io.StringReader" {
        return Ok(reader(a.text(0)?.as_bytes().to_vec(), class.name));
    }
    if class.name == "java.io.ByteArrayInputStream" {
        return Ok(reader(a.bytes(0)?, class.name));
    }
    if a.is_empty() || !matches!(class.name, "java.io.FileReader" | "java.io.FileInputStream") {
        return Err(Fail::NoMethod);
    }
    let path = path_of(cx, &a[0])?;
    let bytes = bytes_of(cx, &path)?;
    Ok(reader(bytes, class.name))
}

/// Any writer or output stream over a file, or over memory when there is no path.
pub(crate) struct Writer {
    class: &'static str,
    path: Option<Arc<str>>,
    memory: Mutex<Vec<u8>>,
}

fn open_writer(cx: &mut Interp<'_>, path: Arc<str>, append: bool, class: &'static str) -> Run {
    write(cx, &path, b"", append)?;
    Ok(Value::object(Writer {
        class,
        path: Some(path),
        memory: Mutex::default(),
    }))
}

impl Writer {
    /// Writers do not keep text back: what is written is in the file.
    pub(crate) fn put(&self, cx: &mut Interp<'_>, bytes: &[u8]) -> Run<()> {
        match &self.path {
            Some(path) => write(cx, path, bytes, true),
            None => {
                cx.charge(bytes.len())?;
                lock(&self.memory).extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

impl Native for Writer {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, me: &Value, name: u64, a: Args<'_>) -> Run {
        call_writer(cx, (self, me), name, a)
    }
    fn text(&self, _cx: &mut Interp<'_>) -> Run<Option<String>> {
        Ok(self
            .path
            .is_none()
            .then(|| String::from_utf8_lossy(&lock(&self.memory)).into_owned()))
    }
}

methods! {
    fn call_writer(cx, me: (&Writer, &Value), a, name) -> WRITER;
    write | append | leftShift | print | writeBytes : 1 .. 3 => {
        let bytes = match &a[0] {
            Value::Int(c) if name == symbol("write") => if me.0.class.ends_with("Stream") { vec![*c as u8] } else { char::from_u32(*c as u32).unwrap_or('?').to_string().into_bytes() },
            Value::Array(array) if a.len() == 3 => { let all = array.bytes().ok_or(Fail::NoMethod)?; let (from, n) = (a.int(1)?.max(0) as usize, a.int(2)?.max(0) as usize); all.get(from..from + n).map(<[u8]>::to_vec).ok_or_else(|| throw_plain("java.lang.IndexOutOfBoundsException"))? }
            value => data_bytes(cx, value)?,
        };
        me.0.put(cx, &bytes)?;
        Ok(if name == symbol("write") { cx.void() } else { me.1.clone() })
    };
    println | writeLine : 0 .. 1 => { let mut bytes = if a.is_empty() { Vec::new() } else { data_bytes(cx, &a[0])? }; bytes.push(b'\n'); me.0.put(cx, &bytes)?; Ok(cx.void()) };
    printf | format : 1 .. 10 => { let pattern = a.text(0)?; let text = crate::library::format::format(cx, &pattern, &a[1..])?; me.0.put(cx, text.as_bytes())?; Ok(me.1.clone()) };
    newLine : 0 .. 0 => { me.0.put(cx, b"\n")?; Ok(cx.void()) };
    flush | close : 0 .. 0 => Ok(cx.void());
    toByteArray : 0 .. 0 => Ok(Value::bytes(lock(&me.0.memory).clone()));
    toString : 0 .. 1 => Ok(Value::from(String::from_utf8_lossy(&lock(&me.0.memory)).into_owned()));
    size : 0 .. 0 => Ok(Value::from(lock(&me.0.memory).len()));
    reset : 0 .. 0 => { lock(&me.0.memory).clear(); Ok(cx.void()) };
}

/// A writer around another one, such as a `BufferedWriter`: of its own it has the class only.
struct Around {
    class: &'static str,
    writer: Value,
}

impl Native for Around {
    fn class_name(&self) -> Arc<str> {
        Arc::from(self.class)
    }
    fn call(&self, cx: &mut Interp<'_>, _me: &Value, name: u64, a: Args<'_>) -> Run {
        match &self.writer {
            Value::Object(writer) => writer.0.clone().call(cx, &self.writer, name, a),
            _ => Err(Fail::NoMethod),
        }
    }
}

pub(crate) fn new_writer(cx: &mut Interp<'_>, class: &'static ClassInfo, a: Args<'_>) -> Run {
    if class.name == "java.io.ByteArrayOutputStream" {
        return Ok(Value::object(Writer {
            class: class.name,
            path: None,
            memory: Mutex::default(),
        }));
    }
    if let Some(inner) = a[..].first().filter(|v| {
        v.native::<Writer>().is_some()
            || v.native::<Around>().is_some()
            || v.native::<crate::library::builder::Builder>().is_some()
    }) {
        return Ok(Value::object(Around {
            class: class.name,
            writer: inner.clone(),
        }));
    }
    if a.is_empty() {
        return Err(Fail::NoMethod);
    }
    let path = path_of(cx, &a[0])?;
    open_writer(
        cx,
        path,
        matches!(a.0.get(1), Some(Value::Bool(true))),
        class.name,
    )
}

/// What is written to a file: bytes, a text, or a line for each element.
fn content(cx: &mut Interp<'_>, value: &Value) -> Run<Vec<u8>> {
    if !matches!(value, Value::List(_) | Value::Set(_)) {
        return data_bytes(cx, value);
    }
    let mut bytes = Vec::new();
    for line in cx.items(value)? {
        bytes.extend_from_slice(cx.java_text(&line)?.as_bytes());
        bytes.push(b'\n');
    }
    cx.charge(bytes.len())?;
    Ok(bytes)
}

methods! {
    fn files_static(cx, me: &'static ClassInfo, a, name) -> FILES;
    readAllBytes : 1 .. 1 => { let path = path_of(cx, &a[0])?; bytes_of(cx, &path).map(Value::bytes) };
    readString | readFileToString : 1 .. 2 => read_text(cx, &a[0]).map(Value::from);
    readAllLines | readLines : 1 .. 2 => { let text = read_text(cx, &a[0])?; Ok(Value::list(text.lines().map(Value::from).collect())) };
    exists : 1 .. 1 => { let path = path_of(cx, &a[0])?; Ok(Value::Bool(cx.host.file(&path).is_some())) };
    write | writeString | writeStringToFile | writeByteArrayToFile : 2 .. 4 => { let path = path_of(cx, &a[0])?; let bytes = content(cx, &a[1])?; let append = matches!(a.0.last(), Some(Value::Bool(true))) || a.iter().skip(2).any(|option| option.as_text().is_some_and(|option| &**option == "APPEND")); write(cx, &path, &bytes, append)?; Ok(a.value(0)) };
    lines : 1 .. 2 => { let text = read_text(cx, &a[0])?; Ok(crate::library::iterable::stream(text.lines().map(Value::from).collect())) };
    size : 1 .. 1 => { let path = path_of(cx, &a[0])?; Ok(Value::Long(cx.host.file(&path).map_or(0, |f| f.length as i64))) };
    isDirectory : 1 .. 1 => { let path = path_of(cx, &a[0])?; Ok(Value::Bool(cx.host.file(&path).is_some_and(|f| f.is_folder))) };
    isRegularFile : 1 .. 1 => { let path = path_of(cx, &a[0])?; Ok(Value::Bool(cx.host.file(&path).is_some_and(|f| !f.is_folder))) };
    newBufferedReader : 1 .. 2 => { let path = path_of(cx, &a[0])?; let bytes = bytes_of(cx, &path)?; Ok(reader(bytes, "java.io.BufferedReader")) };
    delete | deleteIfExists | deleteQuietly | forceDelete : 1 .. 1 => { let path = path_of(cx, &a[0])?; Ok(Value::Bool(cx.host.delete_file(&path))) };
    createDirectories : 1 .. 1 => { let path = path_of(cx, &a[0])?; cx.host.make_folders(&path); Ok(a.value(0)) };
    get | of : 1 .. 5 => { let mut parts = Vec::new(); for part in a.iter() { parts.push(cx.java_text(part)?); } Ok(file(&parts.join("/"))) };
}

methods! {
    fn file_names(cx, me: &'static ClassInfo, a, name) -> FILE_NAMES;
    getName : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|path| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned())));
    getExtension : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|path| { let name = path.rsplit(['/', '\\']).next().unwrap_or_default(); name.rsplit_once('.').map_or("", |(_, end)| end).to_owned() })));
    getBaseName : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|path| { let name = path.rsplit(['/', '\\']).next().unwrap_or_default(); name.rsplit_once('.').map_or(name, |(start, _)| start).to_owned() })));
    removeExtension : 1 .. 1 => Ok(Value::from(a.nullable_text(0)?.map(|path| { let name = path.rsplit(['/', '\\']).next().unwrap_or_default(); name.rfind('.').map_or(&*path, |at| &path[..path.len() - name.len() + at]).to_owned() })));
}

methods! {
    fn io_utils(cx, me: &'static ClassInfo, a, name) -> IO_UTILS;
    toString : 1 .. 2 => match &a[0] { Value::Array(array) => decode(&array.bytes().ok_or(Fail::NoMethod)?, "UTF-8").map(Value::from), _ => read_text(cx, &a[0]).map(Value::from) };
    readLines : 1 .. 2 => { let text = read_text(cx, &a[0])?; Ok(Value::list(text.lines().map(Value::from).collect())) };
    closeQuietly : 1 .. 1 => { if !a[0].is_nothing() { cx.call_method(&a[0], &Name::new("close"), &[])?; } Ok(cx.void()) };
}

const READS: &[&[&str]] = &[READER];
const WRITES: &[&[&str]] = &[WRITER];

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.io.File")
        .parents(&["java.nio.file.Path"])
        .constructor(new_file)
        .fields(file_fields)
        .statics(file_static, FILE_STATICS)
        .methods(&[METHODS]),
    ClassInfo::named("java.nio.file.StandardOpenOption").fields(open_options),
    ClassInfo::named("java.nio.file.Path")
        .statics(files_static, FILES)
        .methods(&[METHODS]),
    ClassInfo::named("java.nio.file.Paths").statics(files_static, FILES),
    ClassInfo::named("java.nio.file.Files").statics(files_static, FILES),
    ClassInfo::named("org.apache.commons.io.FilenameUtils").statics(file_names, FILE_NAMES),
    ClassInfo::named("org.apache.commons.io.IOUtils").statics(io_utils, IO_UTILS),
    ClassInfo::named("org.apache.commons.io.FileUtils").statics(files_static, FILES),
    ClassInfo::named("java.io.Closeable"),
    ClassInfo::named("java.io.Reader").methods(READS),
    ClassInfo::named("java.io.InputStream").methods(READS),
    ClassInfo::named("java.io.FileReader")
        .parents(&["java.io.Reader"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.InputStreamReader")
        .parents(&["java.io.Reader"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.BufferedReader")
        .parents(&["java.io.Reader"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.StringReader")
        .parents(&["java.io.Reader"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.FileInputStream")
        .parents(&["java.io.InputStream"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.BufferedInputStream")
        .parents(&["java.io.InputStream"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.ByteArrayInputStream")
        .parents(&["java.io.InputStream"])
        .constructor(new_reader)
        .methods(READS),
    ClassInfo::named("java.io.Writer").methods(WRITES),
    ClassInfo::named("java.io.OutputStream").methods(WRITES),
    ClassInfo::named("java.io.FileWriter")
        .parents(&["java.io.Writer"])
        .constructor(new_writer)
        .methods(WRITES),
    ClassInfo::named("java.io.BufferedWriter")
        .parents(&["java.io.Writer"])
        .constructor(new_writer)
        .methods(WRITES),
    ClassInfo::named("java.io.PrintWriter")
        .parents(&["java.io.Writer"])
        .constructor(new_writer)
        .methods(WRITES),
    ClassInfo::named("java.io.OutputStreamWriter")
        .parents(&["java.io.Writer"])
        .constructor(new_writer)
        .methods(WRITES),
    ClassInfo::named("java.io.FileOutputStream")
        .parents(&["java.io.OutputStream"])
        .constructor(new_writer)
        .methods(WRITES),
    ClassInfo::named("java.io.BufferedOutputStream")
        .parents(&["java.io.OutputStream"])
        .constructor(new_writer)
        .methods(WRITES),
    ClassInfo::named("java.io.ByteArrayOutputStream")
        .parents(&["java.io.OutputStream"])
        .constructor(new_writer)
        .methods(WRITES),
];
