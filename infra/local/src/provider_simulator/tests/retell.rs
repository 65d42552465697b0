//! The network as its callers at Retell see it.

mod http;
mod magic;
mod webhooks;
