//! Where the analysis of a conversation keeps what the agent collected.

use carillon_domain::base::call::PersonRequest;
use carillon_domain::base::interaction_status::Qualification;
use serde_json::Value;

use super::wire::Conversation;
use crate::voice::collected;

/// Where collected data stand in an analysis, or in one of its `scoped` blocks: a map by id, or a list. The blocks, one
/// for each agent of the conversation, are a list, or a map by agent.
const PLACES: [&str; 2] = ["data_collection_results", "data_collection_results_list"];

/// What was asked for, as the analysis or the agent's own tools have it, and the words that say so; none if nothing was.
pub(super) fn request(analysis: &Value, by_tools: &Value) -> Option<(PersonRequest, String)> {
    collected::request(collections(analysis).chain([by_tools]))
}

/// What the assistant noted of the person, in either place.
pub(super) fn qualification(analysis: &Value, by_tools: &Value) -> Option<Qualification> {
    collected::qualification(collections(analysis).chain([by_tools]))
}

/// What the agent's own tools have noted that it used in the conversation.
pub(super) fn by_tools(conversation: &Conversation) -> Value {
    let turns = conversation.transcript.iter().flatten();
    let used = turns.flat_map(|turn| &turn.tool_calls).filter(|call| call.tool_has_been_called);
    let used: Vec<(&str, Value)> = used
        .filter_map(|call| {
            let arguments = call.params_as_json.as_deref().map(serde_json::from_str);
            Some((call.tool_name.as_deref()?, arguments.and_then(Result::ok).unwrap_or_default()))
        })
        .collect();
    collected::of_tools(used.iter().map(|(name, arguments)| (*name, arguments)))
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
            let asked = request(&analysis, &Value::Null).map(|(request, _)| request);
            assert_eq!(asked, Some(PersonRequest::DoNotCall), "{analysis}");
        }
        assert_eq!(request(&json!({"do_not_call": true}), &Value::Null), None);
        let noted =
            json!({"scoped": [{"data_collection_results_list": [{"name": "qualified", "value": true}]}]});
        assert_eq!(qualification(&noted, &Value::Null), Some(Qualification::Qualified));
    }

    #[test]
    fn the_agents_own_tools_count_once_they_were_used() {
        let conversation = |is_called: bool| -> Conversation {
            let call = json!({"type": "webhook", "request_id": "r1", "tool_name": "mark_do_not_call",
                "params_as_json": "{\"reason\": \"asked for it\"}", "tool_has_been_called": is_called});
            let turn =
                json!({"role": "agent", "message": null, "time_in_call_secs": 9, "tool_calls": [call]});
            serde_json::from_value(json!({"transcript": [turn]})).expect("a conversation")
        };
        for (is_called, asked) in [(true, Some(PersonRequest::DoNotCall)), (false, None)] {
            let noted = by_tools(&conversation(is_called));
            assert_eq!(request(&Value::Null, &noted).map(|(request, _)| request), asked);
        }
    }
}
