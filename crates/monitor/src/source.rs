//! Which server is meant: `local` or `pid:N`.

/// Where a server's readings come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The processes on this machine that listen on the port.
    Local {
        /// TCP port of the target.
        port: u16,
    },
    /// The process of this id, and its children.
    Pid(u32),
}

/// Why a text names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// A kind of source that is not known.
    #[error("unknown server source `{text}`; known are `local` and `pid:N`")]
    Unknown {
        /// The text as given.
        text: String,
    },
}

impl Source {
    /// Reads a source. `target` is the port of the load's target if it is on this machine, or its
    /// address as text if it is not.
    ///
    /// # Errors
    ///
    /// When the text names no known source, or `local` is asked for a target elsewhere.
    pub fn parse(text: &str, target: Result<u16, &str>) -> Result<Self, SourceError> {
        if let Some(pid) = text.strip_prefix("pid:") {
            return match pid.trim().parse() {
                Ok(pid) if pid > 0 => Ok(Source::Pid(pid)),
                _ => Err(SourceError::BadPid {
                    text: pid.to_owned(),
                }),
            };
        }
        match (text, target) {
            ("local", Ok(port)) => Ok(Source::Local { port }),
            ("local", Err(target)) => Err(SourceError::NotLocal {
                target: target.to_owned(),
            }),
            _ => Err(SourceError::Unknown {
                text: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read() {
        assert_eq!(
            Source::parse("local", Ok(8000)),
            Ok(Source::Local { port: 8000 })
        );
        assert_eq!(Source::parse("pid:12", Err("x")), Ok(Source::Pid(12)));
        for wrong in ["pid:", "pid:0", "pid:x", "docker:x", ""] {
            assert!(Source::parse(wrong, Ok(1)).is_err(), "{wrong}");
        }
        assert!(Source::parse("local", Err("example.com")).is_err());
    }
}
