//! What is allowed and how often: hours, the law, caps, retries, rates, breakers, fair shares.

pub mod assistant;
pub mod cadence;
pub mod caller_pool;
pub mod caps;
pub mod circuit_breaker;
pub mod do_not_call;
pub mod fair_share;
pub mod hours;
pub mod rate_limit;
pub mod recording_retention;
pub mod retry;
pub mod rules;
pub mod schedule;
pub mod sms_sender;
pub mod tariff;
pub mod variables;
