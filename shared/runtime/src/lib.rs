//! Composition: configuration, clock, telemetry, batches, the World that handlers get.
