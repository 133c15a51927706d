//! Where a run's files are, as shown.

/// Paths of a run's files as the caller shows them; relative ones keep outputs the same wherever the
/// folder is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunPaths {
    /// The run folder, such as `loadline-runs/2026-11-23T10-15-02Z-stress`; empty without one.
    pub folder: String,
    /// The HTML report; empty without one.
    pub report: String,
}

impl RunPaths {
    /// The folder's own name, without the folders above it.
    pub(crate) fn folder_name(&self) -> &str {
        self.folder
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
    }
}
