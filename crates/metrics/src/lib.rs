//! Histograms, counters and series, and how they merge.
//!
//! Samples become per-second distributions by step and label ([`RunSeries`]); everything merges by
//! addition, so the order and grouping of merges never matter. [`RunData`] is a whole run as the
//! analysis takes it.
//!
//! Not here: statistics that make claims (see `analysis`), files (see `store`).

mod aggregate;
mod bucket;
mod buckets;
mod distribution;
mod histogram;
mod run;
mod series;

pub use aggregate::Aggregator;
pub use bucket::{BUCKET_COUNT, MAX_VALUE_US, bucket_of, highest_in_bucket, lowest_in_bucket};
pub use buckets::Buckets;
pub use distribution::Distribution;
pub use histogram::{Histogram, Quantity};
pub use run::{
    GeneratorFacts, GroupTiming, Label, LoadModel, RunData, RunFacts, ServerSeries, StepLoad,
    StepWindow,
};
pub use series::{
    CellSeries, EndedSecond, ErrorKey, ErrorSeries, IntendedSecond, NetworkParts, RunSeries,
    SeriesDelta, StepTotals,
};
