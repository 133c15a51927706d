use super::*;
use crate::Response;
use crate::test_user::User;

fn rewriting(in_path: bool, without_equals: bool, mark: bool) -> UrlRewritingProgram {
    UrlRewritingProgram {
        id: RewritingId(0),
        argument: Template::literal("sid"),
        in_path,
        without_equals,
        without_question_mark: mark,
        keeps_value: true,
        encode: false,
    }
}

fn in_path() -> UrlRewritingProgram {
    rewriting(true, false, false)
}

fn request(path: &str, arguments: &[(&str, &str)]) -> HttpProgram {
    HttpProgram {
        method: Template::literal("GET"),
        path: Template::literal(path),
        arguments: arguments
            .iter()
            .map(|(name, value)| argument(name, value, true))
            .collect(),
        ..HttpProgram::default()
    }
}

fn answer(body: &str) -> Outcome {
    Outcome {
        response: Response {
            body: body.into(),
            ..Response::default()
        }
        .into(),
        ..Outcome::default()
    }
}

/// The path of `request` and its arguments behind it, as `modifier` changes them for `user`.
fn shown(
    request: &HttpProgram,
    modifier: ModifierProgram,
    sessions: &mut Sessions,
    user: &mut User,
) -> String {
    let mut scope = user.scope();
    let mut changed = Arc::new(request.clone());
    change(&mut changed, &modifier, sessions, &mut scope);
    let mut shown = scope.text(&changed.path);
    for argument in &changed.arguments {
        let (name, value) = (scope.text(&argument.name), scope.text(&argument.value));
        let equals = if argument.use_equals { "=" } else { "" };
        shown += &format!(" {name}{equals}{value}");
    }
    shown
}

#[test]
fn sessions_are_found_in_links_and_forms() {
    let check = |program: &UrlRewritingProgram, text: &str, expected: &str| {
        let found = session(text, "sid", program, &User::new().scope());
        assert_eq!(found, expected, "{text}");
    };
    let argument = rewriting(false, false, false);
    check(&argument, "<a href='x?sid=a1&b=2'>", "a1");
    check(&argument, "<a href='x?b=2&sid=a1;c'>", "a1");
    check(
        &argument,
        "<input name=\"sid\" type=hidden value='b2'>",
        "b2",
    );
    check(&argument, "<input value='c3' type=hidden NAME='sid'>", "c3");
    check(&argument, "<a href='x?said=a1'>", "");
    check(&in_path(), "<a href='x;sid=a1?b'>", "a1?b");
    check(&rewriting(true, false, true), "<a href='x;sid=a1?b'>", "a1");
    check(&rewriting(true, true, true), "<a href='x;sida1?b'>", "a1");
}

#[test]
fn without_a_previous_result_nothing_changes() {
    let mut user = User::new();
    let rewriting = ModifierProgram::UrlRewriting(in_path());
    let shown = shown(
        &request("/a", &[]),
        rewriting,
        &mut Sessions::default(),
        &mut user,
    );
    assert_eq!(shown, "/a");
}

#[test]
fn a_session_goes_into_the_path() {
    let check = |path: &str, program: UrlRewritingProgram, expected: &str| {
        let mut user = User::new();
        user.set_previous(answer("href='x;sid=s1' href='y;sids2'"));
        let rewriting = ModifierProgram::UrlRewriting(program);
        let request = request(path, &[("q", "1")]);
        let shown = shown(&request, rewriting, &mut Sessions::default(), &mut user);
        assert_eq!(shown, expected, "{path}");
    };
    check("/a b", in_path(), "/a%20b;sid=s1 q=1");
    check("/a;sid=old", in_path(), "/a;sid=s1 q=1");
    // A query becomes arguments, and the session is behind it.
    check("/a;sid=old?p=x%20y&r", in_path(), "/a q=1 p=x y r;sid=s1");
    check("http://h/a?p", in_path(), "http://h/a?p;sid=s1 q=1");
    check("/a", rewriting(true, true, false), "/a;sid=s1 q=1");
}

#[test]
fn a_session_takes_the_place_of_arguments_of_its_name() {
    let check = |encode, expected: &str| {
        let mut user = User::new();
        user.set_previous(answer("<a href='x?sid=a%2Bb'>"));
        let program = UrlRewritingProgram {
            encode,
            ..rewriting(false, false, false)
        };
        let request = request("/a", &[("sid", "old"), ("q", "1")]);
        let rewriting = ModifierProgram::UrlRewriting(program);
        let shown = shown(&request, rewriting, &mut Sessions::default(), &mut user);
        assert_eq!(shown, expected);
    };
    check(false, "/a q=1 sid=a+b");
    check(true, "/a q=1 sid=a%2Bb");
}

#[test]
fn a_session_is_kept_until_the_next_one_unless_it_is_not_to_be() {
    let mut user = User::new();
    let mut sessions = Sessions::default();
    let mut show = |body: &str, keeps_value| {
        user.set_previous(answer(body));
        let program = UrlRewritingProgram {
            keeps_value,
            ..in_path()
        };
        let rewriting = ModifierProgram::UrlRewriting(program);
        shown(&request("/a", &[]), rewriting, &mut sessions, &mut user)
    };
    assert_eq!(show("", true), "/a;sid=");
    assert_eq!(show(";sid=1", true), "/a;sid=1");
    assert_eq!(show("none", true), "/a;sid=1");
    assert_eq!(show("none", false), "/a;sid=");
    assert_eq!(show(";sid=2", true), "/a;sid=2");
}

#[test]
fn arguments_take_the_values_that_were_found_beside_their_names() {
    let parameters = || {
        ModifierProgram::RegexUserParameters(RegexUserParametersProgram {
            reference: Template::literal("form"),
            names_group: Template::literal("1"),
            values_group: Template::literal("2"),
        })
    };
    let found = [
        ("form_matchNr", "3"),
        ("form_1_g1", "q"),
        ("form_1_g2", "first"),
        ("form_2_g1", "p"),
        ("form_3_g1", "q"),
        ("form_3_g2", "${last}"),
    ];
    let request = request("/a", &[("q", "1"), ("p", "2"), ("r", "3")]);
    let show = |variables: &[(&str, &str)]| {
        let mut user = User::with(variables);
        shown(&request, parameters(), &mut Sessions::default(), &mut user)
    };
    assert_eq!(show(&found), "/a q=${last} p=2 r=3");
    // Without a first match there is none.
    assert_eq!(show(&found[1..]), "/a q=1 p=2 r=3");
    assert_eq!(show(&found[..2]), "/a q=1 p=2 r=3");
    assert_eq!(show(&[("form_matchNr", "0")]), "/a q=1 p=2 r=3");
}

#[test]
fn the_shortest_bound_counts() {
    let mut user = User::with(&[("most", "300")]);
    let bounds = ["", "x", "0", "-5", "500", "${most}", "9223372036854775807"];
    let bounds = bounds.map(|text| user.parse(text));
    assert_eq!(shortest(&bounds[..4], &mut user.scope()), None);
    assert_eq!(
        shortest(&bounds, &mut user.scope()),
        Some(Duration::from_millis(300))
    );
    assert_eq!(
        shortest(&bounds[6..], &mut user.scope()),
        Some(LONGEST_BOUND)
    );
}

#[test]
fn names_are_no_patterns() {
    assert_eq!(quote_meta("a.b_1$"), r"a\.b_1\$");
    assert_eq!(form_decoded("a%20b+%C3%A9"), "a b é");
    assert_eq!(form_decoded("100%"), "100%");
}
