//! Loadline's one binary.

fn main() {}
