//! May this person be called now? One answer, with its evidence.

pub mod eligibility;
pub mod manual_call;
