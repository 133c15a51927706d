//! The frame of a request: what stays the same where only the target varies between executions.
//!
//! Most requests of a plan differ from their like in the path or the query alone. Their heads need
//! not be put together again each time: the first one, rendered in full, serves as the pattern of all.
//! What comes out is the same as from [`super::request::render`], which stays the rule.

use loadline_engine::{SampleError, Scope};
use loadline_plan::program::{HttpProgram, Part};

use super::address;
use super::body::Scratch;
use super::request;
use super::url_path;
use super::url_text;
use super::wire::WireRequest;

/// A request that was rendered in full, and where its target is.
#[derive(Debug)]
pub(crate) struct Frame {
    pattern: WireRequest,
    /// Length of scheme and authority in its URL.
    origin: usize,
    /// Where the target ends in its bytes.
    target_end: usize,
}

impl Frame {
    /// The frame of `program`, of which `rendered` is an execution; `None` where more than the target
    /// varies.
    pub(crate) fn of(program: &HttpProgram, rendered: &WireRequest) -> Option<Self> {
        if !request::is_constant_but_target(program) || !is_plain_get(program, rendered) {
            return None;
        }
        let target = rendered.method_length + 1;
        let length = memchr::memchr(b' ', &rendered.wire[target..])?;
        Some(Self {
            origin: url_path::path_start(&rendered.url),
            target_end: target + length,
            pattern: rendered.clone(),
        })
    }

    /// Renders `program`, whose frame this is, for one user into `request`.
    ///
    /// # Errors
    ///
    /// Those of [`request::render`], in the same state of `request`.
    pub(crate) fn render(
        &self,
        program: &HttpProgram,
        scope: &mut Scope<'_>,
        scratch: &mut Scratch,
        request: &mut WireRequest,
    ) -> Result<(), SampleError> {
        let pattern = &self.pattern;
        request.clear();
        request.wire.extend_from_slice(pattern.method());
        request.method_length = pattern.method_length;
        scratch.charset.clear();
        scope.render(&program.content_encoding, &mut scratch.charset);
        scratch.text.clear();
        scope.render(&program.path, &mut scratch.text);
        scratch.render_arguments(program, scope);
        let mut url = std::mem::take(&mut request.url).into_bytes();
        url.extend_from_slice(&pattern.url.as_bytes()[..self.origin]);
        let pushed = address::push_target(program, scratch, pattern.method(), &mut url);
        if pushed.is_err() || scope.functions.has_fault() {
            return pushed;
        }
        request.url = address::text(url);
        let target = url_text::checked_target(&request.url, self.origin)?;

        let wire = &mut request.wire;
        wire.push(b' ');
        url_text::push_target(&url_path::without_empty_segments(target), wire);
        let (before, now) = (self.target_end, wire.len());
        wire.extend_from_slice(&pattern.wire[before..]);
        let moved = |position: usize| position - before + now;
        request.plan_headers = moved(pattern.plan_headers.start)..moved(pattern.plan_headers.end);
        request.authorization =
            moved(pattern.authorization.start)..moved(pattern.authorization.end);
        request.body_start = moved(pattern.body_start);
        request.told_end = moved(pattern.told_end);
        request.scheme = pattern.scheme;
        request.host.clone_from(&pattern.host);
        request.port = pattern.port;
        request.keep_alive = pattern.keep_alive;
        request.plan_closes = pattern.plan_closes;
        request.http2 = pattern.http2;
        request.verify_tls = pattern.verify_tls;
        request.connect_timeout = pattern.connect_timeout;
        request.response_timeout = pattern.response_timeout;
        request.route.clone_from(&pattern.route);
        request.has_plan_authorization = pattern.has_plan_authorization;
        Ok(())
    }
}

/// Whether `program` sends a `GET` without body, under its own domain, whatever its texts become.
fn is_plain_get(program: &HttpProgram, rendered: &WireRequest) -> bool {
    // Another beginning could make the path a whole URL.
    let is_own_path = match program.path.parts.first() {
        None => true,
        Some(Part::Literal(text)) => text.starts_with('/'),
        Some(_) => false,
    };
    // Arguments without names would be a body.
    let has_names = program.arguments.iter().all(|argument| {
        let name = argument.name.as_literal();
        name.is_some_and(|name| !name.is_empty())
    });
    is_own_path
        && has_names
        && !program.raw_body
        && !program.java_client
        && rendered.method() == b"GET"
        && rendered.body_start == rendered.wire.len()
        && !rendered.is_for_proxy()
}

#[cfg(test)]
mod tests {
    use loadline_plan::program::{ProgramArgument, Slot, Template};
    use proptest::prelude::*;

    use super::super::files::Files;
    use super::super::request::{Surroundings, render};
    use super::super::test_user::TestUser;
    use super::*;

    fn template(parts: &[&str]) -> Template {
        let part = |text: &&str| match *text {
            "$v" => Part::Variable(Slot(0)),
            text => Part::Literal(text.into()),
        };
        Template {
            parts: parts.iter().map(part).collect(),
        }
    }

    fn program(path: &[&str]) -> HttpProgram {
        HttpProgram {
            domain: Template::literal("h.example"),
            port: Template::literal("8000"),
            path: template(path),
            method: Template::literal("GET"),
            headers: vec![
                (Template::literal("Accept"), Template::literal("*/*")),
                (Template::literal("Authorization"), Template::literal("x")),
            ],
            keep_alive: true,
            ..HttpProgram::default()
        }
    }

    fn with_argument(always_encode: bool) -> HttpProgram {
        HttpProgram {
            arguments: vec![ProgramArgument {
                name: Template::literal(if always_encode { "a b" } else { "a" }),
                value: template(&["x", "$v"]),
                always_encode,
                use_equals: true,
                content_type: Template::default(),
            }],
            ..program(&["/list"])
        }
    }

    /// `program` in full for a user with this value in the variable `v`.
    fn in_full(program: &HttpProgram, value: &str) -> Result<WireRequest, SampleError> {
        let mut user = TestUser::default();
        user.variables.set(Slot(0), value);
        let (mut scratch, files) = (Scratch::default(), Files::default());
        let mut request = WireRequest::default();
        let mut surroundings = Surroundings::plain(&mut scratch, &files);
        render(program, &mut user.scope(), &mut surroundings, &mut request)?;
        Ok(request)
    }

    /// Checks that the frame of `program` gives the same, from memory that another request had.
    fn check(program: &HttpProgram, value: &str) {
        let first = in_full(program, "first").expect("a request");
        let frame = Frame::of(program, &first).expect("a frame");
        let mut user = TestUser::default();
        user.variables.set(Slot(0), value);
        let mut request = first.clone();
        let mut scratch = Scratch::default();
        let rendered = frame.render(program, &mut user.scope(), &mut scratch, &mut request);
        match in_full(program, value) {
            Ok(expected) => {
                rendered.expect("a request");
                assert_eq!(request, expected);
            }
            Err(error) => assert_eq!(rendered, Err(error)),
        }
    }

    #[test]
    fn targets_are_those_of_requests_rendered_in_full() {
        for path in [
            &["/item?id=", "$v"][..],
            &["/", "$v"],
            &["/a//b/", "$v", "/c#d"],
        ] {
            for value in [
                "", "17", "a b", "ü/ä?x", "%", "%7e//x", "a#b", "{", "\n", "[1]",
            ] {
                check(&program(path), value);
                check(&with_argument(true), value);
                check(&with_argument(false), value);
            }
        }
    }

    proptest! {
        #[test]
        fn any_value_gives_what_it_gives_in_full(value in "[a/%?#& ü0\\[{:@]{0,12}") {
            check(&program(&["/p/", "$v", "?q=", "$v"]), &value);
            check(&with_argument(true), &value);
            check(&with_argument(false), &value);
        }
    }

    #[test]
    fn what_varies_elsewhere_has_no_frame() {
        let check = |program: &HttpProgram| {
            let first = in_full(program, "first").expect("a request");
            assert!(Frame::of(program, &first).is_none());
        };
        let good = || program(&["/", "$v"]);
        check(&HttpProgram {
            domain: template(&["h", "$v"]),
            ..good()
        });
        check(&HttpProgram {
            headers: vec![(Template::literal("X"), template(&["$v"]))],
            ..good()
        });
        check(&HttpProgram {
            method: Template::literal("POST"),
            ..good()
        });
        check(&HttpProgram {
            java_client: true,
            ..good()
        });
        check(&program(&["$v"]));
        let mut nameless = with_argument(true);
        nameless.arguments[0].name = Template::default();
        check(&nameless);
    }
}
