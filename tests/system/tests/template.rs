//! `infra/template.yaml` against the wiring of the local system, and against the rules that
//! every queue, function and policy keeps.

mod document;
mod functions;
mod gateway;
mod policies;
mod queues;
mod schema;
mod stores;
mod stream;
