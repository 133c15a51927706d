//! Virtual users in time: controllers, timers, processors and the sampler trait.
