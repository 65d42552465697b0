//! The HTTP API, resource by resource, over the embedded table.

mod access;
mod api_keys;
mod audit;
mod bad_input;
mod borne_out;
mod callbacks;
mod callers;
mod calls;
mod campaigns;
mod credits;
mod do_not_call;
mod dropped;
mod etag;
mod explain;
mod forecast;
mod idempotency;
mod imports;
mod interactions;
mod leads;
mod lifecycle;
mod pagination;
mod preview;
mod routes;
mod rules;
mod stats;
mod workspace;
