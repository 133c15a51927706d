//! Turns load profiles into user windows, arrivals and steps.
//!
//! A [`LoadProfile`] is a plan's load with its numbers. From it follow, as pure functions of the
//! profile and of time: when each user of a closed load starts and ends ([`UserWindow`]), when each
//! iteration of an open load starts ([`Arrivals`]), and which stretches of constant load the
//! analysis judges ([`Step`]). A run that is split over several processes uses [`Segment`]s; the
//! parts together offer exactly what one would.
//!
//! Not here: running anything, reading clocks, iterations and think times.

mod arrivals;
mod curve;
mod interval_arrivals;
mod jmeter_number;
mod native;
mod open_model;
mod plugin_arrivals;
mod profile;
mod segment;
mod step;
mod users;

pub use arrivals::Arrivals;
pub use open_model::ArrivalInterval;
pub use plugin_arrivals::{PluginRate, RateRow};
pub use profile::{LoadError, LoadProfile, Seeding, UltimateNumbers};
pub use segment::Segment;
pub use step::{Step, StepLoad, combine_steps};
pub use users::{IterationBound, UserWindow};
