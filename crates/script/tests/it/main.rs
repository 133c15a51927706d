//! The interpreter against recorded answers of the real engines.

mod vectors;
