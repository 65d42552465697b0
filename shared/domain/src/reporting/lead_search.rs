//! Finding leads: what is kept of each to find and sort it by, and how a page of them is chosen.
//!
//! The search index of a campaign holds an entry for each of its leads, much smaller than the lead. Who
//! looks for some goes through all entries and keeps the few of a page.

mod entry;
mod page;
mod sort;

pub use entry::{Entry, IndexedLead};
pub use page::{FoundPage, PageSearch};
pub use sort::{LeadPlace, LeadSort, SortValue};
