//! The HTTP API: one router, one file for each resource.
