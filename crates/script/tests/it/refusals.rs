//! Classes and static members that are not there: named before the run, and only where a script really uses them.

use loadline_script::{Language, compile};

#[track_caller]
fn refused(language: Language, source: &str) -> String {
    let Err(refusals) = compile(language, source) else {
        panic!("not refused: {source}");
    };
    let said = refusals.iter().map(ToString::to_string);
    said.collect::<Vec<_>>().join("; ")
}

/// Each use of `Quux` in the line below `import` is refused by its whole name, and nothing else.
#[track_caller]
fn check_uses(language: Language, import: &str, uses: &[&str]) {
    for line in uses {
        let said = refused(language, &format!("{import}\n{line}"));
        assert!(said.starts_with("script line 2, column "), "{line}: {said}");
        let what = said.split_once(": ").unwrap().1;
        assert_eq!(what, "class org.acme.Quux is not supported", "{line}");
    }
}

#[test]
fn an_imported_class_is_refused_where_it_is_used() {
    let uses = [
        "Quux.make()",
        "Quux.FIELD",
        "Quux.Inner.make()",
        "log.info(Quux.name)",
        "vars.put('a', \"${Quux.make(1)}\")",
        "[1, 2].each { Quux.make(it) }",
        "def f(x) { Quux.make(x) }",
        "class Own { def g() { Quux.make() } }",
        "class Own { static final X = Quux.X }",
        "class Own { Quux q }",
        "class Own extends Quux { }",
        "[1].collect(Quux.&make)",
        "def c = Quux",
        "Quux.class",
        "new Quux()",
        "new Quux[2]",
        "Quux q = null",
        "Quux[] q = null",
        "def f(Quux q) { }",
        "Quux f() { null }",
        "1 instanceof Quux",
        "(Quux) vars",
        "vars as Quux",
        "try { f() } catch (Quux e) { }",
        "switch (1) { case Quux: 2 }",
        "for (Quux q : []) { }",
    ];
    check_uses(Language::Groovy, "import org.acme.Quux", &uses);
    let uses = [
        "Quux.make();",
        "x = Quux.FIELD;",
        "print(Quux.make());",
        "f() { return Quux.make(); }",
        "new Quux();",
        "Quux q = null;",
        "Quux[] q = null;",
        "f(Quux q) { }",
        "x = 1 instanceof Quux;",
        "x = (Quux) y;",
        "try { f(); } catch (Quux e) { }",
        "x = Quux.class;",
    ];
    check_uses(Language::BeanShell, "import org.acme.Quux;", &uses);
}

#[test]
fn whole_names_need_no_import() {
    let uses = [
        "org.acme.Quux.make()",
        "org.acme.Quux.FIELD",
        "org.acme.Quux.field",
        "org.acme.Quux.Inner.make()",
        "new org.acme.Quux()",
        "1 instanceof org.acme.Quux",
        "org.acme.Quux q = null",
        "[1].each { org.acme.Quux.make(it) }",
    ];
    check_uses(Language::Groovy, "", &uses);
    check_uses(
        Language::BeanShell,
        "",
        &["org.acme.Quux.make();", "x = org.acme.Quux.FIELD;"],
    );
}

#[test]
fn an_alias_a_static_import_and_the_import_of_a_package_are_seen_through() {
    let groovy = |source| refused(Language::Groovy, source);
    assert_eq!(
        groovy("import org.acme.Quux as Q\nQ.make()"),
        "script line 2, column 1: class org.acme.Quux is not supported"
    );
    assert_eq!(
        groovy("import org.acme.Quux as Q\nQ q = null"),
        "script line 2, column 1: class org.acme.Quux is not supported"
    );
    assert_eq!(
        groovy("import static org.acme.Quux.make\nmake(1)"),
        "script line 2, column 1: class org.acme.Quux is not supported"
    );
    assert_eq!(
        groovy("import static org.acme.Quux.FIELD as F\nlog.info(F)"),
        "script line 2, column 10: class org.acme.Quux is not supported"
    );
    assert_eq!(
        groovy("import static org.acme.Quux.*\n[1].each { make(it) }"),
        "script line 2, column 12: class org.acme.Quux is not supported"
    );
    assert_eq!(
        groovy("import static java.lang.Math.frobnicate\nfrobnicate(1)"),
        "script line 2, column 1: java.lang.Math.frobnicate is not supported"
    );
    assert_eq!(
        groovy("import org.acme.*\nQuux.make()"),
        "script line 2, column 1: class Quux is not supported, which `import org.acme.*` may bring"
    );
    assert_eq!(
        refused(Language::BeanShell, "import org.acme.*;\nQuux.toString();"),
        "script line 2, column 1: class Quux is not supported, which `import org.acme.*` may bring"
    );
    assert_eq!(
        groovy("ServiceLoader.toString()"),
        "script line 1, column 1: class java.util.ServiceLoader is not supported"
    );
}

#[test]
fn static_members_that_a_class_does_not_have_are_refused() {
    for language in [Language::Groovy, Language::BeanShell] {
        assert_eq!(
            refused(language, "x = 1;\nMath.frobnicate(1);"),
            "script line 2, column 5: method java.lang.Math.frobnicate is not supported"
        );
        assert_eq!(
            refused(language, "x = Integer.FOO;"),
            "script line 1, column 12: java.lang.Integer.FOO is not supported"
        );
    }
}

#[test]
fn an_algorithm_that_is_not_there_is_refused() {
    assert_eq!(
        refused(
            Language::Groovy,
            "import javax.crypto.Cipher\nCipher.getInstance('RSA/ECB/PKCS1Padding')"
        ),
        "script line 2, column 7: RSA/ECB/PKCS1Padding of javax.crypto.Cipher is not supported"
    );
    assert_eq!(
        refused(
            Language::BeanShell,
            "java.security.MessageDigest.getInstance(\"MD2\");"
        ),
        "script line 1, column 28: MD2 of java.security.MessageDigest is not supported"
    );
}

#[test]
fn what_is_not_used_or_means_something_else_is_allowed() {
    let groovy = [
        "import org.acme.Quux\n1",
        "import org.acme.*\n1",
        "import static org.acme.Quux.make\n1",
        "import static org.acme.Quux.*\ndef make(x) { x }\nmake(1); println(2); use(Object) { }",
        "import org.acme.*\nSampleResult.setResponseOK(); Label.length(); Parameters.trim(); OUT.println(1)",
        "import org.acme.*\nQuux = [1]; Quux.size()",
        "import org.acme.*\ndef Quux = [1]; Quux.size()",
        "import org.acme.*\nclass Quux { static make() { 1 } }\nQuux.make()",
        "import org.acme.*\nUUID.randomUUID(); Math.abs(-1); Map.Entry",
        "import org.acme.*\n[Quux: [1]].with { Quux.size() }",
        "import org.acme.Quux\nclass Own { String name }\ndef org = [acme: [Quux: 'x']]; org.acme.Quux.length()",
        "import static java.util.Map.Entry\ndef f(Entry e) { e.key }",
    ];
    let beanshell = [
        "import org.acme.Quux; x = 1;",
        "import org.acme.*; SampleResult.setResponseOK(); ResponseCode.equals(\"200\");",
        "import org.acme.*; Quux = \"a\"; Quux.length();",
        "import org.acme.Quux; f(Label) { return Label.length(); }",
    ];
    let groovy = groovy.iter().map(|source| (Language::Groovy, source));
    let beanshell = beanshell.iter().map(|source| (Language::BeanShell, source));
    for (language, source) in groovy.chain(beanshell) {
        if let Err(refusals) = compile(language, source) {
            panic!("{source}\n{}", refusals[0]);
        }
    }
}
