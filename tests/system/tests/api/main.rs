//! The HTTP API, resource by resource, over the embedded table.

mod access;
mod bad_input;
mod borne_out;
mod callbacks;
mod calls;
mod campaigns;
mod credits;
mod do_not_call;
mod explain;
mod forecast;
mod imports;
mod interactions;
mod leads;
mod lifecycle;
mod once;
mod pages;
mod preview;
mod routes;
mod rules;
mod stats;
mod voices;
mod workspace;
