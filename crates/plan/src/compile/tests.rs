//! Compiling small plans.
