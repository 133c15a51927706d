use std::sync::Arc;

use loadline_plan::program::{KeptParts, Part, ProgramArgument, ProgramFile, Slot};
use loadline_plan::{CookieManager, UserCookie};

use super::super::test_user::TestUser;
use super::super::url_text::Scheme;
use super::*;

/// Renders `program` for a user with a value in the variable `v`.
fn rendered(program: &HttpProgram, files: &Files) -> Result<WireRequest, SampleError> {
    let mut user = TestUser::default();
    user.variables.set(Slot(0), "a b/ü");
    let mut scope = user.scope();
    let mut jar = program
        .cookies
        .clone()
        .map(|manager| CookieJar::new(manager, &mut scope));
    let mut request = WireRequest {
        // What an earlier use left must not shine through.
        wire: b"earlier".to_vec(),
        url: "earlier".to_owned(),
        ..WireRequest::default()
    };
    let mut scratch = Scratch::default();
    let mut surroundings = Surroundings {
        jar: jar.as_mut(),
        ..Surroundings::plain(&mut scratch, files)
    };
    render(program, &mut scope, &mut surroundings, &mut request)?;
    Ok(request)
}

/// The bytes of `program`, CR LF shown as LF.
fn wire(program: &HttpProgram) -> String {
    let request = rendered(program, &Files::default()).unwrap();
    String::from_utf8(request.wire)
        .unwrap()
        .replace("\r\n", "\n")
}

#[track_caller]
fn check(program: &HttpProgram, expected: &str) {
    assert_eq!(wire(program), expected);
}

/// Checks the request line only.
#[track_caller]
fn check_line(program: &HttpProgram, expected: &str) {
    assert_eq!(wire(program).lines().next(), Some(expected));
}

#[track_caller]
fn check_refused(program: &HttpProgram, message: &str) {
    let error = rendered(program, &Files::default()).unwrap_err();
    assert_eq!(error.kind, loadline_events::ErrorKind::Request);
    assert_eq!(&*error.message, message);
}

fn program(method: &str, path: &str) -> HttpProgram {
    HttpProgram {
        domain: Template::literal("h"),
        port: Template::literal("8000"),
        path: Template::literal(path),
        method: Template::literal(method),
        keep_alive: true,
        empty_is_get: true,
        skips_interim: true,
        ..HttpProgram::default()
    }
}

fn argument(name: &str, value: &str, always_encode: bool) -> ProgramArgument {
    ProgramArgument {
        name: Template::literal(name),
        value: Template::literal(value),
        always_encode,
        use_equals: true,
        content_type: Template::default(),
    }
}

fn with_arguments(method: &str, path: &str, arguments: Vec<ProgramArgument>) -> HttpProgram {
    HttpProgram {
        arguments,
        ..program(method, path)
    }
}

fn with_headers(method: &str, headers: &[(&str, &str)]) -> HttpProgram {
    HttpProgram {
        headers: headers
            .iter()
            .map(|(name, value)| (Template::literal(name), Template::literal(value)))
            .collect(),
        ..program(method, "/")
    }
}

fn variable() -> Template {
    Template {
        parts: vec![Part::Variable(Slot(0))],
    }
}

#[test]
fn a_get_has_the_headers_of_httpclient_in_its_order() {
    check(
        &with_headers("GET", &[("Accept", "*/*"), ("X-Empty", "")]),
        "GET / HTTP/1.1\nConnection: keep-alive\nAccept: */*\nX-Empty: \nHost: h:8000\n\
         User-Agent: T\n\n",
    );
}

#[test]
fn default_ports_are_left_out_and_paths_are_completed() {
    let plain = HttpProgram {
        port: Template::literal("80"),
        ..program("GET", "posts")
    };
    check(
        &plain,
        "GET /posts HTTP/1.1\nConnection: keep-alive\nHost: h\nUser-Agent: T\n\n",
    );
    for port in ["", "0", "x", "8000x"] {
        let other = HttpProgram {
            port: Template::literal(port),
            protocol: Template::literal("HTTPS"),
            ..program("GET", "")
        };
        let request = rendered(&other, &Files::default()).unwrap();
        assert_eq!(
            (request.scheme, request.port),
            (Scheme::Https, 443),
            "{port}"
        );
        assert_eq!(request.url, "https://h/");
    }
}

#[test]
fn a_path_may_be_a_whole_url_that_ignores_the_rest() {
    let whole = with_arguments(
        "GET",
        "https://[::1]:8443/a?b=c#part",
        vec![argument("ignored", "1", false)],
    );
    check(
        &whole,
        "GET /a?b=c HTTP/1.1\nConnection: keep-alive\nHost: [::1]:8443\nUser-Agent: T\n\n",
    );
    let request = rendered(&whole, &Files::default()).unwrap();
    assert_eq!(request.url, "https://[::1]:8443/a?b=c#part");
    assert_eq!(request.host, "::1");
    check_line(&program("GET", "HTTP://x/"), "GET /HTTP:/x/ HTTP/1.1");
}

#[test]
fn arguments_become_the_query_of_get_delete_and_options() {
    let arguments = || {
        vec![
            argument("a", "1", false),
            argument("", "dropped", false),
            argument("b c", "x y~é", true),
            ProgramArgument {
                use_equals: false,
                ..argument("flag", "", false)
            },
            argument("empty", "", false),
        ]
    };
    let query = "a=1&b+c=x+y%7E%C3%A9&flag&empty=";
    for method in ["GET", "DELETE", "OPTIONS"] {
        check_line(
            &with_arguments(method, "/p", arguments()),
            &format!("{method} /p?{query} HTTP/1.1"),
        );
    }
    check_line(
        &with_arguments("GET", "/p?q", arguments()),
        &format!("GET /p?q&{query} HTTP/1.1"),
    );
    check_line(
        &with_arguments("HEAD", "/p", arguments()),
        "HEAD /p HTTP/1.1",
    );
    check_line(
        &with_arguments("POST", "/p", arguments()),
        "POST /p HTTP/1.1",
    );
}

#[test]
fn only_spaces_in_the_path_are_encoded() {
    check_line(&program("GET", "/a b?c d"), "GET /a%20b?c%20d HTTP/1.1");
    let with_variable = HttpProgram {
        path: Template {
            parts: vec![Part::Literal("/u/".into()), Part::Variable(Slot(0))],
        },
        ..program("GET", "")
    };
    check_line(&with_variable, "GET /u/a%20b/%C3%BC HTTP/1.1");
    check_refused(
        &program("GET", "/a|b"),
        "Illegal character in path at index 15: http://h:8000/a|b",
    );
    check_refused(
        &with_arguments("GET", "/", vec![argument("q", "a b", false)]),
        "Illegal character in query at index 18: http://h:8000/?q=a b",
    );
}

#[test]
fn what_cannot_be_sent_is_refused() {
    check_refused(&program("G T", "/"), "Unexpected method: 'G T'");
    check_refused(
        &HttpProgram {
            empty_is_get: false,
            ..program("", "/")
        },
        "Unexpected method: ''",
    );
    check_refused(
        &HttpProgram {
            domain: Template::default(),
            ..program("GET", "/x")
        },
        "URI does not specify a valid host name: http://:8000/x",
    );
    check_refused(
        &HttpProgram {
            protocol: Template::literal("FTP"),
            ..program("GET", "/x")
        },
        "unknown protocol: ftp",
    );
    check_refused(
        &HttpProgram {
            port: Template::literal("70000"),
            ..program("GET", "/")
        },
        "port out of range:70000",
    );
    check_refused(
        &with_headers("POST", &[("Transfer-Encoding", "chunked")]),
        "Transfer-encoding header already present",
    );
    check_refused(
        &HttpProgram {
            content_encoding: Template::literal("klingon"),
            ..program("POST", "/")
        },
        "klingon",
    );
}

#[test]
fn a_post_without_arguments_sends_an_empty_form() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "own"] {
        check(
            &program(method, "/"),
            &format!(
                "{method} / HTTP/1.1\nConnection: keep-alive\nContent-Length: 0\n\
                 Content-Type: application/x-www-form-urlencoded; charset=UTF-8\n\
                 Host: h:8000\nUser-Agent: T\n\n"
            ),
        );
    }
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        assert!(
            !wire(&program(method, "/")).contains("Content-"),
            "{method}"
        );
    }
}

#[test]
fn form_values_are_decoded_before_they_are_encoded_unless_told_otherwise() {
    let form = with_arguments(
        "POST",
        "/",
        vec![
            argument("a", "a%20b+c", false),
            argument("b", "a%20b", true),
            argument("", "dropped", false),
            ProgramArgument {
                use_equals: false,
                ..argument("ü", "", false)
            },
        ],
    );
    check(
        &form,
        "POST / HTTP/1.1\nConnection: keep-alive\nContent-Length: 25\n\
         Content-Type: application/x-www-form-urlencoded; charset=UTF-8\n\
         Host: h:8000\nUser-Agent: T\n\na=a+b+c&b=a%2520b&%C3%BC=",
    );
    check_refused(
        &with_arguments("POST", "/", vec![argument("a", "100%", false)]),
        "URLDecoder: Incomplete trailing escape (%) pattern",
    );
}

#[test]
fn a_delete_with_arguments_sends_them_twice() {
    check(
        &with_arguments("DELETE", "/", vec![argument("a", "1", false)]),
        "DELETE /?a=1 HTTP/1.1\nConnection: keep-alive\nContent-Length: 3\n\
         Content-Type: application/x-www-form-urlencoded; charset=UTF-8\n\
         Host: h:8000\nUser-Agent: T\n\na=1",
    );
}

#[test]
fn nameless_values_are_the_raw_body() {
    let raw = with_arguments(
        "POST",
        "/",
        vec![argument("", "{\"a\": ", false), argument("", "1 }", true)],
    );
    let head = "POST / HTTP/1.1\nConnection: keep-alive\nContent-Length: 11\n\
                Content-Type: text/plain; charset=UTF-8\nHost: h:8000\nUser-Agent: T\n\n";
    check(&raw, &format!("{head}{{\"a\": 1+%7D"));
    let named = HttpProgram {
        raw_body: true,
        ..with_arguments("GET", "/", vec![argument("name", "body", false)])
    };
    assert!(wire(&named).ends_with("\n\nbody"));
    let latin = HttpProgram {
        content_encoding: Template::literal("ISO-8859-1"),
        ..with_arguments("PUT", "/", vec![argument("", "é", false)])
    };
    let request = rendered(&latin, &Files::default()).unwrap();
    assert_eq!(request.body(), b"\xe9");
    let lines = String::from_utf8_lossy(request.header_lines()).into_owned();
    assert!(
        lines.contains("Content-Type: text/plain; charset=ISO-8859-1\r\n"),
        "{lines}"
    );
}

#[test]
fn the_plans_headers_replace_and_complete_ours() {
    let given = HttpProgram {
        arguments: vec![argument("", "{}", false)],
        ..with_headers(
            "POST",
            &[
                ("content-type", "application/json"),
                ("Content-Length", "99"),
                ("Connection", "Upgrade"),
                ("user-agent", "mine"),
                ("", "dropped"),
                ("X-Split", "a\r\nEvil: b"),
            ],
        )
    };
    check(
        &given,
        "POST / HTTP/1.1\nConnection: keep-alive\ncontent-type: application/json\n\
         Connection: Upgrade\nuser-agent: mine\nX-Split: a  Evil: b\nContent-Length: 2\n\
         Host: h:8000\n\n{}",
    );
}

#[test]
fn a_host_header_keeps_its_place_and_takes_the_port_of_the_url() {
    let check_host = |given: &str, port: &str, expected: &str| {
        let program = HttpProgram {
            port: Template::literal(port),
            ..with_headers("GET", &[("Host", given), ("X", "y")])
        };
        check(
            &program,
            &format!(
                "GET / HTTP/1.1\nConnection: keep-alive\nHost: {expected}\nX: y\nUser-Agent: T\n\n"
            ),
        );
    };
    check_host("other", "8000", "other:8000");
    check_host("other", "80", "other");
    check_host("other:80", "80", "other");
    check_host("other:81", "8000", "other:81");
    check_host("[::1]", "8000", "[::1]:8000");
}

#[test]
fn cookies_of_the_jar_replace_the_first_cookie_header() {
    let manager = |ignore| {
        Some(Arc::new(CookieManager {
            cookies: vec![UserCookie {
                name: "id".into(),
                value: "7".into(),
                domain: "h".into(),
                path: "/".into(),
                secure: false,
            }],
            clear_each_iteration: false,
            controlled_by_group: false,
            ignore,
        }))
    };
    let given = HttpProgram {
        cookies: manager(false),
        ..with_headers(
            "GET",
            &[("Cookie", "own=1"), ("X", "y"), ("cookie", "second")],
        )
    };
    check(
        &given,
        "GET / HTTP/1.1\nConnection: keep-alive\nCookie: id=7\nX: y\ncookie: second\n\
         Host: h:8000\nUser-Agent: T\n\n",
    );
    let none_given = HttpProgram {
        cookies: manager(false),
        ..with_headers("POST", &[("X", "y")])
    };
    check(
        &none_given,
        "POST / HTTP/1.1\nConnection: keep-alive\nX: y\nCookie: id=7\nContent-Length: 0\n\
         Content-Type: application/x-www-form-urlencoded; charset=UTF-8\n\
         Host: h:8000\nUser-Agent: T\n\n",
    );
    assert!(!is_constant(&given));
    assert!(is_constant(&HttpProgram {
        cookies: manager(true),
        ..program("GET", "/")
    }));
}

#[test]
fn multipart_has_parts_for_arguments_and_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/x.txt"), "content").unwrap();
    let files = Files::new(Some(folder.path())).unwrap();
    let multipart = HttpProgram {
        arguments: vec![
            argument("na\"m\\e", "a&b", false),
            argument("", "dropped", false),
        ],
        files: vec![ProgramFile {
            path: Template::literal("data/x.txt"),
            parameter: Template::literal("file"),
            mime_type: Template::literal("text/csv"),
        }],
        ..with_headers("POST", &[("Content-Type", "removed")])
    };
    let request = rendered(&multipart, &files).unwrap();
    let text = String::from_utf8(request.wire)
        .unwrap()
        .replace("\r\n", "\n");
    let (_, rest) = text.split_once("boundary=").unwrap();
    let boundary = &rest[..32];
    let (head, body) = text.split_once("\n\n").unwrap();
    assert_eq!(
        head,
        format!(
            "POST / HTTP/1.1\nConnection: keep-alive\nContent-Length: {}\nContent-Type: \
             multipart/form-data; boundary={boundary}; charset=UTF-8\nHost: h:8000\nUser-Agent: T",
            body.replace('\n', "\r\n").len()
        )
    );
    assert_eq!(
        body,
        format!(
            "--{boundary}\nContent-Disposition: form-data; name=\"na\\\"m\\\\e\"\n\
             Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\na&b\n\
             --{boundary}\nContent-Disposition: form-data; name=\"file\"; filename=\"x.txt\"\n\
             Content-Type: text/csv\nContent-Transfer-Encoding: binary\n\n\
             content\n--{boundary}--\n"
        )
    );
    let mut untyped = multipart.clone();
    untyped.files[0].mime_type = Template::default();
    let error = rendered(&untyped, &files).unwrap_err();
    assert_eq!(
        error.code,
        "Non HTTP response code: org.apache.http.ParseException"
    );
    let browser = HttpProgram {
        browser_multipart: true,
        ..multipart
    };
    let request = rendered(&browser, &files).unwrap();
    let text = String::from_utf8(request.wire).unwrap();
    assert!(!text.contains("Content-Transfer-Encoding"));
    assert_eq!(text.matches("Content-Type: ").count(), 2);
}

#[test]
fn a_single_nameless_file_is_the_body() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.json"), "{}").unwrap();
    let files = Files::new(Some(folder.path())).unwrap();
    let file = |name: &str, mime_type: &str| HttpProgram {
        files: vec![ProgramFile {
            path: Template::literal(name),
            parameter: Template::default(),
            mime_type: Template::literal(mime_type),
        }],
        ..program("PUT", "/")
    };
    let request = rendered(&file("x.json", "application/json"), &files).unwrap();
    assert_eq!(
        String::from_utf8(request.wire)
            .unwrap()
            .replace("\r\n", "\n"),
        "PUT / HTTP/1.1\nConnection: keep-alive\nContent-Type: application/json\n\
         Content-Length: 2\nHost: h:8000\nUser-Agent: T\n\n{}"
    );
    let raw = HttpProgram {
        arguments: vec![argument("", "raw", false)],
        ..file("x.json", "application/json")
    };
    let request = rendered(&raw, &files).unwrap();
    assert!(
        String::from_utf8(request.wire)
            .unwrap()
            .contains("Content-Type: application/json\r\nContent-Length: 3\r\n")
    );
    let request = rendered(&file("x.json", ""), &files).unwrap();
    assert!(
        !String::from_utf8(request.wire)
            .unwrap()
            .contains("Content-Type")
    );
    assert!(rendered(&file("missing", ""), &files).is_err());
    let shown = HttpProgram {
        keep: KeptParts {
            request: true,
            ..KeptParts::default()
        },
        ..file("x.json", "")
    };
    let shown = rendered(&shown, &files).unwrap().shown_body.unwrap();
    assert_eq!(shown, b"<actual file content, not shown here>");
}

#[test]
fn javas_own_client_has_a_head_of_its_own() {
    let java = |program: HttpProgram| HttpProgram {
        java_client: true,
        ..program
    };
    check(
        &java(with_headers("GET", &[("X", "y")])),
        "GET / HTTP/1.1\nConnection: keep-alive\nX: y\nUser-Agent: Java/17.0.15\nHost: h:8000\n\
         Accept: text/html, image/gif, image/jpeg, */*; q=0.2\n\n",
    );
    let form = vec![argument("a", "x y", true), argument("b", "c%20d", false)];
    let post = java(with_arguments("POST", "/", form));
    check(
        &post,
        "POST / HTTP/1.1\nConnection: keep-alive\nContent-Length: 13\nUser-Agent: Java/17.0.15\n\
         Host: h:8000\nAccept: text/html, image/gif, image/jpeg, */*; q=0.2\n\
         Content-type: application/x-www-form-urlencoded\n\na=x+y&b=c%20d",
    );
    let told = rendered(&post, &Files::default()).unwrap();
    assert_eq!(
        told.told_lines(),
        b"Connection: keep-alive\r\nContent-Length: 13\r\n"
    );
    check_refused(&java(program("PATCH", "/")), "Invalid HTTP method: PATCH");
}

#[test]
fn timeouts_are_milliseconds_and_zero_is_none() {
    let check_timeouts = |text: &str, expected: Option<u64>| {
        let program = HttpProgram {
            connect_timeout_ms: Template::literal(text),
            response_timeout_ms: Template::literal(text),
            ..program("GET", "/")
        };
        let request = rendered(&program, &Files::default()).unwrap();
        let expected = expected.map(Duration::from_millis);
        assert_eq!(request.connect_timeout, expected, "{text}");
        assert_eq!(request.response_timeout, expected, "{text}");
    };
    check_timeouts("1500", Some(1500));
    check_timeouts("", None);
    check_timeouts("0", None);
    check_timeouts("fast", None);
}

#[test]
fn a_program_varies_with_any_reference() {
    assert!(is_constant(&with_arguments(
        "POST",
        "/",
        vec![argument("a", "b", false)]
    )));
    let varying = [
        HttpProgram {
            domain: variable(),
            ..program("GET", "/")
        },
        HttpProgram {
            headers: vec![(Template::literal("a"), variable())],
            ..program("GET", "/")
        },
        with_arguments(
            "GET",
            "/",
            vec![ProgramArgument {
                value: variable(),
                ..argument("a", "", false)
            }],
        ),
        HttpProgram {
            multipart: true,
            ..program("POST", "/")
        },
    ];
    for program in varying {
        assert!(!is_constant(&program), "{program:?}");
    }
}

#[test]
fn a_redirect_keeps_the_plans_headers_and_maybe_the_body() {
    let first = HttpProgram {
        arguments: vec![argument("", "{}", false)],
        ..with_headers("POST", &[("Authorization", "x"), ("X", "y")])
    };
    let first = rendered(&first, &Files::default()).unwrap();
    let next = |method: &str, keep_body: bool| {
        let mut request = WireRequest::default();
        let files = Files::default();
        let mut scratch = Scratch::default();
        render_redirect(
            &HttpProgram::default(),
            &first,
            method,
            "https://n/x?y",
            keep_body,
            &mut Surroundings::plain(&mut scratch, &files),
            &mut request,
        )
        .unwrap();
        String::from_utf8(request.wire)
            .unwrap()
            .replace("\r\n", "\n")
    };
    assert_eq!(
        next("GET", false),
        "GET /x?y HTTP/1.1\nConnection: keep-alive\nAuthorization: x\nX: y\nHost: n\n\
         User-Agent: T\n\n"
    );
    assert_eq!(
        next("POST", true),
        "POST /x?y HTTP/1.1\nConnection: keep-alive\nAuthorization: x\nX: y\nContent-Length: 2\n\
         Content-Type: text/plain; charset=UTF-8\nHost: n\nUser-Agent: T\n\n{}"
    );
}
