//! `java.text.Normalizer`: letters with their accents as one character or as several.

use unicode_normalization::UnicodeNormalization;

use crate::class::ClassInfo;
use crate::fail::{Fail, Run};
use crate::name::methods;
use crate::value::{Native, Value};

/// A `Normalizer.Form`.
#[derive(Clone, Copy)]
enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

const FORMS: &[(&str, Form)] = &[
    ("NFC", Form::Nfc),
    ("NFD", Form::Nfd),
    ("NFKC", Form::Nfkc),
    ("NFKD", Form::Nfkd),
];

impl Native for Form {
    fn class_name(&self) -> std::sync::Arc<str> {
        "java.text.Normalizer$Form".into()
    }
    fn text(&self, _cx: &mut crate::interp::Interp<'_>) -> Run<Option<String>> {
        let name = ["NFC", "NFD", "NFKC", "NFKD"][*self as usize];
        Ok(Some(name.to_owned()))
    }
    fn equal(&self, other: &dyn std::any::Any) -> Option<bool> {
        let other = other.downcast_ref::<Form>();
        Some(other.is_some_and(|other| *other as usize == *self as usize))
    }
}

fn normal(text: &str, form: Form) -> String {
    match form {
        Form::Nfc => text.nfc().collect(),
        Form::Nfd => text.nfd().collect(),
        Form::Nfkc => text.nfkc().collect(),
        Form::Nfkd => text.nfkd().collect(),
    }
}

/// A text without the accents of its letters, as `StringUtils.stripAccents` gives it.
pub(super) fn without_accents(text: &str) -> String {
    let letters = text
        .nfd()
        .filter(|letter| !('\u{300}'..='\u{36f}').contains(letter));
    let plain = letters.map(|letter| match letter {
        'Ł' => 'L',
        'ł' => 'l',
        other => other,
    });
    plain.collect()
}

methods! {
    fn statics(cx, me: &'static ClassInfo, a, name) -> STATICS;
    normalize : 2 .. 2 => { let text = a.text(0)?; let out = normal(&text, *a.native::<Form>(1)?); cx.charge(out.len())?; Ok(Value::from(out)) };
    isNormalized : 2 .. 2 => { let text = a.text(0)?; Ok(Value::Bool(normal(&text, *a.native::<Form>(1)?) == *text)) };
}

fn form(name: &str) -> Option<Value> {
    let mut forms = FORMS.iter();
    let form = forms.find(|(known, _)| *known == name);
    form.map(|(_, form)| Value::object(*form))
}

methods! {
    fn forms(cx, me: &'static ClassInfo, a, name) -> OF_FORM;
    valueOf : 1 .. 1 => form(&a.text(0)?).ok_or(Fail::NoMethod);
}

pub(crate) const CLASSES: &[ClassInfo] = &[
    ClassInfo::named("java.text.Normalizer").statics(statics, STATICS),
    ClassInfo::named("java.text.Normalizer$Form")
        .statics(forms, OF_FORM)
        .fields(form),
];
