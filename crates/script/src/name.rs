//! Names of methods, properties and variables, hashed once when a script is compiled.
//!
//! Dispatch compares 64-bit hashes, never text: a match over the methods of a class becomes a search among integers.

use std::sync::Arc;

/// A name of a script with its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) hash: u64,
    pub(crate) text: Arc<str>,
}

impl Name {
    pub(crate) fn new(text: &str) -> Name {
        Name {
            hash: symbol(text),
            text: Arc::from(text),
        }
    }

    /// `getFoo` for the property `foo`.
    pub(crate) fn getter(&self, prefix: &str) -> Name {
        let mut text = String::from(prefix);
        let mut letters = self.text.chars();
        text.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        text.push_str(letters.as_str());
        Name::new(&text)
    }
}

/// FNV-1a over the bytes of `text`; a raw identifier's `r#` does not count.
pub(crate) const fn symbol(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut i = if bytes.len() > 2 && bytes[0] == b'r' && bytes[1] == b'#' {
        2
    } else {
        0
    };
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    while i < bytes.len() {
        hash ^= bytes[i] as u64;
        hash = hash.wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    hash
}

/// Defines a function that runs the method of a class, and a constant with the names of its methods.
///
/// `name | other : least .. most => body` is one method: the body sees the parameters of the function. A name or a number of arguments
/// that no arm has gives [`crate::fail::Fail::NoMethod`].
macro_rules! methods {
    (fn $function:ident($cx:ident, $me:ident: $ty:ty, $a:ident, $name:ident) -> $list:ident;
     $( $($method:ident)|+ : $least:literal .. $most:literal => $body:expr; )*) => {
        #[allow(dead_code)]
        pub(crate) const $list: &[&str] = &[$( $(stringify!($method)),+ ),*];
        #[allow(unused_variables, unused_comparisons, private_interfaces, clippy::absurd_extreme_comparisons)]
        pub(crate) fn $function(
            $cx: &mut crate::interp::Interp<'_>,
            $me: $ty,
            $name: u64,
            $a: crate::args::Args<'_>,
        ) -> crate::fail::Run {
            #[allow(non_upper_case_globals)]
            mod k { $( $( pub(super) const $method: u64 = crate::name::symbol(stringify!($method)); )+ )* }
            let count = $a.len();
            match $name {
                $( $(k::$method)|+ if ($least..=$most).contains(&count) => $body, )*
                _ => Err(crate::fail::Fail::NoMethod),
            }
        }
    };
}
pub(crate) use methods;
