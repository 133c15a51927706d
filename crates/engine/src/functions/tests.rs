//! Functions as a plan's texts call them: a text, the expected value, the variables left behind.

use loadline_plan::function_table::FUNCTIONS;
use loadline_plan::program::parse_template;

use super::*;
use crate::test_user::User;

impl User {
    #[track_caller]
    fn check(&mut self, text: &str, expected: &str) {
        assert_eq!(self.evaluate(text), expected, "{text}");
        assert_eq!(self.functions.take_fault(), None, "{text}");
    }

    #[track_caller]
    fn check_fault(&mut self, text: &str, expected: &str) {
        assert_eq!(self.evaluate(text), "", "{text}");
        let fault = self.functions.take_fault().expect("a fault");
        assert_eq!(fault.to_string(), expected, "{text}");
    }

    #[track_caller]
    fn check_variables(&self, expected: &[(&str, &str)]) {
        assert_eq!(self.variables.iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn properties_are_read_and_set() {
    let mut user = User::new();
    user.check("${__P(host)}", "example.org");
    user.check("${__P(none)}", "1");
    user.check("${__P(none, 5)}", "5");
    user.check("${__P(none,)}", "");
    user.check("${__property(host)}", "example.org");
    user.check("${__property(none)}", "none");
    user.check("${__property(none,v,d)}", "d");
    user.check("${__setProperty(a,1)}", "");
    user.check("${__setProperty(a,2,true)}${__P(a)}", "12");
    user.check("${__isPropDefined(a)} ${__isPropDefined(b)}", "true false");
    user.check_variables(&[("v", "d")]);
}

#[test]
fn variables_by_computed_name() {
    let mut user = User::with(&[("a_1", "x"), ("n", "1"), ("t", "n is ${n}")]);
    user.check("${__V(a_${n})}", "x");
    user.check("${__V(a_2)}", "a_2");
    user.check("${__V(a_2, d )}", " d ");
    user.check("${__isVarDefined(n)} ${__isVarDefined(m)}", "true false");
    user.check("${__evalVar(t)}", "n is 1");
    user.check("${__evalVar(none)}", "");
    user.check("${__eval(${t})}", "n is 1");
    user.check("${__eval(${t} and ${__eval(${t})})}", "n is 1 and n is 1");
    user.check("${unset}", "${unset}");
}

#[test]
fn text_that_evaluates_itself_is_a_fault() {
    let mut user = User::with(&[("t", "x${__evalVar(t)}")]);
    user.evaluate("${__evalVar(t)}");
    let fault = user.functions.take_fault().expect("a fault");
    assert_eq!(
        fault.to_string(),
        "__evalVar: texts evaluate each other more than 16 deep"
    );
}

#[test]
fn counters_step_at_each_evaluation() {
    let mut user = User::new();
    let template = user.parse("${__counter(TRUE)}-${__counter(FALSE,c)}-${__counter(FALSE)}");
    assert_eq!(user.render(&template), "1-1-1");
    user.per_user = PerUserCalls::default();
    assert_eq!(user.render(&template), "1-2-2");
    assert_eq!(user.render(&template), "2-3-3");
    user.check_variables(&[("c", "3")]);
}

#[test]
fn identity_of_user_and_sampler() {
    let mut user = User::new();
    user.check("${__threadNum}/${__threadGroupName()}", "7/Visitors");
    user.check("${__samplerName(s)}", "GET /");
    user.check_variables(&[("s", "GET /")]);
}

#[test]
fn random_numbers_include_both_ends() {
    let mut user = User::new();
    let template = user.parse("${__Random( 1 ,3,r)}");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..100 {
        seen.insert(user.render(&template));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["1", "2", "3"]);
    user.check(
        "${__Random(9223372036854775806,9223372036854775806)}",
        "9223372036854775806",
    );
    user.check_fault("${__Random(5,1)}", "__Random: minimum 5 is above maximum 1");
    user.check_fault("${__Random(a,1)}", "__Random: `a` is not a whole number");
}

#[test]
fn random_strings_have_the_characters_asked_for() {
    let mut user = User::new();
    let value = user.evaluate("${__RandomString(20,ab,v)}");
    assert_eq!(value.len(), 20);
    assert!(value.chars().all(|character| "ab".contains(character)));
    assert_eq!(user.variables.get_by_name("v"), Some(value.as_str()));
    assert_eq!(
        user.evaluate("${__RandomString(20,äß)}").chars().count(),
        20
    );
    assert_eq!(user.evaluate("${__RandomString(9)}").chars().count(), 9);
    user.check_fault(
        "${__RandomString(-1,a)}",
        "__RandomString: length -1 is not within 0 to 16777216",
    );
}

#[test]
fn random_choice_of_variables() {
    let mut user = User::with(&[("a", "1"), ("b_matchNr", "1"), ("b_1", "2"), ("b", "3")]);
    let template = user.parse("${__RandomFromMultipleVars(a|b|c)}");
    let values: std::collections::BTreeSet<_> = (0..50).map(|_| user.render(&template)).collect();
    assert_eq!(values.into_iter().collect::<Vec<_>>(), ["1", "2"]);
    user.check("${__RandomFromMultipleVars(c)}", "");
}

#[test]
fn uuid_is_version_4() {
    let mut user = User::new();
    for _ in 0..50 {
        let value = user.evaluate("${__UUID}");
        let bytes = value.as_bytes();
        assert_eq!(bytes.len(), 36, "{value}");
        assert!([8, 13, 18, 23].iter().all(|&index| bytes[index] == b'-'));
        assert_eq!(bytes[14], b'4');
        assert!(b"89ab".contains(&bytes[19]));
    }
}

#[test]
fn time_in_patterns_of_java() {
    let mut user = User::new();
    user.check("${__time}", "1706933106789");
    user.check("${__time()}", "1706933106789");
    user.check("${__time(/1000)}", "1706933106");
    user.check("${__time(,t)}", "1706933106789");
    user.check_variables(&[("t", "1706933106789")]);
    user.check("${__time(YMD)}", "20240203");
    user.check("${__time(YMDHMS)}", "20240203-050506");
    user.check(
        "${__time(yyyy-MM-dd'T'HH:mm:ss.SSSXXX)}",
        "2024-02-03T05:05:06.789+01:00",
    );
    user.check(
        r"${__time(EEE\, d MMM yy hh:mm a z)}",
        "Sat, 3 Feb 24 05:05 AM CET",
    );
    user.check("${__time(EEEE MMMM D w W Q)}", "Saturday February 34 5 1 1");
    user.check("${__time(Z X xx OOOO)}", "+0100 +01 +0100 GMT+01:00");
    user.check(
        "${__time('o''clock' '''' S SS A)}",
        "o'clock ' 7 78 18306789",
    );
    user.check("${__time(k K h H)}", "5 5 5 5");
    user.check_fault("${__time(yyyy b)}", "__time: `b` in pattern `yyyy b`");
    user.check_fault(
        "${__time('x)}",
        "__time: a quote in pattern `'x` is not closed",
    );
    user.check_fault("${__time(/0)}", "__time: cannot divide by 0");
}

#[test]
fn sums() {
    let mut user = User::new();
    user.check("${__intSum(1,2,-4)}", "-1");
    user.check("${__intSum(1,2,total)}", "3");
    user.check(
        "${__longSum(1,9223372036854775807)}",
        "-9223372036854775808",
    );
    user.check_variables(&[("total", "3")]);
    user.check_fault(
        "${__intSum(x,2)}",
        "__intSum: `x` is not a whole number of 32 bits",
    );
}

#[test]
fn split_sets_pieces() {
    let mut user = User::with(&[("p_4", "old")]);
    user.check(r"${__split(a\,\,b,p)}", "a,,b");
    user.check_variables(&[
        ("p", "a,,b"),
        ("p_1", "a"),
        ("p_2", "?"),
        ("p_3", "b"),
        ("p_n", "3"),
    ]);
}

#[test]
fn texts_change() {
    let mut user = User::new();
    user.check("${__changeCase(aB,,v)}", "AB");
    user.check("${__changeCase(aB,lower)}", "ab");
    user.check("${__changeCase(aB,CAPITALIZE)}", "AB");
    user.check("${__changeCase(aB,other)}", "aB");
    user.check("${__urlencode(a b/ä~*)}", "a+b%2F%C3%A4%7E*");
    user.check("${__urldecode(a+b%2F%C3%A4)}", "a b/ä");
    user.check("${__char(65,0x42,0103,x, #44)}", "ABCD");
    user.check("${__char(55357,56832)}", "😀");
    user.check("${__log(hello,OUT)}|${__logn(hello)}", "hello|");
    user.check_fault(
        "${__urldecode(%4)}",
        "__urldecode: `%4` has a `%` without two hexadecimal digits",
    );
}

/// Answers of JMeter 5.6.3 to texts with references, one JSON object a line: `text`, the variables
/// before (`vars`) and those changed by it (`changed`), the `value`, or `fault`/`malformed`.
#[test]
fn texts_evaluate_as_in_jmeter() {
    for line in include_str!("../../tests/golden/templates.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = case["text"].as_str().expect("a text");
        let mut user = User::new();
        let mut expected = BTreeMap::new();
        for key in ["vars", "changed"] {
            for (name, value) in case[key].as_object().expect("variables") {
                let value = value.as_str().expect("a text");
                expected.insert(name.clone(), value.to_owned());
                if key == "vars" {
                    user.variables.set_by_name(name, value);
                }
            }
        }
        let mut names = &mut user;
        let template = match parse_template(text, &mut names) {
            Ok(template) => template,
            Err(error) => {
                assert_eq!(case["malformed"], true, "{text}: {error}");
                continue;
            }
        };
        assert_eq!(case["malformed"], serde_json::Value::Null, "{text}");
        let value = user.render(&template);
        match case["value"].as_str() {
            Some(expected) => assert_eq!(value, expected, "{text}"),
            None => assert!(user.functions.take_fault().is_some(), "{text}: {value}"),
        }
        let variables: BTreeMap<String, String> = user
            .variables
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(variables, expected, "{text}");
    }
}

#[test]
fn every_supported_function_is_evaluated() {
    // Files would be written.
    let supported = FUNCTIONS
        .iter()
        .filter(|entry| entry.name != "__StringToFile");
    for entry in supported {
        let parameters = vec!["1"; entry.least].join(",");
        let mut user = User::new();
        user.evaluate(&format!("${{{}({parameters})}}", entry.name));
        if let Some(fault) = user.functions.take_fault() {
            let problem = fault.to_string();
            assert!(
                !problem.contains("not evaluated by this engine"),
                "{problem}"
            );
        }
    }
}

#[test]
fn the_end_of_a_sequence_of_files_ends_the_user() {
    let mut user = User::new();
    let template = user.parse("${__StringFromFile(tests/golden/files/lines.txt,,1,0)}");
    assert_eq!(user.render(&template), "");
    assert!(user.functions.take_fault().is_some());
    assert!(user.per_user.must_end());
}

#[test]
fn rows_of_a_file_are_dealt_out_to_users() {
    let mut first = User::new();
    let text = "${__CSVRead(tests/golden/files/rows.csv,0)}";
    let template = first.parse(text);
    assert_eq!(first.render(&template), "a");
    // Another user of the same run has the next row.
    let mut second = User::new();
    std::mem::swap(&mut second.functions, &mut first.functions);
    assert_eq!(second.render(&template), "1");
    std::mem::swap(&mut second.functions, &mut first.functions);
    assert_eq!(first.render(&template), "a");
}

#[test]
fn everyday_functions_do_not_allocate() {
    let mut user = User::with(&[("id", "7")]);
    let template = user.parse(
        "${id} ${__Random(1,100)} ${__UUID} ${__threadNum} ${__P(host)} ${__P(none,5)} ${__time} \
         ${__RandomString(8,abc)} ${__time(yyyy-MM-dd'T'HH:mm:ss.SSSXXX)} ${__counter(FALSE)} \
         ${__urlencode(a b)} ${__V(id)}",
    );
    let mut out = Vec::with_capacity(1024);
    let mut scope = user.scope();
    scope.render(&template, &mut out);
    let counted = allocation_counter::measure(|| {
        out.clear();
        scope.render(&template, &mut out);
    });
    assert_eq!(counted.count_total, 0, "{}", String::from_utf8_lossy(&out));
}

#[test]
fn files_are_read_as_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("body.txt");
    std::fs::write(&path, "h\u{e9}llo\n").expect("a file");
    let path = path.to_str().expect("UTF-8");
    let mut user = User::new();
    user.check(&format!("${{__FileToString({path},, v )}}"), "h\u{e9}llo\n");
    user.check_variables(&[("v", "h\u{e9}llo\n")]);
    user.check(
        &format!("${{__FileToString({path},ISO-8859-1)}}"),
        "h\u{c3}\u{a9}llo\n",
    );
    user.check(&format!("${{__FileToString({path}x)}}"), "**ERR**");
    user.check_fault(
        &format!("${{__FileToString({path},nope)}}"),
        "__FileToString: charset `nope` is not known",
    );
    user.check("${__unescapeHtml(&lt; &eacute;)}", "< é");
}
