//! The reference REST backend with known capacity, bottlenecks and faults.
