//! The command line of `jmeter`: its options, and ours beside them.
//!
//! Source: JMeter 5.6.3, `JMeter.java` and the parser of Apache Avalon that it uses: values stand
//! behind their option, with or without a space, or behind `=` for a long one.

use std::path::PathBuf;

/// What was asked for.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each switch")]
pub(super) struct Options {
    pub(super) help: bool,
    pub(super) list_options: bool,
    pub(super) version: bool,
    pub(super) non_gui: bool,
    pub(super) plan: Option<String>,
    pub(super) results: Option<String>,
    pub(super) log: Option<PathBuf>,
    pub(super) report_at_end: bool,
    pub(super) report_folder: Option<PathBuf>,
    pub(super) report_only: Option<PathBuf>,
    pub(super) force: bool,
    pub(super) home: Option<PathBuf>,
    pub(super) properties_file: Option<PathBuf>,
    /// What sets properties, in the order of the command line.
    pub(super) settings: Vec<Setting>,
    /// Options that this program cannot follow, with why.
    pub(super) refused: Vec<(&'static str, &'static str)>,
    /// Options that change nothing here.
    pub(super) without_effect: Vec<String>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) allow_unsupported: bool,
    pub(super) allow_outside_files: bool,
    pub(super) own_exit_codes: bool,
    pub(super) run_folder: Option<PathBuf>,
    pub(super) seed: Option<u64>,
    pub(super) threads: Option<usize>,
}

/// Something that sets properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// `-q`: a file.
    File(PathBuf),
    /// `-J`: a name and its value; an empty value takes the property away.
    Property(String, String),
    /// `-S`: a file of system properties.
    SystemFile(PathBuf),
    /// `-D`: the name of a system property and its value; an empty value takes it away.
    SystemProperty(String, String),
}

/// How many values an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
}

/// Short name, long name, values, description.
type Known = (Option<char>, &'static str, Takes, &'static str);

use Takes::{Nothing, Value};

static KNOWN: [Known; 39] = [
    (
        Some('?'),
        "?",
        Nothing,
        "print command line options and exit",
    ),
    (
        Some('h'),
        "help",
        Nothing,
        "print usage information and exit",
    ),
    (
        Some('v'),
        "version",
        Nothing,
        "print the version information and exit",
    ),
    (
        Some('n'),
        "nongui",
        Nothing,
        "run without a graphical interface; needed for a run",
    ),
    (Some('t'), "testfile", Value, "the test plan (.jmx) to run"),
    (Some('l'), "logfile", Value, "the file to write results to"),
    (
        Some('j'),
        "jmeterlogfile",
        Value,
        "the log of the run [default: jmeter.log]",
    ),
    (
        Some('e'),
        "reportatendofloadtests",
        Nothing,
        "make the report behind the run",
    ),
    (
        Some('o'),
        "reportoutputfolder",
        Value,
        "folder of the report [default: report-output]",
    ),
    (
        Some('g'),
        "reportonly",
        Value,
        "sum up this result file only, as statistics.json",
    ),
    (
        Some('f'),
        "forceDeleteResultFile",
        Nothing,
        "delete results and report of before first",
    ),
    (
        Some('p'),
        "propfile",
        Value,
        "properties file instead of jmeter.properties",
    ),
    (
        Some('q'),
        "addprop",
        Value,
        "additional properties file; may be repeated",
    ),
    (
        Some('J'),
        "jmeterproperty",
        Value,
        "set a property: NAME=VALUE; no value removes it",
    ),
    (
        Some('G'),
        "globalproperty",
        Value,
        "property for remote servers: no effect here",
    ),
    (
        Some('D'),
        "systemproperty",
        Value,
        "system property of Java, and the default of JMeter's property",
    ),
    (
        Some('S'),
        "systemPropertyFile",
        Value,
        "file of system properties of Java",
    ),
    (
        Some('L'),
        "loglevel",
        Value,
        "level of JMeter's log: no effect here",
    ),
    (
        Some('i'),
        "jmeterlogconf",
        Value,
        "settings of JMeter's log: no effect here",
    ),
    (
        Some('d'),
        "homedir",
        Value,
        "JMeter's home, whose bin holds properties files",
    ),
    (
        Some('H'),
        "proxyHost",
        Value,
        "proxy of requests that name none",
    ),
    (Some('P'), "proxyPort", Value, "its port"),
    (
        Some('N'),
        "nonProxyHosts",
        Value,
        "hosts reached without the proxy",
    ),
    (Some('u'), "username", Value, "user name for the proxy"),
    (Some('a'), "password", Value, "password for the proxy"),
    (Some('E'), "proxyScheme", Value, "scheme of the proxy: http"),
    (
        Some('r'),
        "runremote",
        Nothing,
        "run on remote servers: not supported",
    ),
    (
        Some('R'),
        "remotestart",
        Value,
        "run on these remote servers: not supported",
    ),
    (
        Some('X'),
        "remoteexit",
        Nothing,
        "stop the remote servers: no effect here",
    ),
    (
        Some('s'),
        "server",
        Nothing,
        "be a JMeter server: not supported",
    ),
    (
        None,
        "i-may-load",
        Value,
        "allow these public hosts (LOADLINE_I_MAY_LOAD)",
    ),
    (
        None,
        "allow-unsupported",
        Nothing,
        "leave out what cannot be run (LOADLINE_ALLOW_UNSUPPORTED)",
    ),
    (
        None,
        "allow-outside-files",
        Nothing,
        "let the plan read any file (LOADLINE_ALLOW_OUTSIDE_FILES)",
    ),
    (
        None,
        "loadline-exit-codes",
        Nothing,
        "exit codes of `loadline run` (LOADLINE_EXIT_CODES)",
    ),
    (
        None,
        "loadline-out",
        Value,
        "keep the run folder here (LOADLINE_OUT)",
    ),
    (
        None,
        "loadline-seed",
        Value,
        "seed of all chance (LOADLINE_SEED)",
    ),
    (
        None,
        "loadline-threads",
        Value,
        "engine threads (LOADLINE_THREADS)",
    ),
    (None, "nogui", Nothing, "the same as --nongui"),
    (None, "options", Nothing, "the same as -?"),
];

const NO_TLS_PROXY: &str = "a proxy is spoken to in the clear only; name one with -H and -P alone";
const NO_REMOTE: &str = "load is made by this machine alone; leave the option out";

/// Properties of Java that name the proxy of requests that name none.
const PROXY_HOST: &str = "http.proxyHost";
const PROXY_PORT: &str = "http.proxyPort";
const NO_PROXY: &str = "http.nonProxyHosts";

impl Options {
    /// Takes `arguments` apart.
    ///
    /// # Errors
    ///
    /// What is wrong with them, in a sentence.
    pub(super) fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, attached) = if let Some(long) = argument.strip_prefix("--") {
                match long.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (long.to_owned(), None),
                }
            } else if let Some(short) = argument.strip_prefix('-').filter(|text| !text.is_empty()) {
                options.take_short(short, &mut rest)?;
                continue;
            } else {
                return Err(format!(
                    "`{argument}` is no option; a plan is named with -t"
                ));
            };
            let known = KNOWN.iter().find(|(_, long, ..)| *long == name);
            let Some(&(_, long, takes, _)) = known else {
                return Err(format!("unknown option --{name}; -? lists all options"));
            };
            let value = match (takes, attached) {
                (Takes::Nothing, None) => String::new(),
                (Takes::Nothing, Some(_)) => return Err(format!("--{long} takes no value")),
                (Takes::Value, Some(value)) => value,
                (Takes::Value, None) => next(&mut rest, &format!("--{long}"))?,
            };
            options.set(long, value)?;
        }
        if options.sets(PROXY_HOST) != options.sets(PROXY_PORT) {
            return Err("-H names the proxy and -P its port: give both or neither".to_owned());
        }
        Ok(options)
    }

    /// One option of one letter with its value, or several without.
    fn take_short<'a>(
        &mut self,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            let known = KNOWN.iter().find(|(short, ..)| *short == Some(letter));
            let Some(&(_, long, takes, _)) = known else {
                return Err(format!("unknown option -{letter}; -? lists all options"));
            };
            if takes == Takes::Nothing {
                self.set(long, String::new())?;
                continue;
            }
            let attached = letters.as_str();
            let value = if attached.is_empty() {
                next(rest, &format!("-{letter}"))?
            } else {
                attached.strip_prefix('=').unwrap_or(attached).to_owned()
            };
            return self.set(long, value);
        }
        Ok(())
    }

    fn set(&mut self, long: &'static str, value: String) -> Result<(), String> {
        let number = |value: &str| {
            let wrong = |_| format!("--{long}: `{value}` is no whole number");
            value.parse::<u64>().map_err(wrong)
        };
        match long {
            "?" | "options" => self.list_options = true,
            "help" => self.help = true,
            "version" => self.version = true,
            "nongui" | "nogui" => self.non_gui = true,
            "testfile" => self.plan = Some(value),
            "logfile" => self.results = Some(value),
            "jmeterlogfile" => self.log = Some(value.into()),
            "reportatendofloadtests" => self.report_at_end = true,
            "reportoutputfolder" => self.report_folder = Some(value.into()),
            "reportonly" => self.report_only = Some(value.into()),
            "forceDeleteResultFile" => self.force = true,
            "propfile" => self.properties_file = Some(value.into()),
            "addprop" => self.settings.push(Setting::File(value.into())),
            "jmeterproperty" => {
                let (name, value) = value.split_once('=').unwrap_or((&value, ""));
                self.set_property(name, value.to_owned());
            }
            "systemproperty" => {
                let (name, value) = value.split_once('=').unwrap_or((&value, ""));
                self.set_of_java(name, value.to_owned());
            }
            "systemPropertyFile" => self.settings.push(Setting::SystemFile(value.into())),
            "homedir" => self.home = Some(value.into()),
            "proxyHost" => self.set_of_java(PROXY_HOST, value),
            "proxyPort" => self.set_of_java(PROXY_PORT, value),
            "nonProxyHosts" => self.set_of_java(NO_PROXY, value),
            "username" => self.set_property("http.proxyUser", value),
            "password" => self.set_property("http.proxyPass", value),
            "proxyScheme" if value == "http" => {}
            "proxyScheme" => self.refused.push((long, NO_TLS_PROXY)),
            "runremote" | "remotestart" | "server" => self.refused.push((long, NO_REMOTE)),
            "i-may-load" => {
                let hosts = value.split(',').map(str::trim);
                let hosts = hosts.filter(|host| !host.is_empty()).map(str::to_owned);
                self.allowed_hosts.extend(hosts);
            }
            "allow-unsupported" => self.allow_unsupported = true,
            "allow-outside-files" => self.allow_outside_files = true,
            "loadline-exit-codes" => self.own_exit_codes = true,
            "loadline-out" => self.run_folder = Some(value.into()),
            "loadline-seed" => self.seed = Some(number(&value)?),
            "loadline-threads" => self.threads = usize::try_from(number(&value)?).ok(),
            // Those of Java, of its log and of remote servers.
            _ => self.without_effect.push(format!("--{long} {value}")),
        }
        Ok(())
    }

    fn sets(&self, property: &str) -> bool {
        let is_it = |setting: &Setting| matches!(setting, Setting::SystemProperty(name, _) if name == property);
        self.settings.iter().any(is_it)
    }

    fn set_of_java(&mut self, property: &str, value: String) {
        let setting = Setting::SystemProperty(property.to_owned(), value);
        self.settings.push(setting);
    }

    fn set_property(&mut self, property: &str, value: String) {
        let setting = Setting::Property(property.to_owned(), value);
        self.settings.push(setting);
    }

    /// Fills in from the environment what the command line does not say. `read` gives a variable.
    ///
    /// # Errors
    ///
    /// A value that does not fit its variable.
    pub(super) fn add_environment(
        &mut self,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), String> {
        // What JMeter's start script hands to Java comes before the command line.
        let java = read("JVM_ARGS").unwrap_or_default();
        let java = java
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("-D"));
        let java = java.map(|setting| {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            Setting::SystemProperty(name.to_owned(), value.to_owned())
        });
        self.settings.splice(0..0, java.collect::<Vec<_>>());
        if read("JVM_ARGS").is_some_and(|java| java.contains("-Duser.timezone=")) {
            let zone = "-Duser.timezone in JVM_ARGS; the variable TZ names the time zone";
            self.without_effect.push(zone.to_owned());
        }
        let is_on = |name| read(name).is_some_and(|value| value != "false" && value != "0");
        self.allow_unsupported |= is_on("LOADLINE_ALLOW_UNSUPPORTED");
        self.allow_outside_files |= is_on("LOADLINE_ALLOW_OUTSIDE_FILES");
        self.own_exit_codes |= is_on("LOADLINE_EXIT_CODES");
        for (name, long, is_set) in [
            (
                "LOADLINE_I_MAY_LOAD",
                "i-may-load",
                !self.allowed_hosts.is_empty(),
            ),
            ("LOADLINE_OUT", "loadline-out", self.run_folder.is_some()),
            ("LOADLINE_SEED", "loadline-seed", self.seed.is_some()),
            (
                "LOADLINE_THREADS",
                "loadline-threads",
                self.threads.is_some(),
            ),
        ] {
            if !is_set && let Some(value) = read(name) {
                self.set(long, value)?;
            }
        }
        Ok(())
    }
}

fn next<'a>(rest: &mut impl Iterator<Item = &'a String>, name: &str) -> Result<String, String> {
    let value = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
    Ok(value.clone())
}

/// The list that `-?` prints.
pub(super) fn list() -> String {
    let mut text = String::new();
    for &(short, long, takes, about) in &KNOWN {
        let short = short.map_or(String::new(), |letter| format!("-{letter}, "));
        let value = if takes == Takes::Value {
            " <argument>"
        } else {
            ""
        };
        text += &format!("\t{short}--{long}{value}\n\t\t{about}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn values_stand_behind_their_option_in_every_way_that_jmeter_takes() {
        let options =
            parse("-n -t plan.jmx -lout.jtl --jmeterlogfile=a.log -Jx=1 -J y=a=b").unwrap();
        assert!(options.non_gui);
        assert_eq!(options.plan.as_deref(), Some("plan.jmx"));
        assert_eq!(options.results.as_deref(), Some("out.jtl"));
        assert_eq!(options.log, Some("a.log".into()));
        let set = |name: &str, value: &str| Setting::Property(name.to_owned(), value.to_owned());
        assert_eq!(options.settings, [set("x", "1"), set("y", "a=b")]);
        let options = parse("-nef --reportoutputfolder dir -q a.properties -Jz").unwrap();
        assert!(options.non_gui && options.report_at_end && options.force);
        let file = Setting::File("a.properties".into());
        assert_eq!(options.settings, [file, set("z", "")]);
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        assert!(parse("-n -t").unwrap_err().contains("needs a value"));
        assert!(parse("plan.jmx").unwrap_err().contains("-t"));
        assert!(parse("--nothing").unwrap_err().contains("--nothing"));
        assert!(parse("-n -y").unwrap_err().contains("-y"));
        let names = |line| parse(line).unwrap().refused;
        assert_eq!(names("-r")[0].0, "runremote");
        assert_eq!(names("-R a,b")[0].0, "remotestart");
        assert_eq!(names("-E https")[0].0, "proxyScheme");
        let set = |name: &str, value: &str| Setting::Property(name.to_owned(), value.to_owned());
        let system =
            |name: &str, value: &str| Setting::SystemProperty(name.to_owned(), value.to_owned());
        assert_eq!(
            parse("-H proxy -P 8080 -N *.test -u me -a secret")
                .unwrap()
                .settings,
            [
                system("http.proxyHost", "proxy"),
                system("http.proxyPort", "8080"),
                system("http.nonProxyHosts", "*.test"),
                set("http.proxyUser", "me"),
                set("http.proxyPass", "secret"),
            ]
        );
        assert_eq!(parse("-Gx=1").unwrap().without_effect.len(), 1);
        assert!(parse("-H proxy").is_err() && parse("-P 8080").is_err());
        let of_java = parse("-Dx=1 -S a.properties").unwrap();
        let file = Setting::SystemFile("a.properties".into());
        assert_eq!(of_java.settings, [system("x", "1"), file]);
        assert!(of_java.without_effect.is_empty());
    }

    #[test]
    fn system_properties_of_javas_own_arguments_come_first() {
        let mut options = parse("-Dx=2").unwrap();
        let java = |name: &str| (name == "JVM_ARGS").then(|| "-Xmx1g -Dx=1 -Dy".to_owned());
        options.add_environment(&java).unwrap();
        let system =
            |name: &str, value: &str| Setting::SystemProperty(name.to_owned(), value.to_owned());
        let expected = [system("x", "1"), system("y", ""), system("x", "2")];
        assert_eq!(options.settings, expected);
    }

    #[test]
    fn the_environment_says_what_the_command_line_leaves_open() {
        let read = |name: &str| match name {
            "LOADLINE_I_MAY_LOAD" => Some("a.example, b.example".to_owned()),
            "LOADLINE_SEED" => Some("7".to_owned()),
            "LOADLINE_EXIT_CODES" => Some("true".to_owned()),
            _ => None,
        };
        let mut options = parse("--loadline-seed 5").unwrap();
        options.add_environment(&read).unwrap();
        assert_eq!(options.allowed_hosts, ["a.example", "b.example"]);
        assert_eq!((options.seed, options.own_exit_codes), (Some(5), true));
    }
}
