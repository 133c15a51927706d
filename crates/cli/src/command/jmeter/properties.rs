//! JMeter's properties: files of Java properties, and which of them wins.
//!
//! In this order, later ones win: `jmeter.properties` (that of `-p`, else that of JMeter's home if
//! there is one), `user.properties`, then `-q` and `-J` in the order of the command line.
//! `user.properties` is looked for in the working directory, in JMeter's `bin`, beside the plan. System properties are defaults:
//! those of `system.properties`, then `-S` and `-D`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use loadline_script::read_properties;

use super::options::{Options, Setting};

/// The properties of a run, and the files they came from.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) values: BTreeMap<String, String>,
    /// System properties of Java that were given.
    pub(super) system: BTreeMap<String, String>,
    /// What was read, for the log.
    pub(super) notes: Vec<String>,
}

/// The proxy of requests that name none: properties of Java, which a plan's functions and `-J` do not reach, and what the engine calls
/// them.
const OF_JAVA: [(&str, &str); 3] = [
    ("http.proxyHost", "loadline.proxy_host"),
    ("http.proxyPort", "loadline.proxy_port"),
    ("http.nonProxyHosts", "loadline.no_proxy"),
];

/// Puts the properties together for a run of the plan in `plan_folder`.
///
/// # Errors
///
/// When a file that was named cannot be read.
pub(super) fn gather(options: &Options, plan_folder: &Path) -> anyhow::Result<Properties> {
    let mut properties = Properties::default();
    let home = options.home.clone().or_else(|| {
        let home = std::env::var_os("JMETER_HOME").filter(|home| !home.is_empty());
        home.map(PathBuf::from)
    });
    let bin = home.map(|home| home.join("bin"));
    match (&options.properties_file, &bin) {
        (Some(file), _) => properties.read(file)?,
        (None, Some(bin)) if bin.join("jmeter.properties").is_file() => {
            properties.read(&bin.join("jmeter.properties"))?;
        }
        (None, _) => {}
    }
    let folders = [Some(Path::new("")), bin.as_deref(), Some(plan_folder)];
    let find = |name: &str| {
        let places = folders.into_iter().flatten();
        let mut places = places.map(|folder| folder.join(name));
        places.find(|place| !name.is_empty() && place.is_file())
    };
    if let Some(user) = find(properties.get("user.properties", "user.properties")) {
        properties.read(&user)?;
    }
    if let Some(system) = find(properties.get("system.properties", "system.properties")) {
        properties.read_system(&system)?;
    }
    for setting in &options.settings {
        match setting {
            Setting::File(file) => properties.read(file)?,
            Setting::Property(name, value) if value.is_empty() => {
                properties.values.remove(name);
                properties
                    .notes
                    .push(format!("Removing JMeter property: {name}"));
            }
            Setting::Property(name, value) => {
                let note = format!("Setting JMeter property: {name}={value}");
                properties.notes.push(note);
                properties.values.insert(name.clone(), value.clone());
            }
            Setting::SystemFile(file) => properties.read_system(file)?,
            Setting::SystemProperty(name, value) if value.is_empty() => {
                properties.system.remove(name);
                let note = format!("Removing System property: {name}");
                properties.notes.push(note);
            }
            Setting::SystemProperty(name, value) => {
                let note = format!("Setting System property: {name}={value}");
                properties.notes.push(note);
                properties.system.insert(name.clone(), value.clone());
            }
        }
    }
    for (of_java, own) in OF_JAVA {
        if let Some(value) = properties.system.get(of_java) {
            properties.values.insert(own.to_owned(), value.clone());
        }
    }
    for (name, value) in &properties.system {
        let known = properties.values.entry(name.clone());
        known.or_insert_with(|| value.clone());
    }
    Ok(properties)
}

impl Properties {
    fn read(&mut self, file: &Path) -> anyhow::Result<()> {
        self.values.extend(pairs_of(file)?);
        let note = format!("Loading properties from: {}", file.display());
        self.notes.push(note);
        Ok(())
    }

    fn read_system(&mut self, file: &Path) -> anyhow::Result<()> {
        self.system.extend(pairs_of(file)?);
        let note = format!("Setting System properties from file: {}", file.display());
        self.notes.push(note);
        Ok(())
    }

    /// A property, or its default.
    pub(super) fn get<'p>(&'p self, name: &str, default: &'p str) -> &'p str {
        self.values.get(name).map_or(default, String::as_str)
    }

    pub(super) fn is_on(&self, name: &str, default: bool) -> bool {
        match self.values.get(name) {
            Some(value) => value.trim().eq_ignore_ascii_case("true"),
            None => default,
        }
    }
}

fn pairs_of(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("read the properties file {}", file.display()))?;
    read_properties(&String::from_utf8_lossy(&bytes))
        .map_err(|message| anyhow::anyhow!("{}: {message}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_sources_win_and_an_empty_value_removes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let own = write(
            "own.properties",
            "a=file\nb=file\nuser.properties=mine.properties\n",
        );
        write("mine.properties", "b=user\nc=user\n");
        let added = write("added.properties", "c=added\nd=added\n");
        let words = [
            "-p".to_owned(),
            own.display().to_string(),
            "-Jd=early".to_owned(),
            "-q".to_owned(),
            added.display().to_string(),
            "-Ja=".to_owned(),
        ];
        let options = Options::parse(&words).unwrap();
        let properties = gather(&options, folder.path()).unwrap();
        let value = |name: &str| properties.get(name, "-");
        assert_eq!(
            [value("a"), value("b"), value("c"), value("d")],
            ["-", "user", "added", "added"]
        );
    }
}
