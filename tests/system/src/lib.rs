//! The real handlers over the embedded table, on a virtual clock.
