//! The properties of a run: what `-J` and `--property` give, and what functions and scripts set.
//!
//! A plan without scripts keeps texts behind a lock that readers do not hold against each other;
//! scripts put any value, so a plan with scripts keeps them where scripts do.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use loadline_script::{Map, Value};

/// Names and values, shared by all users.
#[derive(Debug)]
pub(crate) enum Properties {
    Texts(RwLock<BTreeMap<String, String>>),
    Values(SharedMap),
}

/// Values that scripts share.
pub(crate) struct SharedMap(Arc<Map>);

impl std::fmt::Debug for SharedMap {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SharedMap({} properties)", self.0.len())
    }
}

impl Properties {
    pub(crate) fn new(texts: BTreeMap<String, String>) -> Self {
        Self::Texts(RwLock::new(texts))
    }

    /// The same where scripts can reach them.
    pub(crate) fn shared(self) -> Self {
        let texts = match self {
            Self::Values(_) => return self,
            Self::Texts(texts) => texts.into_inner().unwrap_or_else(PoisonError::into_inner),
        };
        let map = Map::properties();
        for (name, value) in texts {
            map.put(Value::from(name), Value::from(value));
        }
        Self::Values(SharedMap(Arc::new(map)))
    }

    /// The map that scripts see; an empty one of their own where no scripts were expected.
    pub(crate) fn map(&self) -> Arc<Map> {
        match self {
            Self::Values(map) => Arc::clone(&map.0),
            Self::Texts(_) => {
                let map = Map::properties();
                for (name, value) in self.all() {
                    map.put(Value::from(name), Value::from(value));
                }
                Arc::new(map)
            }
        }
    }

    /// The text of the property `name`, if it is set to one.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.read(name, |value| value.map(str::to_owned))
    }

    /// As [`Properties::get`], without a copy.
    pub(crate) fn read<R>(&self, name: &str, read: impl FnOnce(Option<&str>) -> R) -> R {
        match self {
            Self::Texts(texts) => {
                let texts = texts.read().unwrap_or_else(PoisonError::into_inner);
                read(texts.get(name).map(String::as_str))
            }
            Self::Values(map) => {
                let value = map.0.get(&Value::from(name));
                read(value.as_ref().and_then(Value::as_text).map(|text| &**text))
            }
        }
    }

    /// Sets a property; gives its former text.
    pub(crate) fn set(&self, name: &str, value: &str) -> Option<String> {
        match self {
            Self::Texts(texts) => {
                let mut texts = texts.write().unwrap_or_else(PoisonError::into_inner);
                texts.insert(name.to_owned(), value.to_owned())
            }
            Self::Values(map) => {
                let former = map.0.put(Value::from(name), Value::from(value));
                former.and_then(|value| value.as_text().map(ToString::to_string))
            }
        }
    }

    /// All properties that are texts, by name.
    pub(crate) fn all(&self) -> BTreeMap<String, String> {
        match self {
            Self::Texts(texts) => {
                let texts = texts.read().unwrap_or_else(PoisonError::into_inner);
                texts.clone()
            }
            Self::Values(map) => {
                let entries = map.0.entries().into_iter();
                entries
                    .filter_map(|(name, value)| {
                        let text = |value: &Value| value.as_text().map(ToString::to_string);
                        Some((text(&name)?, text(&value)?))
                    })
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_with_and_without_scripts() {
        let texts = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        for properties in [
            Properties::new(texts.clone()),
            Properties::new(texts.clone()).shared(),
        ] {
            assert_eq!(properties.get("a").as_deref(), Some("1"));
            assert_eq!(properties.set("a", "2").as_deref(), Some("1"));
            assert_eq!(properties.set("b", "3"), None);
            assert!(properties.get("b").is_some() && properties.get("c").is_none());
            let all: Vec<_> = properties.all().into_values().collect();
            assert_eq!(all, ["2", "3"]);
            assert_eq!(properties.map().len(), 2);
        }
    }
}
