//! Histograms, counters and series, and how they merge.
