//! The HTTP API, resource by resource, over the embedded table.

mod access;
mod bad_input;
mod calls;
mod campaigns;
mod imports;
mod interactions;
mod leads;
mod lifecycle;
mod once;
mod pages;
mod stats;
mod voices;
