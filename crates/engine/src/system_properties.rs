//! System properties of Java, which functions and scripts of a JMeter plan ask for.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

/// Properties that were given, and those that Java has of itself.
#[derive(Debug)]
pub(crate) struct SystemProperties {
    given: BTreeMap<String, String>,
    time_zone: Option<String>,
}

impl SystemProperties {
    pub(crate) fn new(given: BTreeMap<String, String>, time_zone: &TimeZone) -> Self {
        Self {
            given,
            time_zone: time_zone.iana_name().map(str::to_owned),
        }
    }

    /// The value of a property: the given one, or what Java on this machine has. Nothing is said of Java itself, such as its version.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        if let Some(given) = self.given.get(name) {
            return Some(given.clone());
        }
        let fixed = match name {
            "file.separator" => std::path::MAIN_SEPARATOR_STR,
            "path.separator" => ":",
            "line.separator" => "\n",
            "file.encoding" => "UTF-8",
            "java.io.tmpdir" => "/tmp",
            "os.name" => match std::env::consts::OS {
                "linux" => "Linux",
                "macos" => "Mac OS X",
                other => other,
            },
            "os.arch" => match std::env::consts::ARCH {
                "x86_64" => "amd64",
                other => other,
            },
            "user.dir" => {
                let folder = std::env::current_dir().ok()?;
                return Some(folder.to_string_lossy().into_owned());
            }
            "user.home" => return std::env::var("HOME").ok(),
            "user.name" => return std::env::var("USER").ok(),
            "user.timezone" => return self.time_zone.clone(),
            _ => return None,
        };
        Some(fixed.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_properties_come_first() {
        let given = BTreeMap::from([("file.separator".to_owned(), "|".to_owned())]);
        let properties = SystemProperties::new(given, &TimeZone::UTC);
        assert_eq!(properties.get("file.separator").as_deref(), Some("|"));
        assert_eq!(properties.get("line.separator").as_deref(), Some("\n"));
        assert_eq!(properties.get("user.timezone").as_deref(), Some("UTC"));
        assert_eq!(properties.get("java.version"), None);
    }
}
