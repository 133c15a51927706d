//! Rates, quantiles, byte counts, run time and the clock they are read from.
