//! The business of Carillon in sentences: no I/O, no clock, no randomness.
