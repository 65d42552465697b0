//! The list of calls: `POST /v3/list-calls`.

use carillon_domain::base::time::Timestamp;
use serde_json::{Map, Value, json};

use super::PROVIDER;
use super::phone_call::listed;
use crate::provider_simulator::call::Call;
use crate::provider_simulator::calls::Exchange;

/// Rows of a page unless asked for.
const DEFAULT_LIMIT: usize = 50;
/// The most rows of a page.
const MAX_LIMIT: usize = 1_000;

/// Which calls are asked for.
#[derive(Debug, Clone)]
pub(super) struct Question {
    metadata: Vec<TextFilter>,
    limit: usize,
    /// The call that ended the page before.
    pagination_key: Option<String>,
    is_ascending: bool,
}

/// What a text of the metadata has to be like.
#[derive(Debug, Clone)]
struct TextFilter {
    key: String,
    op: Op,
    value: String,
}

#[derive(Debug, Clone, Copy)]
enum Op {
    Equals,
    Differs,
    StartsWith,
    EndsWith,
    Contains,
}

/// The question in a request body, or what is wrong with it. What the provider could be asked besides is refused: to
/// pass it over would list calls that nobody asked for.
pub(super) fn question(body: &[u8]) -> Result<Question, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "body must be JSON".to_owned())?;
    let fields = body.as_object().ok_or("body must be object")?;
    let known = ["filter_criteria", "limit", "pagination_key", "sort_order"];
    only(fields, "body", &known)?;
    let limit = match fields.get("limit") {
        None => DEFAULT_LIMIT,
        Some(limit) => limit
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| format!("body/limit must be integer >= 1 and <= {MAX_LIMIT}"))?,
    };
    let pagination_key = match fields.get("pagination_key") {
        None => None,
        Some(Value::String(key)) => Some(key.clone()),
        Some(_) => return Err("body/pagination_key must be string".to_owned()),
    };
    let is_ascending = match fields.get("sort_order").map(Value::as_str) {
        None | Some(Some("descending")) => false,
        Some(Some("ascending")) => true,
        Some(_) => return Err("body/sort_order must be equal to one of the allowed values".to_owned()),
    };
    Ok(Question { metadata: metadata(fields.get("filter_criteria"))?, limit, pagination_key, is_ascending })
}

fn metadata(criteria: Option<&Value>) -> Result<Vec<TextFilter>, String> {
    let path = "body/filter_criteria";
    let Some(criteria) = criteria else { return Ok(Vec::new()) };
    let criteria = criteria.as_object().ok_or_else(|| format!("{path} must be object"))?;
    only(criteria, path, &["metadata"])?;
    let Some(filters) = criteria.get("metadata") else { return Ok(Vec::new()) };
    let filters = filters.as_array().ok_or_else(|| format!("{path}/metadata must be array"))?;
    let filter =
        |filter: &Value| TextFilter::of(filter).ok_or_else(|| format!("{path}/metadata must match a filter"));
    filters.iter().map(filter).collect()
}

fn only(fields: &Map<String, Value>, path: &str, known: &[&str]) -> Result<(), String> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("{path}/{name} is not simulated")),
        None => Ok(()),
    }
}

impl TextFilter {
    fn of(filter: &Value) -> Option<Self> {
        let text = |name: &str| filter.get(name)?.as_str();
        let op = match (text("type")?, text("op")?) {
            ("string", "eq") => Op::Equals,
            ("string", "ne") => Op::Differs,
            ("string", "sw") => Op::StartsWith,
            ("string", "ew") => Op::EndsWith,
            ("string", "co") => Op::Contains,
            _ => return None,
        };
        Some(Self { key: text("key")?.to_owned(), op, value: text("value")?.to_owned() })
    }

    fn admits(&self, call: &Call) -> bool {
        let kept = call.order.metadata.get(&self.key).and_then(Value::as_str);
        match self.op {
            Op::Equals => kept == Some(&self.value),
            Op::Differs => kept != Some(&self.value),
            Op::StartsWith => kept.is_some_and(|kept| kept.starts_with(&self.value)),
            Op::EndsWith => kept.is_some_and(|kept| kept.ends_with(&self.value)),
            Op::Contains => kept.is_some_and(|kept| kept.contains(&self.value)),
        }
    }
}

/// A page. A new call shows up only after a while.
pub(super) fn page(exchange: &Exchange, now: Timestamp, question: &Question) -> Value {
    let listed_until = now.plus_ms(-exchange.settings().listing_lag_ms);
    let is_listed = |call: &&Call| {
        call.placed_at <= listed_until && question.metadata.iter().all(|filter| filter.admits(call))
    };
    let calls = exchange.calls_of(PROVIDER, None).filter(is_listed);
    let calls: Vec<&Call> = if question.is_ascending { calls.collect() } else { calls.rev().collect() };
    let behind =
        |key: &String| calls.iter().position(|call| call.id == *key).map_or(calls.len(), |at| at + 1);
    let from = question.pagination_key.as_ref().map_or(0, behind);
    let rows: Vec<&Call> = calls.iter().skip(from).take(question.limit).copied().collect();
    let items: Vec<Value> = rows.iter().map(|call| listed(call, now)).collect();
    let has_more = calls.len() > from + items.len();
    let mut page = json!({"items": items, "has_more": has_more});
    if let Some(last) = rows.last().filter(|_| has_more) {
        page["pagination_key"] = json!(last.id);
    }
    page
}
