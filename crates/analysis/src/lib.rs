//! Judges a run: steady windows, intervals, limits, verdict, breaking range, bottleneck, comparison.
