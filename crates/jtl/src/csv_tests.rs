//! Reading CSV in chunks against reading it line by line, on files of all kinds.

use std::io::{BufRead as _, Read as _};

use loadline_events::SampleResult;
use proptest::prelude::*;

use crate::csv_columns::{Columns, Fields, each_place, split};
use crate::{ReadError, ResultChunks};

type Outcome = (Vec<SampleResult>, Option<String>);

/// The results before the first error, and the error.
fn in_chunks(file: &[u8], chunk_bytes: usize) -> Outcome {
    let mut results = Vec::new();
    let mut read = || -> Result<(), ReadError> {
        let mut file = file;
        let mut chunks = ResultChunks::of(&mut file, chunk_bytes, true)?;
        while let Some(chunk) = chunks.next_chunk()? {
            chunk.read(&mut |result| results.push(result.clone()))?;
        }
        Ok(())
    };
    let error = read().err().map(|error| error.to_string());
    (results, error)
}

/// The same by the plainest means: a line at a time, until the marks of the record are even.
fn line_by_line(mut file: &[u8]) -> Outcome {
    let (mut results, mut columns, mut line) = (Vec::new(), None, 0);
    loop {
        let (mut record, begins) = (String::new(), line + 1);
        loop {
            let length = match file.read_line(&mut record) {
                Ok(length) => length,
                Err(_) => {
                    let error = format!("line {}: it is not UTF-8", line + 1);
                    return (results, Some(error));
                }
            };
            line += u64::from(length > 0);
            if length == 0 || record.matches('"').count().is_multiple_of(2) {
                break;
            }
        }
        if record.is_empty() {
            return (results, None);
        }
        let text = record.trim_start_matches('\u{feff}');
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            continue;
        }
        if columns.is_none() {
            columns = Columns::of_header(text);
            if columns.is_some() {
                continue;
            }
        }
        let columns = columns.get_or_insert_with(Columns::standard);
        let mut result = SampleResult::default();
        match columns.read(text, true, &mut Fields::new(), &mut result) {
            Ok(()) => results.push(result),
            Err(problem) => return (results, Some(format!("line {begins}: {problem}"))),
        }
    }
}

/// The fields of `record`, letter by letter; `None` where it has none.
fn letter_by_letter(record: &str, delimiter: char) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut letters = record.chars().peekable();
    let (mut begins, mut quoted, mut closed) = (true, false, false);
    while let Some(letter) = letters.next() {
        let field = fields.last_mut()?;
        match letter {
            '"' if begins => quoted = true,
            '"' if quoted && letters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted => (quoted, closed) = (false, true),
            _ if letter == delimiter && !quoted => {
                fields.push(String::new());
                (begins, closed) = (true, false);
                continue;
            }
            _ if closed => return None,
            _ => field.push(letter),
        }
        begins = false;
    }
    (!quoted).then_some(fields)
}

/// Text as a field may hold it: mostly what needs care.
fn some_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{0,3}",
        2 => "[a,;\t\u{a7}é\"\n\r ]{0,4}",
    ]
}

fn some_field() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[0-9]{0,3}",
        3 => "[a-z]{0,3}",
        // Quoted as it should be, and left as it is.
        4 => some_text().prop_map(|text| format!("\"{}\"", text.replace('"', "\"\""))),
        1 => some_text(),
    ]
}

/// What stands in the column `name`; where a number belongs, nearly always one.
fn field_of(name: &str) -> BoxedStrategy<String> {
    match name {
        "timeStamp" | "elapsed" => prop_oneof![40 => "[0-9]{0,3}", 1 => some_field()].boxed(),
        _ => some_field().boxed(),
    }
}

fn some_file() -> impl Strategy<Value = Vec<u8>> {
    const NAMES: [&str; 7] = [
        "timeStamp",
        "elapsed",
        "label",
        "responseCode",
        "success",
        "own",
        "URL",
    ];
    let names = proptest::sample::subsequence(&NAMES, 1..=NAMES.len());
    let delimiter = proptest::sample::select(vec![",", ";", "\t", "\u{a7}"]);
    let begins = proptest::sample::select(vec!["", "\u{feff}", "\r\n\n"]);
    let line_end = proptest::sample::select(vec!["\n", "\r\n", "\n\n"]);
    (names, delimiter, begins, line_end).prop_flat_map(|(names, delimiter, begins, line_end)| {
        let row: Vec<_> = names.iter().map(|name| field_of(name)).collect();
        // Few files have a byte that no UTF-8 has.
        let spoiled = proptest::option::weighted(0.1, any::<prop::sample::Index>());
        let rows = proptest::collection::vec(row, 0..12);
        (rows, any::<bool>(), spoiled).prop_map(move |(rows, is_ended, spoiled)| {
            let rows = rows.iter().map(|row| row.join(delimiter));
            let lines: Vec<String> = std::iter::once(names.join(delimiter)).chain(rows).collect();
            let mut text = format!("{begins}{}", lines.join(line_end));
            if is_ended {
                text.push_str(line_end);
            }
            let mut bytes = text.into_bytes();
            if let Some(index) = spoiled {
                let at = index.index(bytes.len());
                bytes[at] = 0xff;
            }
            bytes
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn chunks_hold_what_lines_hold(file in some_file(), chunk_bytes in 1usize..80) {
        prop_assert_eq!(in_chunks(&file, chunk_bytes), line_by_line(&file));
    }

    #[test]
    fn places_of_a_byte_are_those_a_walk_finds(
        // Bytes that differ from it in one bit only, and any others.
        text in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b"+,-.\xac\x0c,,".to_vec())], 0..40),
    ) {
        let mut found = Vec::new();
        each_place(&text, b',', |at| found.push(at));
        let walk = text.iter().enumerate().filter(|(_, byte)| **byte == b',');
        prop_assert_eq!(found, walk.map(|(at, _)| at).collect::<Vec<_>>());
    }

    #[test]
    fn fields_are_those_found_letter_by_letter(
        fields in proptest::collection::vec(some_field(), 1..6),
        delimiter in proptest::sample::select(vec![',', ';', '\t', '\u{a7}']),
    ) {
        let record = fields.join(delimiter.to_string().as_str());
        let mut found = Fields::new();
        let found = split(&record, delimiter, &mut found).is_ok().then_some(found);
        let found = found.map(|fields| fields.iter().map(|field| field.to_string()).collect());
        prop_assert_eq!(found, letter_by_letter(&record, delimiter));
    }
}

#[test]
fn chunks_may_end_anywhere_within_a_quoted_field() {
    let record = "5,6,\"a \"\"quoted\"\"\n\r\n, label\n\",200\n";
    let file = format!("timeStamp,elapsed,label,responseCode\n{}", record.repeat(3));
    let expected = line_by_line(file.as_bytes());
    assert_eq!(expected.0.len(), 3);
    assert_eq!(expected.0[2].label, "a \"quoted\"\n\r\n, label\n");
    for chunk_bytes in 1..=file.len() {
        assert_eq!(
            in_chunks(file.as_bytes(), chunk_bytes),
            expected,
            "{chunk_bytes}"
        );
    }
}

#[test]
fn a_file_is_read_to_its_end_in_small_reads() {
    let file = b"timeStamp,elapsed,label\n1,2,a\n3,4,b".as_slice();
    let mut halves = file.take(20).chain(&file[20..]);
    let mut labels = String::new();
    crate::read_results(&mut halves, true, &mut |result| {
        labels.push_str(&result.label)
    })
    .unwrap();
    assert_eq!(labels, "ab");
}
