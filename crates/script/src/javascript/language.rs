//! The names that the language gives every script: what they stand for is the same for all of them.

/// The language's own names, those of the packages of Java among them, in the order of the alphabet.
pub(super) const OF_LANGUAGE: &[&str] = &[
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "BigInt",
    "Boolean",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "Function",
    "Infinity",
    "InternalError",
    "Iterator",
    "JSON",
    "Java",
    "JavaImporter",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Packages",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "SuppressedError",
    "Symbol",
    "SyntaxError",
    "TypeError",
    "URIError",
    "WeakMap",
    "WeakSet",
    "com",
    "decodeURI",
    "decodeURIComponent",
    "edu",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "eval",
    "globalThis",
    "isFinite",
    "isNaN",
    "java",
    "javax",
    "net",
    "org",
    "parseFloat",
    "parseInt",
    "print",
    "queueMicrotask",
    "undefined",
    "unescape",
];

#[cfg(test)]
mod tests {
    use super::super::engine::bare;
    use super::*;

    #[test]
    fn every_name_of_the_engine_is_known() {
        let (_runtime, context) = bare(64 << 20, 512 << 10).unwrap();
        let names: String = context
            .with(|ctx| ctx.eval("Object.getOwnPropertyNames(globalThis).join(' ')"))
            .unwrap();
        let unknown: Vec<&str> = names
            .split(' ')
            .filter(|name| !OF_LANGUAGE.contains(name))
            .collect();
        assert_eq!(unknown, [""; 0]);
        assert!(OF_LANGUAGE.is_sorted());
    }
}
