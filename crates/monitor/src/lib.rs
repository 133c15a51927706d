//! Reads the resources of the servers under test.
