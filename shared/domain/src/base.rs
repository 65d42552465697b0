//! The ground floor: ids, numbers, time, places, and what a call is. Depends on nothing above.

pub mod call;
pub mod channel;
pub mod ids;
pub mod numbering;
pub mod phone;
pub mod rng;
pub mod scope;
pub mod time;
pub mod zone;
