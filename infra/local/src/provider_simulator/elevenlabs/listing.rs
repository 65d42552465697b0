//! The list of conversations: `GET /v1/convai/conversations`.

use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::PROVIDER;
use super::conversation::summary;
use crate::provider_simulator::call::Call;
use crate::provider_simulator::calls::Exchange;

/// Rows of a page unless asked for.
pub(super) const DEFAULT_PAGE_SIZE: usize = 30;
/// The most rows of a page.
pub(super) const MAX_PAGE_SIZE: usize = 100;

/// Which conversations are asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) user_id: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) start_after_secs: Option<i64>,
    pub(super) start_before_secs: Option<i64>,
    /// The conversation that ended the page before.
    pub(super) cursor: Option<String>,
    pub(super) page_size: usize,
}

impl Filter {
    fn admits(&self, call: &Call) -> bool {
        let started_secs = call.placed_at.as_secs();
        self.agent_id.as_ref().is_none_or(|agent_id| *agent_id == call.order.agent_id)
            && self.start_after_secs.is_none_or(|after_secs| started_secs >= after_secs)
            && self.start_before_secs.is_none_or(|before_secs| started_secs <= before_secs)
    }
}

/// A page, the latest conversations first. A new conversation shows up only after a while.
pub(super) fn page(exchange: &Exchange, now: Timestamp, filter: &Filter) -> Value {
    let listed_until = now.plus_ms(-exchange.settings().listing_lag_ms);
    let mut passed = filter.cursor.is_none();
    let mut rest = exchange
        .calls_of(PROVIDER, filter.user_id.as_deref())
        .rev()
        .filter(|call| {
            let before = !passed;
            passed |= filter.cursor.as_ref() == Some(&call.id);
            !before
        })
        .filter(|call| call.placed_at <= listed_until && filter.admits(call));
    let rows: Vec<&Call> = rest.by_ref().take(filter.page_size).collect();
    let has_more = rest.next().is_some();
    let next_cursor = rows.last().filter(|_| has_more).map(|call| &call.id);
    json!({
        "conversations": rows.iter().map(|call| summary(call, now)).collect::<Vec<Value>>(),
        "next_cursor": next_cursor,
        "has_more": has_more,
    })
}
