//! Turns load profiles into user windows, arrivals and steps.
