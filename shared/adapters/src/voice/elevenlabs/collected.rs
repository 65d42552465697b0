//! What the person asked for, as the agent's data collection has it: `do_not_call`, which counts more, and
//! `callback_at`, wherever the analysis of a conversation keeps them and however they are spelled.

use carillon_domain::base::call::{Answer, CallbackReading, CallbackTime, PersonRequest};
use serde_json::Value;

/// Where collected data stand in an analysis, or in one of its `scoped` blocks: a map by id, or a list.
const PLACES: [&str; 2] = ["data_collection_results", "data_collection_results_list"];
/// Where an item itself says what it is.
const NAMES: [&str; 3] = ["name", "data_collection_id", "id"];
/// What an item has beside its name and its value.
const BESIDE_VALUE: [&str; 3] = ["json_schema", "rationale", "description"];
/// Names of the first, in small letters and figures alone.
const DO_NOT_CALL: [&str; 9] = [
    "donotcall",
    "dnc",
    "dontcall",
    "donotcontact",
    "dontcontact",
    "optout",
    "optedout",
    "stopcalling",
    "donotcallrequest",
];
/// Names of the second.
const CALLBACK_AT: [&str; 8] = [
    "callbackat",
    "callbacktime",
    "callback",
    "callbackdatetime",
    "callbackdate",
    "callbackrequest",
    "callmebackat",
    "requestedcallbacktime",
];

/// What was asked for, and the words that say so; none if nothing was.
pub(super) fn request(analysis: &Value) -> Option<(PersonRequest, String)> {
    let items = items(analysis);
    let values = |names: &[&str]| -> Vec<&Value> {
        items.iter().filter(|item| item.is_one_of(names)).map(|item| item.value).collect()
    };
    let (opt_outs, callbacks) = (values(&DO_NOT_CALL), values(&CALLBACK_AT));
    let answer = opt_outs.iter().map(|value| Answer::of(value)).max().unwrap_or(Answer::Absent);
    let request = match (answer, reading(&callbacks)) {
        (Answer::Yes, _) => PersonRequest::DoNotCall,
        (Answer::Unclear, _) | (_, CallbackReading::Unclear) => PersonRequest::Unclear,
        (_, CallbackReading::Time(CallbackTime::At { at })) => PersonRequest::Callback { at },
        (_, CallbackReading::Time(when)) => PersonRequest::CallbackWhen { when },
        (Answer::Absent | Answer::No, CallbackReading::Absent) => return None,
    };
    Some((request, words(opt_outs.iter().chain(&callbacks))))
}

/// What several values say together: those that disagree leave it unclear.
fn reading(values: &[&Value]) -> CallbackReading {
    let said = values.iter().map(|value| CallbackReading::of(value));
    let mut said = said.filter(|reading| *reading != CallbackReading::Absent);
    let first = said.next().unwrap_or(CallbackReading::Absent);
    if said.all(|other| other == first) { first } else { CallbackReading::Unclear }
}

fn words<'a>(values: impl Iterator<Item = &'a &'a Value>) -> String {
    let mut words: Vec<String> = Vec::new();
    for value in values.filter(|value| !matches!(value, Value::Null | Value::Bool(false))) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text = text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
        if !text.is_empty() && !words.contains(&text) {
            words.push(text);
        }
    }
    words.join("; ")
}

/// A piece of collected data.
struct Item<'a> {
    names: Vec<&'a str>,
    value: &'a Value,
}

impl<'a> Item<'a> {
    /// The item under this key of a map, or in a list: an object with its `value`, or the value itself. What an
    /// object says in another place can't be read, and must not pass for nothing.
    fn of(key: Option<&'a str>, item: &'a Value) -> Self {
        let own = NAMES.into_iter().filter_map(|field| item.get(field)?.as_str());
        let says_more =
            |field: &String| !NAMES.iter().chain(&BESIDE_VALUE).any(|known| *known == field.as_str());
        let value = match item.as_object() {
            Some(fields) if !fields.contains_key("value") && !fields.keys().any(says_more) => &Value::Null,
            _ => item.get("value").unwrap_or(item),
        };
        Self { names: key.into_iter().chain(own).collect(), value }
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        self.names.iter().any(|name| {
            let plain: String =
                name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
            names.contains(&plain.as_str())
        })
    }
}

fn items(analysis: &Value) -> Vec<Item<'_>> {
    let scoped = analysis.get("scoped").and_then(Value::as_array).into_iter().flatten();
    let blocks = std::iter::once(analysis).chain(scoped);
    let places = blocks.flat_map(|block| PLACES.into_iter().filter_map(move |place| block.get(place)));
    places
        .flat_map(|place| match place {
            Value::Object(map) => map.iter().map(|(key, item)| Item::of(Some(key), item)).collect(),
            Value::Array(list) => list.iter().map(|item| Item::of(None, item)).collect(),
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(analysis: &Value) -> Option<PersonRequest> {
        request(analysis).map(|(request, _)| request)
    }

    #[test]
    fn a_wish_is_found_by_key_or_name_wherever_it_stands() {
        for analysis in [
            json!({"data_collection_results": {"do_not_call": {"value": true}}}),
            json!({"data_collection_results": {"doNotCall": {"value": "Yes."}}}),
            json!({"data_collection_results": {"do_not_call": "ja"}}),
            json!({"data_collection_results": {"item_01": {"name": "Do Not Call", "value": 1}}}),
            json!({"data_collection_results": {"item_01": {"data_collection_id": "dnc", "value": "sí"}}}),
            json!({"data_collection_results_list": [{"name": "opt-out", "value": "stop calling"}]}),
            json!({"scoped": [{"data_collection_results": {"do-not-call": {"name": null, "value": true}}}]}),
            json!({"data_collection_results": {"do_not_call": {"value": false}},
                   "scoped": [null, {"data_collection_results_list": [{"name": "do_not_call", "value": true}]}]}),
        ] {
            assert_eq!(asked(&analysis), Some(PersonRequest::DoNotCall), "{analysis}");
        }
    }

    #[test]
    fn what_is_unclear_or_disagrees_is_for_a_person() {
        let of = |collected: Value| request(&json!({ "data_collection_results": collected }));
        let asked =
            of(json!({"do_not_call": {"value": "only on Sundays"}, "callback_at": {"value": "15:00"}}));
        assert_eq!(asked, Some((PersonRequest::Unclear, "only on Sundays; 15:00".to_owned())));
        let asked = of(json!({"callback_at": {"value": "15:00"}, "callbackTime": {"value": "16:00"}}));
        assert_eq!(asked.map(|(request, _)| request), Some(PersonRequest::Unclear));
        let same = of(json!({"callback_at": {"value": "15:00"}, "callbackTime": {"value": "15:00"}}));
        assert!(matches!(same, Some((PersonRequest::CallbackWhen { .. }, _))));
        let elsewhere = of(json!({"do_not_call": {"result": "yes"}}));
        assert_eq!(elsewhere.map(|(request, _)| request), Some(PersonRequest::Unclear));
        assert_eq!(of(json!({"do_not_call": {"name": "do_not_call", "rationale": "stop calling?"}})), None);
        assert_eq!(of(json!({"do_not_call": {"value": "n/a"}, "callback_at": {"value": ""}})), None);
        assert_eq!(of(json!({"mood": {"value": "stop calling"}})), None);
    }
}
