use proptest::prelude::*;

use super::*;

const ALL: Wanted = Wanted {
    cache: true,
    challenges: true,
    answers_head: false,
    body: true,
    headers: true,
    cookies: true,
};

/// What a reader made of an answer.
#[derive(Debug, PartialEq)]
struct Read {
    status: u16,
    kept: Option<Kept>,
    is_reusable: bool,
    received: u64,
}

/// Feeds `parts` one after another, and the end of the connection if the answer is not complete.
fn read<'p>(
    wanted: Wanted,
    parts: impl IntoIterator<Item = &'p [u8]>,
) -> Result<Read, Box<dyn std::error::Error>> {
    let mut reader = ResponseReader::new(wanted);
    for part in parts {
        reader.feed(part)?;
    }
    if !reader.is_done() {
        reader.end()?;
    }
    Ok(Read {
        status: reader.status(),
        is_reusable: reader.is_reusable(),
        received: reader.received(),
        kept: reader.take_kept().map(|kept| *kept),
    })
}

fn read_text(wanted: Wanted, text: &str) -> Read {
    read(wanted, [text.as_bytes()]).unwrap()
}

#[track_caller]
fn check_body(text: &str, body: &str, is_reusable: bool) {
    let read = read_text(ALL, text);
    assert_eq!(String::from_utf8(read.kept.unwrap().body).unwrap(), body);
    assert_eq!(read.is_reusable, is_reusable, "{text}");
    assert_eq!(read.received, text.len() as u64);
}

#[track_caller]
fn check_error(text: &str, expected: &str) {
    let error = read(ALL, [text.as_bytes()]).unwrap_err();
    assert_eq!(error.to_string(), expected, "{text}");
}

#[test]
fn bodies_end_where_their_framing_says() {
    check_body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", true);
    check_body(
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        "ok",
        false,
    );
    check_body(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "ok",
        false,
    );
    check_body("HTTP/1.1 200 OK\r\n\r\nto the end", "to the end", false);
    check_body(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "ok",
        true,
    );
    check_body(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nall",
        "all",
        false,
    );
    // A length beside chunked coding counts for nothing, as in JMeter 5.6.3.
    check_body(
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "",
        true,
    );
}

#[test]
fn some_answers_have_no_body_whatever_they_say() {
    for status in ["204 No Content", "304 Not Modified"] {
        check_body(
            &format!("HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\n"),
            "",
            true,
        );
        check_body(
            &format!("HTTP/1.1 {status}\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"),
            "",
            true,
        );
    }
    let head = Wanted {
        answers_head: true,
        ..ALL
    };
    let read = read_text(head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert!(read.is_reusable);
}

#[test]
fn persistence_follows_version_and_header() {
    let check = |version: &str, header: &str, expected: bool| {
        let text = format!("HTTP/{version} 200 OK\r\n{header}\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(read_text(ALL, &text).is_reusable, expected, "{text}");
    };
    check("1.1", "X: y", true);
    check("1.1", "Connection: x, Close", false);
    check("1.0", "X: y", false);
    check("1.0", "connection: Keep-Alive", true);
}

#[test]
fn interim_answers_are_skipped() {
    let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
                HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    check_body(text, "ok", true);
    let many = "HTTP/1.1 102 Processing\r\n\r\n".repeat(20_000);
    check_body(
        &format!("{many}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        "ok",
        true,
    );
}

#[test]
fn heads_may_have_many_lines_and_long_ones() {
    for lines in [
        "a: b\r\n".repeat(100_000),
        format!("a: {}\r\n", "b".repeat(900_000)),
    ] {
        let text = format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 2\r\n\r\nok");
        check_body(&text, "ok", true);
        let parts = || text.as_bytes().chunks(60_001);
        let read = read(ALL, parts()).unwrap();
        assert_eq!(
            read.kept.unwrap().headers.len(),
            16 + lines.len() - lines.matches('\r').count() + 18
        );
    }
}

#[test]
fn kept_parts_are_copied_and_others_are_not() {
    let text = "HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\
                Content-Type: text/x\r\nContent-Encoding: gzip\r\nKeep-Alive: timeout=5, max=9\r\n\
                Content-Length: 2\r\n\r\nok";
    let kept = read_text(ALL, text).kept.unwrap();
    assert_eq!(&*kept.reason, "Found");
    assert_eq!(kept.location.as_deref(), Some("/x"));
    assert_eq!(kept.set_cookies, ["a=1".into(), "b=2".into()]);
    assert_eq!(&*kept.content_type, "text/x");
    assert_eq!(kept.encoding, ContentEncoding::Gzip);
    assert!(
        kept.headers
            .starts_with(b"HTTP/1.1 302 Found\nLocation: /x\n")
    );
    let last = b"Content-Length: 2\nContent-Encoding: gzip\n";
    assert!(kept.headers.ends_with(last));
    let nothing = Wanted::default();
    let kept = read_text(nothing, text).kept.unwrap();
    assert_eq!(kept.location.as_deref(), Some("/x"));
    assert!(kept.body.is_empty() && kept.headers.is_empty() && kept.set_cookies.is_empty());
    let plain = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 2\r\n\r\nok";
    assert_eq!(read_text(nothing, plain).kept, None);
    let mut reader = ResponseReader::new(nothing);
    reader.feed(text.as_bytes()).unwrap();
    assert_eq!(reader.idle_seconds(), 5);
}

#[test]
fn a_failed_answer_keeps_the_beginning_of_its_body() {
    let text = format!(
        "HTTP/1.1 500 Oh\r\nContent-Length: 10000\r\n\r\n{}",
        "x".repeat(10_000)
    );
    let kept = read_text(Wanted::default(), &text).kept.unwrap();
    assert_eq!(kept.body.len(), SHOWN_BODY_BYTES);
}

#[test]
fn what_is_not_http_is_refused() {
    let valid = "The server failed to respond with a valid HTTP response";
    check_error("hello\r\n", &format!("{valid} (invalid HTTP version)"));
    check_error(
        "HTTP/2 200 OK\r\n\r\n",
        &format!("{valid} (invalid HTTP version)"),
    );
    check_error(
        "HTTP/1.1 abc\r\n\r\n",
        &format!("{valid} (invalid response status)"),
    );
    check_error(
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "invalid Content-Length header",
    );
    check_error(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "invalid Content-Length header",
    );
    check_error(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP",
        "4 bytes behind the end of the response",
    );
    // A line break too many is forgiven.
    check_body(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n",
        "ok",
        true,
    );
}

#[test]
fn an_endless_head_is_refused_at_its_bound() {
    let check = |beginning: &str, part: &[u8]| {
        let mut reader = ResponseReader::new(ALL);
        reader.feed(beginning.as_bytes()).unwrap();
        let mut sent = beginning.len();
        let error = loop {
            sent += part.len();
            if let Err(error) = reader.feed(part) {
                break error;
            }
        };
        assert_eq!(error, ProtocolError::HeadTooLong);
        assert!(sent <= HEAD_BYTES + part.len());
    };
    for size in [1, 1000, 200_000] {
        check("HTTP/1.1 200 OK\r\nX: ", &vec![b'a'; size]);
    }
    check("", &b"\r\n".repeat(30_000));
    check("\r", b"\n\r");
    check("", b"HTTP/1.1 102 Processing\r\n\r\n");
    check("HTTP/1.1 102", b" Processing\r\n\r\nHTTP/1.1 102");
}

#[test]
fn a_body_cut_short_says_how_much_came() {
    check_error(
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123",
        "Premature end of Content-Length delimited message body (expected: 10; received: 3)",
    );
    check_error(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "Truncated chunk (expected size: 5; actual size: 2)",
    );
    check_error(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        "Premature end of chunk coded message body: closing chunk expected",
    );
    check_error(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\t",
        "Premature end of chunk coded message body: closing chunk expected",
    );
    check_error("HTTP/1.1 200 OK\r\nX: ", "Premature end of response head");
}

#[test]
fn a_claimed_length_reserves_little() {
    let mut reader = ResponseReader::new(ALL);
    reader
        .feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\nx")
        .unwrap();
    assert!(reader.kept().unwrap().body.capacity() <= 128 << 10);
}

#[test]
fn answers_read_the_same_wherever_they_are_cut_in_two() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n\
         Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: t\r\n\r\n",
        "HTTP/1.0 404 Not Found\nX: y\n\nto the end",
    ] {
        let whole = read_text(ALL, text);
        for cut in 0..=text.len() {
            let (first, second) = text.as_bytes().split_at(cut);
            assert_eq!(read(ALL, [first, second]).unwrap(), whole, "cut at {cut}");
        }
    }
}

/// An answer in chunks of the given sizes, and its body.
fn chunked(sizes: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let mut wire = b"HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut body = Vec::new();
    for (index, &size) in sizes.iter().filter(|&&size| size > 0).enumerate() {
        let data = vec![b'a' + (index % 26) as u8; size];
        wire.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        wire.extend_from_slice(&data);
        wire.extend_from_slice(b"\r\n");
        body.extend_from_slice(&data);
    }
    wire.extend_from_slice(b"0\r\n\r\n");
    (wire, body)
}

proptest! {
    #[test]
    fn chunked_bodies_read_the_same_in_any_pieces(
        sizes in prop::collection::vec(0usize..300, 0..8),
        pieces in prop::collection::vec(1usize..64, 1..20),
    ) {
        let (wire, body) = chunked(&sizes);
        let mut parts = Vec::new();
        let mut rest = &wire[..];
        for size in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (part, after) = rest.split_at((*size).min(rest.len()));
            parts.push(part);
            rest = after;
        }
        let read = read(ALL, parts).unwrap();
        prop_assert_eq!(read.kept.unwrap().body, body);
        prop_assert_eq!(read.received, wire.len() as u64);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 0..5),
        prefix in prop::sample::select(vec![
            "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]),
    ) {
        let parts = std::iter::once(prefix.as_bytes()).chain(parts.iter().map(Vec::as_slice));
        let _ = read(ALL, parts);
    }
}

#[test]
fn what_speaks_of_the_encoding_comes_last() {
    let mut lines = b"HTTP/1.1 200 OK\nContent-Encoding: gzip\ncontent-length: 3\nX: y\n".to_vec();
    restore_behind(&mut lines);
    assert_eq!(
        lines,
        b"HTTP/1.1 200 OK\nX: y\ncontent-length: 3\nContent-Encoding: gzip\n"
    );
}

/// Parts of heads, of which random ones often come twice.
fn heads() -> impl Strategy<Value = String> {
    let status = prop::sample::select(vec![
        "HTTP/1.1 200 OK",
        "HTTP/1.1 404 Not Found",
        "HTTP/1.1 302 Found",
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 100 Continue",
        "HTTP/1.1 101 Switching",
        "HTTP/1.0 200 OK",
        "nonsense",
    ]);
    let line = prop::sample::select(vec![
        "Content-Length: 3",
        "Content-Length: 4",
        "Transfer-Encoding: chunked",
        "Connection: close",
        "Keep-Alive: timeout=5",
        "Date: Mon",
        "Date: Tue",
        "Set-Cookie: a=b",
        "Location: /x",
        "Content-Type: text/html",
        "Content-Encoding: gzip",
        "WWW-Authenticate: Basic",
        "Bad\u{1}: x",
    ]);
    (status, prop::collection::vec(line, 0..3)).prop_map(|(status, lines)| {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        format!("{status}\r\n{lines}\r\n")
    })
}

proptest! {
    #[test]
    fn a_known_head_is_read_as_any_other(
        answers in prop::collection::vec(
            (heads(), prop::sample::select(vec!["", "abc", "abcd", "3\r\nabc\r\n0\r\n\r\n", "\r\n"])),
            1..40,
        ),
        cuts in prop::collection::vec(0usize..80, 1..4),
        wants_all in prop::collection::vec(any::<bool>(), 1..4),
        answers_head: bool,
        awaits_continue: bool,
    ) {
        let mut known = KnownHead::default();
        for (index, (head, body)) in answers.iter().enumerate() {
            let wanted = match wants_all[index % wants_all.len()] {
                true => ALL,
                false => Wanted { answers_head, ..Wanted::default() },
            };
            let answer = format!("{head}{body}");
            let (first, second) = answer.as_bytes().split_at(cuts[index % cuts.len()].min(answer.len()));
            let told = |known: &mut Option<&mut KnownHead>| {
                let mut reader = ResponseReader::new(wanted);
                reader.await_continue(awaits_continue && index % 2 == 1);
                let mut said: Vec<_> = [first, second]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .map(|part| format!("{:?}", reader.feed_knowing(known.as_deref_mut(), part)))
                    .collect();
                said.push(format!("{reader:?} {:?}", reader.end()));
                said
            };
            prop_assert_eq!(told(&mut Some(&mut known)), told(&mut None), "{:?}", answer);
        }
    }
}

#[test]
fn a_head_that_comes_again_is_known() {
    let mut known = KnownHead::default();
    let wanted = Wanted::default();
    let mut is_known = |head: &str| {
        let is_known = known.at_beginning_of(head.as_bytes(), wanted).is_some();
        let mut reader = ResponseReader::new(wanted);
        reader
            .feed_knowing(Some(&mut known), head.as_bytes())
            .unwrap();
        is_known
    };
    let at = |second: u32| format!("HTTP/1.1 204 No Content\r\nDate: {second}\r\n\r\n");
    assert!(!is_known(&at(1)));
    assert!(is_known(&at(1)));
    assert!(!is_known(&at(2)));
    assert!(is_known(&at(2)));
    // Where every one is another, few are remembered, until one comes again.
    for other in 100..300 {
        assert!(!is_known(&at(other)));
    }
    assert!(!is_known(&at(299)));
    assert!((0..=64).any(|_| is_known(&at(299))));
    assert!(!is_known(&at(300)));
    assert!(is_known(&at(300)));
}
