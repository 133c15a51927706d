//! Run folders: the samples log, series, manifest and their recovery.
