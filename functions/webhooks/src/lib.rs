//! Learns from the providers what became of a call.
