//! The words for script elements. Their scripts stand below them, in lines that begin with `|`.

use super::{Kind, row};

const JSR223: &[(&str, &str)] = &[("file", "filename"), ("cached", "cacheKey")];
const BEAN_SHELL: &[(&str, &str)] = &[("file", "filename"), ("resets", "resetInterpreter")];

/// A JSR223 element, whose first value is its language.
const fn jsr223(word: &'static str, tag: &'static str) -> Kind {
    let given = &[("cacheKey", "true")];
    let positions = &["scriptLanguage"];
    row(word, tag, "TestBeanGUI", positions, JSR223, given)
}

/// A BeanShell element that is a test bean.
const fn bean_shell(word: &'static str, tag: &'static str) -> Kind {
    let given = &[("resetInterpreter", "false")];
    row(word, tag, "TestBeanGUI", &[], BEAN_SHELL, given)
}

/// A BSF element, whose first value is its language.
const fn bsf(word: &'static str, tag: &'static str) -> Kind {
    row(word, tag, "TestBeanGUI", &["scriptLanguage"], JSR223, &[])
}

pub(super) const SCRIPTING: &[Kind] = &[
    jsr223("jsr223", "JSR223Sampler"),
    jsr223("jsr223_pre", "JSR223PreProcessor"),
    jsr223("jsr223_post", "JSR223PostProcessor"),
    jsr223("jsr223_assert", "JSR223Assertion"),
    jsr223("jsr223_timer", "JSR223Timer"),
    jsr223("jsr223_listener", "JSR223Listener"),
    row(
        "beanshell",
        "BeanShellSampler",
        "BeanShellSamplerGui",
        &[],
        &[
            ("file", "BeanShellSampler.filename"),
            ("parameters", "BeanShellSampler.parameters"),
            ("resets", "BeanShellSampler.resetInterpreter"),
        ],
        &[
            ("BeanShellSampler.filename", ""),
            ("BeanShellSampler.parameters", ""),
            ("BeanShellSampler.resetInterpreter", "false"),
        ],
    ),
    bean_shell("beanshell_pre", "BeanShellPreProcessor"),
    bean_shell("beanshell_post", "BeanShellPostProcessor"),
    row(
        "beanshell_assert",
        "BeanShellAssertion",
        "BeanShellAssertionGui",
        &[],
        &[
            ("file", "BeanShellAssertion.filename"),
            ("parameters", "BeanShellAssertion.parameters"),
            ("resets", "BeanShellAssertion.resetInterpreter"),
        ],
        &[
            ("BeanShellAssertion.filename", ""),
            ("BeanShellAssertion.parameters", ""),
            ("BeanShellAssertion.resetInterpreter", "false"),
        ],
    ),
    bean_shell("beanshell_timer", "BeanShellTimer"),
    bean_shell("beanshell_listener", "BeanShellListener"),
    row(
        "bsf",
        "BSFSampler",
        "BSFSamplerGui",
        &["BSFSampler.language"],
        &[
            ("file", "BSFSampler.filename"),
            ("parameters", "BSFSampler.parameters"),
        ],
        &[("BSFSampler.filename", ""), ("BSFSampler.parameters", "")],
    ),
    bsf("bsf_pre", "BSFPreProcessor"),
    bsf("bsf_post", "BSFPostProcessor"),
    bsf("bsf_assert", "BSFAssertion"),
    bsf("bsf_timer", "BSFTimer"),
    bsf("bsf_listener", "BSFListener"),
];

/// The property that holds the script of an element with this tag; `None` if it is no script element.
pub(crate) fn script_property(tag: &str) -> Option<&'static str> {
    match tag {
        "BeanShellSampler" => Some("BeanShellSampler.query"),
        "BeanShellAssertion" => Some("BeanShellAssertion.query"),
        "BSFSampler" => Some("BSFSampler.query"),
        _ => SCRIPTING
            .iter()
            .any(|kind| kind.tag == tag)
            .then_some("script"),
    }
}
