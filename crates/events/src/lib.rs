//! What a run says: samples, readings, phases and the generator's health.
