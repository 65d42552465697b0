//! Where the analysis of a conversation keeps what the agent collected.

use carillon_domain::base::call::PersonRequest;
use carillon_domain::base::interaction_status::Qualification;
use serde_json::Value;

use crate::voice::collected;

/// Where collected data stand in an analysis, or in one of its `scoped` blocks: a map by id, or a list. The blocks, one
/// for each agent of the conversation, are a list, or a map by agent.
const PLACES: [&str; 2] = ["data_collection_results", "data_collection_results_list"];

/// What was asked for, and the words that say so; none if nothing was.
pub(super) fn request(analysis: &Value) -> Option<(PersonRequest, String)> {
    collected::request(collections(analysis))
}

/// What the assistant noted of the person.
pub(super) fn qualification(analysis: &Value) -> Option<Qualification> {
    collected::qualification(collections(analysis))
}

fn collections(analysis: &Value) -> impl Iterator<Item = &Value> {
    let blocks = std::iter::once(analysis).chain(scoped(analysis));
    blocks.flat_map(|block| PLACES.into_iter().filter_map(move |place| block.get(place)))
}

fn scoped(analysis: &Value) -> Vec<&Value> {
    match analysis.get("scoped") {
        Some(Value::Array(blocks)) => blocks.iter().collect(),
        Some(Value::Object(blocks)) => blocks.values().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wish_is_found_wherever_it_stands() {
        for analysis in [
            json!({"data_collection_results": {"do_not_call": {"value": true}}}),
            json!({"data_collection_results_list": [{"name": "opt-out", "value": "stop calling"}]}),
            json!({"scoped": [{"data_collection_results": {"do-not-call": {"name": null, "value": true}}}]}),
            json!({"scoped": {"agent_1": {"data_collection_results": {"i": {"name": "dnc", "value": true}}}}}),
            json!({"data_collection_results": {"do_not_call": {"value": false}},
                   "scoped": [null, {"data_collection_results_list": [{"name": "do_not_call", "value": true}]}]}),
        ] {
            let asked = request(&analysis).map(|(request, _)| request);
            assert_eq!(asked, Some(PersonRequest::DoNotCall), "{analysis}");
        }
        assert_eq!(request(&json!({"do_not_call": true})), None);
        let noted =
            json!({"scoped": [{"data_collection_results_list": [{"name": "qualified", "value": true}]}]});
        assert_eq!(qualification(&noted), Some(Qualification::Qualified));
    }
}
