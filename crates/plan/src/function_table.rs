//! The functions that a plan's texts can call: names and how many parameters each takes.
//!
//! The names are those of JMeter 5.6 and of its most used plugin functions. What a function does is the engine's business; this table is
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
}

const fn supported(name: &'static str, least: usize, most: usize) -> FunctionEntry {
    FunctionEntry {
        name,
        least,
        most: Some(most),
    }
}

const fn variadic(name: &'static str, least: usize) -> FunctionEntry {
    FunctionEntry {
        name,
        least,
        most: None,
    }
}

/// All functions.
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
    supported("__CSVRead", 2, 2),
    supported("__RandomDate", 3, 5),
    supported("__StringFromFile", 1, 4),
    supported("__StringToFile", 2, 4),
    supported("__TestPlanName", 0, 0),
    supported("__XPath", 2, 2),
    supported("__dateTimeConvert", 3, 4),
    supported("__digest", 2, 5),
    supported("__escapeHtml", 1, 1),
    supported("__escapeOroRegexpChars", 1, 2),
    supported("__escapeXml", 1, 1),
    supported("__machineIP", 0, 1),
    supported("__machineName", 0, 1),
    supported("__regexFunction", 2, 7),
    supported("__timeShift", 4, 5),
    supported("__unescape", 1, 1),
    // Of the plugin "Custom JMeter Functions", whose functions take more parameters than they read.
    variadic("__MD5", 1),
    supported("__base64Decode", 1, 2),
    supported("__base64Encode", 1, 2),
    supported("__caseFormat", 1, 3),
    variadic("__chooseRandom", 3),
    variadic("__doubleSum", 2),
    supported("__env", 1, 3),
    variadic("__if", 4),
    variadic("__isDefined", 1),
    variadic("__iterationNum", 0),
    variadic("__lowercase", 1),
    variadic("__strLen", 1),
    variadic("__strReplace", 3),
    variadic("__strReplaceRegex", 3),
    variadic("__substring", 3),
    variadic("__uppercase", 1),
    supported("__tstFeedback", 2, 4),
    // Of the plugin "Inter-Thread Communication".
    variadic("__fifoGet", 1),
    variadic("__fifoPop", 1),
    variadic("__fifoPut", 2),
    variadic("__fifoSize", 1),
    supported("__BeanShell", 1, 2),
    supported("__groovy", 1, 2),
    supported("__jexl2", 1, 2),
    supported("__jexl3", 1, 2),
    supported("__javaScript", 1, 2),
];

/// The function called `name`, if JMeter, or the plugin, has one.
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
