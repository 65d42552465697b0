//! May this person be called now? One answer, with its evidence.

pub mod allowed_moments;
pub mod eligibility;
mod evidence;
pub mod manual_call;
