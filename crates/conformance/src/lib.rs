//! Runs a JMeter plan in JMeter and in Loadline against a recording server and compares.
//!
//! A plan means the same in both if the server gets the same requests and the results file holds the
//! same samples. What JMeter does is recorded, so that Loadline is compared with it on machines
//! without Java too. This crate is not shipped.

pub mod request;

pub mod recorder;

mod answer;

pub mod plan_text;

mod element;
pub mod jmx;

pub mod small;

pub mod trial;

pub mod child;
pub mod jmeter;
pub mod loadline;
pub mod sample;

pub mod corpus;

pub mod exported;

pub mod outcome;
pub mod pattern;
pub mod recorded;
pub mod recorded_times;

pub mod known;
pub mod measure;
pub mod verdict;

pub mod asking;
pub mod trials;

pub mod series;

pub mod page;
