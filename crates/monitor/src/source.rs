//! Which server is meant: `local`, `pid:N` or `postgres://…`.

use postgres::Config;

use crate::listener::Place;

/// Where a server's readings come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The processes on this machine that listen where the target is.
    Local(Place),
    /// The process of this id, and its children.
    Pid(u32),
    /// A PostgreSQL database, by its own statistics.
    Postgres(Box<Config>),
}

/// Why a text names no source.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// `local` without a target on this machine.
    #[error("server source `local` needs a target on this machine, but the target is {target}")]
    NotLocal {
        /// The target as given.
        target: String,
    },
    /// A process id that is none.
    #[error("`{text}` is not a process id in server source `pid:{text}`")]
    BadPid {
        /// The text after `pid:`.
        text: String,
    },
    /// An address of a database that cannot be read.
    #[error("the address of a database is not of the form postgres://USER@HOST:PORT/NAME")]
    BadAddress {
        /// What is wrong with it. The address itself may hold a password and is not repeated.
        #[source]
        source: std::sync::Arc<postgres::Error>,
    },
    /// A kind of source that is not known.
    #[error("unknown server source `{text}`; known are `local`, `pid:N` and `postgres://…`")]
    Unknown {
        /// The text as given.
        text: String,
    },
}

impl Source {
    /// Reads a source. `target` is where the load's target listens if it is on this machine, or its
    /// address as text if it is not.
    ///
    /// # Errors
    ///
    /// When the text names no known source, or `local` is asked for a target elsewhere.
    pub fn parse(text: &str, target: Result<Place, &str>) -> Result<Self, SourceError> {
        if let Some(pid) = text.strip_prefix("pid:") {
            return match pid.trim().parse() {
                Ok(pid) if pid > 0 => Ok(Source::Pid(pid)),
                _ => Err(SourceError::BadPid {
                    text: pid.to_owned(),
                }),
            };
        }
        if is_postgres(text) {
            return match text.parse() {
                Ok(config) => Ok(Source::Postgres(Box::new(config))),
                Err(error) => Err(SourceError::BadAddress {
                    source: std::sync::Arc::new(error),
                }),
            };
        }
        match (text, target) {
            ("local", Ok(place)) => Ok(Source::Local(place)),
            ("local", Err(target)) => Err(SourceError::NotLocal {
                target: target.to_owned(),
            }),
            _ => Err(SourceError::Unknown {
                text: text.to_owned(),
            }),
        }
    }
}

fn is_postgres(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

/// A source as it may be shown and kept: without the password of a database.
#[must_use]
pub fn without_password(source: &str) -> String {
    if !is_postgres(source) {
        return source.to_owned();
    }
    let (scheme, rest) = source.split_once("://").unwrap_or(("", source));
    let rest = match rest.rsplit_once('@') {
        Some((user, place)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{user}@{place}")
        }
        None => rest.to_owned(),
    };
    // A password may stand among the parameters too.
    let shown = rest.split('?').next().unwrap_or_default();
    format!("{scheme}://{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read() {
        let source = |text: &str, target| Source::parse(text, target).unwrap();
        assert!(matches!(
            source("local", Ok(Place::Port(8000))),
            Source::Local(Place::Port(8000))
        ));
        assert!(matches!(source("pid:12", Err("x")), Source::Pid(12)));
        for wrong in ["pid:", "pid:0", "pid:x", "docker:x", ""] {
            assert!(Source::parse(wrong, Ok(Place::Port(1))).is_err(), "{wrong}");
        }
        assert!(Source::parse("local", Err("example.com")).is_err());
        let database = Source::parse("postgres://ann@127.0.0.1:5433/shop", Err("x"));
        assert!(matches!(database, Ok(Source::Postgres(_))));
        let wrong = Source::parse("postgres://ann:secret@host:port/shop", Ok(Place::Port(1)));
        let error = wrong.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn passwords_are_not_shown() {
        for (source, shown) in [
            ("local", "local"),
            (
                "postgres://ann:se@cret@127.0.0.1:5433/shop?password=x",
                "postgres://ann@127.0.0.1:5433/shop",
            ),
            ("postgres://127.0.0.1/shop", "postgres://127.0.0.1/shop"),
        ] {
            assert_eq!(without_password(source), shown);
        }
    }
}
