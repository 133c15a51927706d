//! Requests of the protocol `file`: a file of the plan's folder as an answer.
//!
//! Source: JMeter 5.6.3, `HTTPFileImpl`.

use loadline_engine::{Outcome, Scope};
use loadline_plan::program::HttpProgram;

use super::authorization::hex_md5;
use super::failure;
use super::files::Files;

/// Whether `program` asks for a file. `memory` is overwritten.
pub(crate) fn is_meant(program: &HttpProgram, scope: &mut Scope<'_>, memory: &mut Vec<u8>) -> bool {
    match program.protocol.as_literal() {
        Some(protocol) => protocol.eq_ignore_ascii_case("file"),
        None => {
            memory.clear();
            scope.render(&program.protocol, memory);
            memory.eq_ignore_ascii_case(b"file")
        }
    }
}

/// Reads the file that `program` names in its path.
pub(crate) fn read(program: &HttpProgram, scope: &mut Scope<'_>, files: &Files) -> Outcome {
    let path = scope.text(&program.path);
    let charset = scope.text(&program.content_encoding);
    let started = scope.clock.now();
    let content = files.content(&path);
    let mut outcome = Outcome {
        started,
        ended: scope.clock.now(),
        ..Outcome::default()
    };
    let response = &mut outcome.response;
    if program.keep.request {
        response.url = format!("file:{path}").into();
        response.method = "GET".into();
    }
    match content {
        Ok(content) => {
            outcome.status = 200;
            outcome.received_bytes = u32::try_from(content.len()).unwrap_or(u32::MAX);
            response.message = "OK".into();
            response.content_type = match charset.as_str() {
                "" => "text/html".into(),
                named => format!("text/html; charset={named}").into(),
            };
            if program.keep.body {
                response.body = if program.md5 {
                    hex_md5(&content).into_bytes()
                } else {
                    content.to_vec()
                };
            }
        }
        Err(message) => outcome.error = Some(failure::file(&message).into()),
    }
    outcome
}
