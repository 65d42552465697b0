//! The simulation: the pure core under faults, by seed.
