//! JMeter properties that rule requests: read once by each engine thread.

use loadline_engine::Scope;

/// What a request to a fresh URL gives (`cache_manager.cached_resource_mode`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum CachedMode {
    /// No sample.
    #[default]
    NoSample,
    /// A good sample with this code and message.
    Sample { code: u16, message: Box<str> },
}

/// Settings in JMeter properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) cached: CachedMode,
    /// `httpsampler.ignore_failed_embedded_resources`.
    pub(crate) ignore_failed_resources: bool,
    /// `httpsampler.max_redirects`.
    pub(crate) most_redirects: u32,
    /// `httpsampler.max_frame_depth`.
    pub(crate) most_frames: u32,
    /// `httpsampler.embedded_resources_use_md5`.
    pub(crate) resources_by_md5: bool,
    /// File and password of the client's certificates (`javax.net.ssl.keyStore`); `None` for none.
    pub(crate) key_store: Option<(String, String)>,
    /// Whether Basic goes out with the first request (`httpclient4.auth.preemptive`).
    pub(crate) is_preemptive: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self::read(|_| None)
    }
}

impl Settings {
    /// The settings of the run that `scope` belongs to.
    pub(crate) fn of(scope: &Scope<'_>) -> Self {
        let run = scope.functions.run();
        Self::read(|name| run.property(name))
    }

    fn read(property: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| property(name).map(|value| value.trim().to_owned());
        let flag = |name: &str, default| {
            text(name).map_or(default, |value| value.eq_ignore_ascii_case("true"))
        };
        let number = |name: &str, default| {
            text(name)
                .and_then(|value| value.parse().ok())
                .unwrap_or(default)
        };
        let cached = match text("cache_manager.cached_resource_mode").as_deref() {
            Some("RETURN_200_CACHE") => CachedMode::Sample {
                code: 200,
                message: text("RETURN_200_CACHE.message")
                    .unwrap_or_else(|| "(ex cache)".to_owned())
                    .into(),
            },
            Some("RETURN_CUSTOM_STATUS") => CachedMode::Sample {
                code: number("RETURN_CUSTOM_STATUS.code", 0)
                    .try_into()
                    .unwrap_or_default(),
                message: text("RETURN_CUSTOM_STATUS.message")
                    .unwrap_or_default()
                    .into(),
            },
            _ => CachedMode::NoSample,
        };
        Self {
            cached,
            ignore_failed_resources: flag("httpsampler.ignore_failed_embedded_resources", false),
            most_redirects: number("httpsampler.max_redirects", 20),
            most_frames: number("httpsampler.max_frame_depth", 5),
            resources_by_md5: flag("httpsampler.embedded_resources_use_md5", false),
            key_store: property("javax.net.ssl.keyStore")
                .filter(|file| !file.is_empty())
                .map(|file| {
                    let password = property("javax.net.ssl.keyStorePassword");
                    (file, password.unwrap_or_default())
                }),
            is_preemptive: flag("httpclient4.auth.preemptive", true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_change_the_defaults() {
        let defaults = Settings::default();
        assert_eq!(defaults.cached, CachedMode::NoSample);
        assert_eq!((defaults.most_redirects, defaults.most_frames), (20, 5));
        let with = |pairs: &[(&str, &str)]| {
            Settings::read(|name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let mode = ("cache_manager.cached_resource_mode", "RETURN_200_CACHE");
        let sample = |code, message: &str| CachedMode::Sample {
            code,
            message: message.into(),
        };
        assert_eq!(with(&[mode]).cached, sample(200, "(ex cache)"));
        let custom = [
            ("cache_manager.cached_resource_mode", "RETURN_CUSTOM_STATUS"),
            ("RETURN_CUSTOM_STATUS.code", "304"),
            ("RETURN_CUSTOM_STATUS.message", "kept"),
        ];
        assert_eq!(with(&custom).cached, sample(304, "kept"));
        let changed = with(&[
            ("httpsampler.max_redirects", " 3 "),
            ("httpsampler.ignore_failed_embedded_resources", "TRUE"),
        ]);
        assert_eq!(changed.most_redirects, 3);
        assert!(changed.ignore_failed_resources);
    }
}
