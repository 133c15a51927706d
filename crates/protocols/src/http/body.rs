//! Bodies of requests: form, raw, multipart and file, by JMeter's rules.
//!
//! Source: SEMANTICS of `HTTPHC4Impl.sendEntityData` and `setupHttpEntityEnclosingRequestData` in
//! JMeter 5.6.3.

use std::ops::Range;

use loadline_engine::{SampleError, Scope};
use loadline_plan::program::{HttpProgram, ProgramFile};
use memchr::memmem;

use super::encode::{self, Charset};
use super::failure;
use super::files::Files;

/// Buffers that rendering reuses; one set per engine thread.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// Text of the moment.
    pub(crate) text: Vec<u8>,
    /// Names and values of the arguments, back to back.
    pub(crate) argument_text: Vec<u8>,
    /// Where they are in `argument_text`: name, value.
    pub(crate) arguments: Vec<(Range<usize>, Range<usize>)>,
    /// Name of the charset; empty means UTF-8.
    pub(crate) charset: Vec<u8>,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// The body as results show it, where somebody reads it and it is not what is sent.
    pub(crate) shown_body: Option<Vec<u8>>,
    /// The `Content-Type` that the body has if the plan sets none; empty for none.
    pub(crate) content_type: Vec<u8>,
    /// Value of the `Cookie` header; empty for none.
    pub(crate) cookie: Vec<u8>,
    /// Names and values of the headers that make the request depend on the cache.
    pub(crate) conditions: Vec<(&'static str, Box<str>)>,
    /// Value of the `Authorization` header; empty for none.
    pub(crate) authorization: Vec<u8>,
    /// Makes multipart boundaries differ.
    pub(crate) boundary_count: u64,
}

impl Scratch {
    /// Renders the arguments once, however often they are used.
    pub(crate) fn render_arguments(&mut self, program: &HttpProgram, scope: &mut Scope<'_>) {
        self.argument_text.clear();
        self.arguments.clear();
        for argument in &program.arguments {
            let start = self.argument_text.len();
            scope.render(&argument.name, &mut self.argument_text);
            let middle = self.argument_text.len();
            scope.render(&argument.value, &mut self.argument_text);
            let end = self.argument_text.len();
            self.arguments.push((start..middle, middle..end));
        }
    }
}

/// What a request has for a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// None; no `Content-Length` either.
    None,
    /// The bytes in [`Scratch::body`], maybe none.
    Bytes,
    /// The same, with the type of a file, which is sent before the length.
    TypedByFile,
    /// The same, as `multipart/form-data`: the plan's own `Content-Type` is not sent.
    Multipart,
}

/// Whether requests with `method` have a body whatever the arguments are.
fn always_has_body(method: &[u8]) -> bool {
    !matches!(method, b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE")
}

/// Renders the body of a request with `method` into `scratch`, whose arguments and charset are
/// rendered already.
///
/// # Errors
///
/// A failed sample for a file that cannot be read or a value that cannot be encoded.
pub(crate) fn render(
    program: &HttpProgram,
    method: &[u8],
    scope: &mut Scope<'_>,
    scratch: &mut Scratch,
    files: &Files,
) -> Result<Body, SampleError> {
    scratch.body.clear();
    scratch.content_type.clear();
    scratch.shown_body = None;
    if program.java_client && !matches!(method, b"POST" | b"PUT") {
        return Ok(Body::None);
    }
    let charset = Charset::named(&scratch.charset)
        .ok_or_else(|| failure::unsupported_charset(&String::from_utf8_lossy(&scratch.charset)))?;
    let sent_files: Vec<SentFile> = program
        .files
        .iter()
        .map(|file| SentFile::render(file, scope))
        .filter(|file| !file.path.is_empty())
        .collect();
    let has_arguments = !scratch.arguments.is_empty();
    let is_raw = program.raw_body
        || (has_arguments && scratch.arguments.iter().all(|(name, _)| name.is_empty()));
    let is_nameless_file = matches!(&*sent_files, [only] if only.parameter.is_empty());
    let has_all_paths = sent_files.len() == program.files.len();
    let is_file = is_nameless_file && !has_arguments;
    if method == b"GET" {
        if !is_raw && !is_file {
            return Ok(Body::None);
        }
    } else if !always_has_body(method) {
        return Ok(Body::None);
    }
    let may_be_form = !(program.java_client && method == b"PUT");
    // A file without path makes JMeter send none.
    if !may_be_form {
        if !is_raw && !is_file {
            return Ok(Body::None);
        }
    } else if program.multipart || (!sent_files.is_empty() && has_all_paths && !is_nameless_file) {
        render_multipart(program, scope, scratch, &sent_files, files, charset)?;
        return Ok(Body::Multipart);
    }
    let mime_type = sent_files.first().map_or("", |file| &file.mime_type);
    if is_file && let [file] = &*sent_files {
        let content = files
            .content(&file.path)
            .map_err(|text| failure::file(&text))?;
        scratch.body.extend_from_slice(&content);
        scratch.shown_body = program.keep.request.then(|| NOT_SHOWN.to_vec());
    } else if is_raw {
        render_raw(program, scratch, charset);
    } else if program.java_client {
        render_java_form(program, scratch, charset);
        return Ok(Body::Bytes);
    } else {
        render_form(program, scratch, charset)?;
        push_type(
            &mut scratch.content_type,
            b"application/x-www-form-urlencoded",
            &scratch.charset,
        );
        return Ok(Body::Bytes);
    }
    if !mime_type.is_empty() {
        scratch.content_type.extend_from_slice(mime_type.as_bytes());
        return Ok(Body::TypedByFile);
    }
    if is_raw && !program.java_client {
        push_type(&mut scratch.content_type, b"text/plain", &scratch.charset);
    }
    Ok(Body::Bytes)
}

/// What results show for the content of a file.
const NOT_SHOWN: &[u8] = b"<actual file content, not shown here>";

fn push_type(out: &mut Vec<u8>, mime_type: &[u8], charset: &[u8]) {
    out.extend_from_slice(mime_type);
    out.extend_from_slice(b"; charset=");
    out.extend_from_slice(Charset::canonical_name(charset));
}

fn render_raw(program: &HttpProgram, scratch: &mut Scratch, charset: Charset) {
    let mut is_other_text = false;
    for (argument, (_, value)) in program.arguments.iter().zip(&scratch.arguments) {
        let text = &scratch.argument_text[value.clone()];
        let value = charset.encode(text);
        if argument.always_encode {
            encode::form_encode(&value, &mut scratch.body);
        } else {
            scratch.body.extend_from_slice(&value);
            is_other_text |= *value != *text;
        }
    }
    if is_other_text && program.keep.request {
        scratch.shown_body = Some(shown_raw(program, scratch, charset));
    }
}

/// The text of a raw body whose charset has other bytes for it than UTF-8.
fn shown_raw(program: &HttpProgram, scratch: &Scratch, charset: Charset) -> Vec<u8> {
    let mut shown = Vec::new();
    for (argument, (_, value)) in program.arguments.iter().zip(&scratch.arguments) {
        let text = &scratch.argument_text[value.clone()];
        if argument.always_encode {
            encode::form_encode(&charset.encode(text), &mut shown);
        } else {
            shown.extend_from_slice(text);
        }
    }
    shown
}

/// A form as Java's client sends it: as a query, in which what is not to be encoded is sent as typed.
fn render_java_form(program: &HttpProgram, scratch: &mut Scratch, charset: Charset) {
    for (argument, (name, value)) in program.arguments.iter().zip(&scratch.arguments) {
        if is_blank(&scratch.argument_text[name.clone()]) {
            continue;
        }
        if !scratch.body.is_empty() {
            scratch.body.push(b'&');
        }
        let value = charset.encode(&scratch.argument_text[value.clone()]);
        let name = charset.encode(&scratch.argument_text[name.clone()]);
        let push = |text: &[u8], body: &mut Vec<u8>| match argument.always_encode {
            true => encode::form_encode(text, body),
            false => body.extend_from_slice(text),
        };
        push(&name, &mut scratch.body);
        if argument.use_equals || !value.is_empty() {
            scratch.body.push(b'=');
        }
        push(&value, &mut scratch.body);
    }
}

fn render_form(
    program: &HttpProgram,
    scratch: &mut Scratch,
    charset: Charset,
) -> Result<(), SampleError> {
    for (argument, (name, value)) in program.arguments.iter().zip(&scratch.arguments) {
        if is_blank(&scratch.argument_text[name.clone()]) {
            continue;
        }
        if !scratch.body.is_empty() {
            scratch.body.push(b'&');
        }
        let encoded = argument.always_encode;
        let name = &scratch.argument_text[name.clone()];
        push_form_text(name, encoded, charset, &mut scratch.body)?;
        scratch.body.push(b'=');
        let value = &scratch.argument_text[value.clone()];
        push_form_text(value, encoded, charset, &mut scratch.body)?;
    }
    Ok(())
}

/// Appends a name or value of a form. Unless `always_encode`, the text may be encoded already and
/// is decoded first, so that it is not encoded twice.
fn push_form_text(
    text: &[u8],
    always_encode: bool,
    charset: Charset,
    out: &mut Vec<u8>,
) -> Result<(), SampleError> {
    let plain = if always_encode {
        text.into()
    } else {
        encode::form_decode(text).map_err(|message| failure::illegal_argument(&message))?
    };
    encode::form_encode(&charset.encode(&plain), out);
    Ok(())
}

/// Whether JMeter leaves an argument of this name out.
fn is_blank(name: &[u8]) -> bool {
    name.trim_ascii().is_empty()
}

/// A file of the request, with its texts rendered.
struct SentFile {
    path: String,
    parameter: String,
    mime_type: String,
}

impl SentFile {
    fn render(file: &ProgramFile, scope: &mut Scope<'_>) -> Self {
        Self {
            path: scope.text(&file.path),
            parameter: scope.text(&file.parameter),
            mime_type: scope.text(&file.mime_type),
        }
    }

    /// The last component of the path.
    fn file_name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }
}

fn render_multipart(
    program: &HttpProgram,
    scope: &mut Scope<'_>,
    scratch: &mut Scratch,
    sent_files: &[SentFile],
    files: &Files,
    charset: Charset,
) -> Result<(), SampleError> {
    let mut parts: Vec<BodyPart> = Vec::new();
    for (argument, (name, value)) in program.arguments.iter().zip(&scratch.arguments) {
        if is_blank(&scratch.argument_text[name.clone()]) {
            continue;
        }
        let mut head = b"Content-Disposition: form-data; name=\"".to_vec();
        push_name(&scratch.argument_text[name.clone()], charset, &mut head);
        head.extend_from_slice(b"\"\r\n");
        if !program.browser_multipart {
            head.extend_from_slice(b"Content-Type: ");
            let mime_type = scope.text(&argument.content_type);
            let mime_type = if mime_type.is_empty() {
                "text/plain"
            } else {
                &mime_type
            };
            push_type(&mut head, mime_type.as_bytes(), &scratch.charset);
            head.extend_from_slice(b"\r\nContent-Transfer-Encoding: 8bit\r\n");
        }
        let text = &scratch.argument_text[value.clone()];
        parts.push(BodyPart {
            head,
            content: charset.encode(text).into_owned(),
            shown: text.to_vec(),
        });
    }
    for file in sent_files {
        if file.mime_type.is_empty() {
            return Err(failure::no_content_type());
        }
        if file.parameter.trim().is_empty() {
            return Err(failure::blank_name());
        }
        let content = files
            .content(&file.path)
            .map_err(|text| failure::file(&text))?;
        let mut head = b"Content-Disposition: form-data; name=\"".to_vec();
        push_name(file.parameter.as_bytes(), charset, &mut head);
        head.extend_from_slice(b"\"; filename=\"");
        push_file_name(file.file_name().as_bytes(), charset, &mut head);
        head.extend_from_slice(b"\"\r\nContent-Type: ");
        head.extend_from_slice(file.mime_type.as_bytes());
        head.extend_from_slice(b"\r\n");
        if !program.browser_multipart {
            head.extend_from_slice(b"Content-Transfer-Encoding: binary\r\n");
        }
        parts.push(BodyPart {
            head,
            content: content.to_vec(),
            shown: NOT_SHOWN.to_vec(),
        });
    }
    let boundary = boundary(&parts, &mut scratch.boundary_count);
    put_together(&parts, &boundary, |part| &part.content, &mut scratch.body);
    if program.keep.request {
        let mut shown = Vec::new();
        put_together(&parts, &boundary, |part| &part.shown, &mut shown);
        scratch.shown_body = Some(shown);
    }
    scratch
        .content_type
        .extend_from_slice(b"multipart/form-data; boundary=");
    scratch.content_type.extend_from_slice(&boundary);
    if program.java_client {
        return Ok(());
    }
    scratch.content_type.extend_from_slice(b"; charset=");
    let charset = Charset::canonical_name(&scratch.charset);
    scratch.content_type.extend_from_slice(charset);
    Ok(())
}

/// One part of a multipart body.
struct BodyPart {
    head: Vec<u8>,
    content: Vec<u8>,
    /// What results show in the place of the content.
    shown: Vec<u8>,
}

fn put_together(
    parts: &[BodyPart],
    boundary: &[u8],
    content: fn(&BodyPart) -> &Vec<u8>,
    body: &mut Vec<u8>,
) {
    for part in parts {
        body.extend_from_slice(b"--");
        body.extend_from_slice(boundary);
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(&part.head);
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(content(part));
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--");
    body.extend_from_slice(boundary);
    body.extend_from_slice(b"--\r\n");
}

/// Appends the name of a field inside quotes: `"` and `\` have a `\` before them. Line breaks,
/// which JMeter sends as they are, would end the header and are percent-encoded.
fn push_name(text: &[u8], charset: Charset, out: &mut Vec<u8>) {
    for &byte in &*charset.encode(text) {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\r' | b'\n' => encode::push_percent(byte, out),
            _ => out.push(byte),
        }
    }
}

/// Appends the name of a file inside quotes: `"`, CR and LF percent-encoded, characters that the
/// charset lacks as `&#N;`.
fn push_file_name(text: &[u8], charset: Charset, out: &mut Vec<u8>) {
    let mut buffer = [0u8; 4];
    for character in String::from_utf8_lossy(text).chars() {
        match character {
            '"' | '\r' | '\n' => encode::push_percent(character as u8, out),
            _ => {
                let encoded = charset.encode(character.encode_utf8(&mut buffer).as_bytes());
                if *encoded == *b"?" && character != '?' {
                    out.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes());
                } else {
                    out.extend_from_slice(&encoded);
                }
            }
        }
    }
}

/// 32 letters and digits that occur in no part.
fn boundary(parts: &[BodyPart], count: &mut u64) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    loop {
        let mut boundary = Vec::with_capacity(32);
        while boundary.len() < 32 {
            // SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): differs each time, same each run.
            *count = count.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (*count ^ (*count >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            for byte in mixed.to_le_bytes() {
                boundary.push(LETTERS[usize::from(byte & 63)]);
            }
        }
        if parts
            .iter()
            .all(|part| memmem::find(&part.content, &boundary).is_none())
        {
            return boundary;
        }
    }
}
