//! Objects and classes that leave the script that made them: as its result, or kept for another script.

use loadline_script::{Language, Limits, MemoryHost, State, compile, describe};

fn run(source: &str, host: &mut MemoryHost) -> String {
    let script = compile(Language::Groovy, source).unwrap();
    let outcome = script.run(host, &mut State::default(), &Limits::default());
    match outcome.result {
        Ok(value) => describe(&value, host).0,
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_text_of_a_result_is_made_by_its_own_class() {
    let mut host = MemoryHost::default();
    let class = "class P { int a; String toString() { def twice = { a * 2 }; \"P${twice()}\" } }\n";
    assert_eq!(run(&format!("{class}new P(a: 3)"), &mut host), "P6");
    let class = "class P { String toString() { \"$unknown\" } }\n";
    assert_eq!(
        run(&format!("{class}new P().toString()"), &mut host),
        "groovy.lang.MissingPropertyException: No such property: unknown for class: P"
    );
    // As a result, such an object has no text; the script has ended.
    assert_eq!(run(&format!("{class}new P()"), &mut host), "");
}

#[test]
fn methods_of_kept_objects_run_in_another_script() {
    let mut host = MemoryHost::default();
    let maker = "class P {\n\
                   static int made = 0\n\
                   int a\n\
                   static P get(int a) { made++; new P(a: a) }\n\
                   int plus(int b) { def add = { it + a }; add(b) }\n\
                 }\n\
                 x = 1; y = 2\n\
                 vars.putObject('p', P.get(5)); vars.putObject('class', P)";
    run(maker, &mut host);
    let user = "def p = vars.getObject('p'); def c = vars.getObject('class')\n\
                [p.plus(1), c.get(7).plus(1), c.made]";
    // The maker's program is alive in the object.
    assert_eq!(run(user, &mut host), "[6, 8, 2]");
    run("vars.putObject('p', null)", &mut host);
    assert_eq!(
        run("vars.getObject('class').get(7)", &mut host),
        "java.lang.IllegalStateException: the script of class P is gone"
    );
}

#[test]
fn ranges_of_billions_cost_nothing_until_their_elements_are_needed() {
    let mut host = MemoryHost::default();
    let range = "def r = 1..2000000000\n";
    for (source, answer) in [
        (
            "[r.size(), r == (1..2000000000), r == (2..2000000001), r == [1]]",
            "[2000000000, true, false, false]",
        ),
        ("['x' in r, 7 in r, [(r): 1].size()]", "[false, true, 1]"),
        ("\"${r}\"", "loadline.ScriptLimit: script memory limit"),
        (
            "'abc'[1..<1e9993]",
            "loadline.ScriptLimit: script memory limit",
        ),
        ("(1.5..100002.5).size()", "100002"),
        ("r.step(2)", "loadline.ScriptLimit: script memory limit"),
        ("r.iterator()", "loadline.ScriptLimit: script memory limit"),
        ("r.stream()", "loadline.ScriptLimit: script memory limit"),
    ] {
        let got = run(&format!("{range}{source}"), &mut host);
        assert!(got.starts_with(answer), "{source}: {got}");
    }
}
