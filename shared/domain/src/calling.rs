//! From the dial to the end of a call, in both directions, and what is said in it.

pub mod dial;
pub mod inbound;
pub mod keywords;
pub mod lead_action;
pub mod outcome;
pub mod personalization;
pub mod reply;
pub mod sms_segments;
pub mod template;
pub mod template_check;
pub mod text_message;
pub mod values;
pub mod wish;
