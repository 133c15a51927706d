//! Reads and writes Loadline's YAML plans.
