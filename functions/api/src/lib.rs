//! The HTTP API: one router, one file for each resource.
//!
//! A request passes the same stations everywhere: the [key](first_api_key) names the workspace and says what
//! may be done there, path
//! and query are read strictly, the body is read strictly, the resource's own function decides, and
//! whatever goes wrong on the way ends as problem+json. Nothing that a client sends is answered
//! with a 5xx; these say that a neighbour of ours did not answer.

mod api_keys;
mod assistants;
mod audit;
mod auth;
mod caller_numbers;
mod callers;
mod calls;
mod campaigns;
mod contact_lists;
mod contacts;
mod credits;
mod csv;
mod do_not_call;
mod evidence;
mod explain;
mod exports;
mod health;
mod http;
mod imports;
mod interactions;
mod jobs;
mod keys;
mod language_model;
mod leads;
mod mappings;
mod money;
mod openapi;
mod operation;
mod reasons;
mod recordings;
mod rejected_rows;
mod router;
mod rules;
mod secrets;
mod slots;
mod unread_events;
mod webhook_endpoints;
mod workspace;

pub use http::json::MAX_BODY_BYTES;
pub use keys::{first_api_key, first_key_record, random_bytes};
pub use router::{openapi, router};
