//! The ground floor: ids, numbers, time, places, and what a call is. Depends on nothing above.

pub mod call;
pub mod channel;
pub mod ids;
pub mod interaction_status;
pub(crate) mod is_default;
pub mod language_model;
pub mod message;
pub mod numbering;
pub mod outcome;
pub mod phone;
pub mod provider;
pub mod reason;
pub mod recording;
pub mod rng;
pub mod scope;
pub mod subscriber;
pub mod time;
pub mod timing;
pub mod zone;
