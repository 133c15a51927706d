//! The script languages and JMeter's names for them.

/// A language that scripts of a plan are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Apache Groovy 3.
    Groovy,
    /// BeanShell 2, also for JSR223 elements with the language `java`.
    BeanShell,
    /// Apache Commons JEXL 3.
    Jexl3,
    /// Apache Commons JEXL 2.
    Jexl2,
    /// ECMAScript as in Nashorn, the engine of JSR223 elements.
    JavaScript,
    /// ECMAScript as in Rhino, the engine of `__javaScript` and of conditions.
    Rhino,
}

impl Language {
    /// The language that JMeter means by `name`, in any case; `None` for others. The empty name is Groovy.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Language> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "" | "groovy" => Language::Groovy,
            "beanshell" | "bsh" | "java" => Language::BeanShell,
            "jexl" | "jexl3" => Language::Jexl3,
            "jexl2" => Language::Jexl2,
            "javascript" | "js" | "ecmascript" | "nashorn" => Language::JavaScript,
            "rhino" => Language::Rhino,
            _ => return None,
        })
    }

    /// The name for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::Groovy => "Groovy",
            Language::BeanShell => "BeanShell",
            Language::Jexl3 => "JEXL 3",
            Language::Jexl2 => "JEXL 2",
            Language::JavaScript | Language::Rhino => "JavaScript",
        }
    }

    pub(crate) fn is_javascript(self) -> bool {
        matches!(self, Language::JavaScript | Language::Rhino)
    }

    pub(crate) fn is_jexl(self) -> bool {
        matches!(self, Language::Jexl2 | Language::Jexl3)
    }
}
