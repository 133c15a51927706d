//! `__FileToString(file[,encoding][,variable])`: the content of a file.
//!
//! The file is read at each call, as in JMeter, so a plan may change it. That holds up the other
//! users of the engine thread for as long as the read takes, which is little for a file in the page
//! cache.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use loadline_plan::program::Call;

use super::{argument, store};
use crate::Scope;
use crate::charset::decoded;

/// Largest file that is read, in bytes: several users hold such a text at a time.
const MAX_BYTES: u64 = 64 << 20;

/// JMeter's value for a file that cannot be read.
const UNREADABLE: &[u8] = b"**ERR**";

/// Appends the content of the file; relative to the working directory.
pub(super) fn content(call: &Call, scope: &mut Scope<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    let path = argument(call, 0, scope);
    let encoding = argument(call, 1, scope);
    let access = scope.functions.run().files();
    access
        .check(Path::new(&*path))
        .map_err(|refused| refused.to_string())?;
    match read(&path)? {
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

/// The bytes of the file at `path`; `None` if it cannot be read.
fn read(path: &str) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("file `{path}` is larger than {MAX_BYTES} bytes"));
    }
    Ok(result.is_ok().then_some(bytes))
}
