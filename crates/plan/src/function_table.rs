//! The functions that a plan's texts can call: names and how many parameters each takes.
//!
//! The names are those of JMeter 5.6. What a function does is the engine's business; this table is
//! what the template parser needs to tell a call from a variable of an odd name.

/// A function of JMeter, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionEntry {
    /// Name with its two underscores.
    pub name: &'static str,
    /// Least number of parameters.
    pub least: usize,
    /// Greatest number of parameters; `None` for any number.
    pub most: Option<usize>,
    /// Whether the engine evaluates it; otherwise a plan that calls it is refused.
    pub supported: bool,
}

const fn supported(name: &'static str, least: usize, most: usize) -> FunctionEntry {
    FunctionEntry {
        name,
        least,
        most: Some(most),
        supported: true,
    }
}

const fn variadic(name: &'static str, least: usize) -> FunctionEntry {
    FunctionEntry {
        name,
        least,
        most: None,
        supported: true,
    }
}

const fn unsupported(name: &'static str) -> FunctionEntry {
    FunctionEntry {
        name,
        least: 0,
        most: None,
        supported: false,
    }
}

/// All functions, those that the engine evaluates first.
pub const FUNCTIONS: &[FunctionEntry] = &[
    supported("__P", 1, 2),
    supported("__property", 1, 3),
    supported("__setProperty", 2, 3),
    supported("__isPropDefined", 1, 1),
    supported("__isVarDefined", 1, 1),
    supported("__V", 1, 2),
    supported("__eval", 1, 1),
    supported("__evalVar", 1, 1),
    supported("__time", 0, 2),
    supported("__Random", 2, 3),
    supported("__RandomString", 1, 3),
    supported("__RandomFromMultipleVars", 1, 2),
    supported("__UUID", 0, 0),
    supported("__threadNum", 0, 0),
    supported("__threadGroupName", 0, 0),
    supported("__samplerName", 0, 1),
    supported("__counter", 1, 2),
    variadic("__intSum", 2),
    variadic("__longSum", 2),
    supported("__split", 2, 3),
    supported("__changeCase", 1, 3),
    supported("__urlencode", 1, 1),
    supported("__urldecode", 1, 1),
    variadic("__char", 1),
    supported("__unescapeHtml", 1, 1),
    supported("__FileToString", 1, 3),
    supported("__log", 1, 4),
    supported("__logn", 1, 3),
    unsupported("__BeanShell"),
    unsupported("__CSVRead"),
    unsupported("__RandomDate"),
    unsupported("__StringFromFile"),
    unsupported("__StringToFile"),
    unsupported("__TestPlanName"),
    unsupported("__XPath"),
    unsupported("__dateTimeConvert"),
    unsupported("__digest"),
    unsupported("__escapeHtml"),
    unsupported("__escapeOroRegexpChars"),
    unsupported("__escapeXml"),
    unsupported("__groovy"),
    unsupported("__javaScript"),
    unsupported("__jexl2"),
    unsupported("__jexl3"),
    unsupported("__machineIP"),
    unsupported("__machineName"),
    unsupported("__regexFunction"),
    unsupported("__timeShift"),
    unsupported("__unescape"),
];

/// The function called `name`, if JMeter has one.
#[must_use]
pub fn function_entry(name: &str) -> Option<&'static FunctionEntry> {
    FUNCTIONS.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (index, entry) in FUNCTIONS.iter().enumerate() {
            let first = FUNCTIONS.iter().position(|other| other.name == entry.name);
            assert_eq!(first, Some(index), "{}", entry.name);
        }
    }
}
