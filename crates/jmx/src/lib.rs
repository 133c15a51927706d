//! Reads JMeter test plans.
