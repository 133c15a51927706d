//! `__FileToString(file[,encoding][,variable])` and `__StringToFile(file,text[,append][,encoding])`:
//! whole files.
//!
//! A file is read at each call, as in JMeter, so a plan may change it. That holds up the other
//! users of the engine thread for as long as the read takes, which is little for a file in the page
//! cache.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use loadline_plan::program::Call;

use super::{argument, java_trim, print, store};
use crate::Scope;
use crate::charset::{decoded, encoded};

/// Largest file that is read, in bytes: several users hold such a text at a time.
const MAX_BYTES: u64 = 64 << 20;

/// JMeter's value for a file that cannot be read.
const UNREADABLE: &[u8] = b"**ERR**";

/// Appends the content of the file; relative to the working directory.
pub(super) fn content(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    let path = argument(call, 0, scope);
    let encoding = argument(call, 1, scope);
    match read_allowed(Path::new(&*path), scope)? {
        Some(bytes) => {
            let text = decoded(&bytes, &encoding)
                .ok_or_else(|| format!("charset `{encoding}` is not known"))?;
            out.extend_from_slice(text.as_bytes());
        }
        None => out.extend_from_slice(UNREADABLE),
    }
    store(call, 2, scope, &out[start..]);
    Ok(())
}

/// `__StringToFile(file,text[,append=true][,encoding=UTF-8])`: `true` if the file was written,
/// `false` if not. The two characters `\n` in the text are a line's end.
///
/// # Errors
///
/// The plan may not write the file.
pub(super) fn write(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let path = argument(call, 0, scope);
    let path = Path::new(java_trim(&path));
    let text = argument(call, 1, scope).replace("\\n", "\n");
    let append = argument(call, 2, scope);
    let append = matches!(java_trim(&append).to_lowercase().as_str(), "" | "true");
    let encoding = argument(call, 3, scope);
    let run = scope.functions.run();
    run.files()
        .check_to_write(path)
        .map_err(|refused| refused.to_string())?;
    let written = encoded(&text, &encoding).is_some_and(|bytes| {
        // Users of several engine threads may write the same file.
        let _alone = run.writing();
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .append(append)
            .truncate(!append)
            .open(path);
        file.and_then(|mut file| file.write_all(&bytes)).is_ok()
    });
    print(out, written);
    Ok(())
}

/// The bytes of the file at `path`; `None` if it cannot be read.
///
/// # Errors
///
/// The plan may not read it, or it is too large.
pub(super) fn read_allowed(path: &Path, scope: &Scope<'_>) -> Result<Option<Vec<u8>>, String> {
    let access = scope.functions.run().files();
    access.check(path).map_err(|refused| refused.to_string())?;
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if bytes.len() as u64 > MAX_BYTES {
        let shown = path.display();
        return Err(format!("file `{shown}` is larger than {MAX_BYTES} bytes"));
    }
    Ok(result.is_ok().then_some(bytes))
}
