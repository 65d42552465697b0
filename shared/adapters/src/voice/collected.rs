//! What the person asked for, as the agent's data collection has it: `do_not_call`, which counts more, and
//! `callback_at`; and what the assistant noted of the person: `qualified`, `disqualified`, `follow_up`, or one of these
//! as `lead_status`. However they are spelled; the agent's own tools say the same by their names ([`of_tools`]).

use carillon_domain::base::call::{Answer, CallbackReading, CallbackTime, PersonRequest};
use carillon_domain::base::interaction_status::Qualification;
use serde_json::{Value, json};

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

/// Names under which a yes says what the assistant noted. A no says nothing: where nobody spoke of it, models write no.
const NOTED: [(&[&str], Qualification); 3] = [
    (&["qualified", "isqualified", "leadqualified", "qualifiedlead"], Qualification::Qualified),
    (
        &["disqualified", "isdisqualified", "notqualified", "unqualified", "leaddisqualified"],
        Qualification::Disqualified,
    ),
    (
        &["followup", "needsfollowup", "followupneeded", "followuprequired", "requiresfollowup"],
        Qualification::FollowUp,
    ),
];
/// Names under which one of these stands as a word.
const LEAD_STATUS: [&str; 5] =
    ["leadstatus", "disposition", "leaddisposition", "qualification", "qualificationstatus"];

/// What a tool's name begins with before it says what it is for.
const TOOL_VERBS: [&str; 9] =
    ["markas", "mark", "setas", "set", "schedule", "requesta", "request", "record", "note"];
/// Names of the arguments that say it, besides the name itself.
const TOOL_ARGUMENTS: [&str; 8] = ["value", "status", "at", "when", "time", "datetime", "date", "timestamp"];

/// What the agent noted by tools of its own that it has used (`mark_do_not_call`, `schedule_callback`, `set_lead_status`), each
/// with its name and its arguments: a collection like those of an analysis. Any other tool says nothing here.
pub(super) fn of_tools<'a>(tools: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Value {
    let noted = tools.into_iter().filter_map(|(name, arguments)| {
        let name = of_verb(&plain(name))?;
        let value = argument(&name, arguments).cloned();
        // A tool that only takes a reason, or nothing, says it by being used.
        let by_use = Some(Value::Bool(true)).filter(|_| !CALLBACK_AT.contains(&name.as_str()));
        Some(json!({"name": name, "value": value.or(by_use)?}))
    });
    Value::Array(noted.collect())
}

/// What a tool is for, if it is one of these things.
fn of_verb(name: &str) -> Option<String> {
    let verbs = TOOL_VERBS.iter().filter_map(|verb| name.strip_prefix(verb));
    let known = std::iter::once(name).chain(verbs).find(|name| {
        let noted = NOTED.iter().flat_map(|(names, _)| names.iter());
        DO_NOT_CALL.iter().chain(&CALLBACK_AT).chain(&LEAD_STATUS).chain(noted).any(|known| known == name)
    })?;
    Some(known.to_owned())
}

/// The argument that says it.
fn argument<'a>(name: &str, arguments: &'a Value) -> Option<&'a Value> {
    let named = |wanted: &dyn Fn(&str) -> bool| {
        arguments.as_object()?.iter().find(|(key, _)| wanted(&plain(key))).map(|(_, value)| value)
    };
    let is_kin = |key: &str| {
        CALLBACK_AT.contains(&name) && CALLBACK_AT.contains(&key)
            || DO_NOT_CALL.contains(&name) && DO_NOT_CALL.contains(&key)
            || LEAD_STATUS.contains(&name) && LEAD_STATUS.contains(&key)
    };
    let says_more = CALLBACK_AT.contains(&name) || LEAD_STATUS.contains(&name);
    named(&|key| key == name)
        .or_else(|| named(&is_kin))
        .or_else(|| named(&|key| (says_more || key == "value") && TOOL_ARGUMENTS.contains(&key)))
}

/// What the assistant noted of the person in these collections; nothing where it contradicts itself.
pub(super) fn qualification<'a>(collections: impl IntoIterator<Item = &'a Value>) -> Option<Qualification> {
    let items: Vec<Item<'_>> = collections.into_iter().flat_map(items).collect();
    let says_yes =
        |item: &Item<'_>, names: &[&str]| item.is_one_of(names) && Answer::of(item.value) == Answer::Yes;
    let is_word = |item: &Item<'_>, names: &[&str]| {
        item.is_one_of(&LEAD_STATUS)
            && item.value.as_str().is_some_and(|word| names.contains(&plain(word).as_str()))
    };
    let is_noted = |names: &&[&str]| items.iter().any(|item| says_yes(item, names) || is_word(item, names));
    let mut noted = NOTED.iter().filter(|(names, _)| is_noted(names)).map(|(_, noted)| *noted);
    match (noted.next()?, noted.next()) {
        (Qualification::Qualified, Some(Qualification::Disqualified)) => None,
        (first, _) => Some(first),
    }
}

/// What was asked for in these collections, each a map by id or a list, and the words that say so; none if
/// nothing was.
pub(super) fn request<'a>(
    collections: impl IntoIterator<Item = &'a Value>,
) -> Option<(PersonRequest, String)> {
    let items: Vec<Item<'_>> = collections.into_iter().flat_map(items).collect();
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
        self.names.iter().any(|name| names.contains(&plain(name).as_str()))
    }
}

/// A name in small letters and figures alone.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn items(collection: &Value) -> Vec<Item<'_>> {
    match collection {
        Value::Object(map) => map.iter().map(|(key, item)| Item::of(Some(key), item)).collect(),
        Value::Array(list) => list.iter().map(|item| Item::of(None, item)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(collection: &Value) -> Option<PersonRequest> {
        request([collection]).map(|(request, _)| request)
    }

    #[test]
    fn a_wish_is_found_by_key_or_name() {
        for collection in [
            json!({"do_not_call": {"value": true}}),
            json!({"do_not_call": true}),
            json!({"doNotCall": {"value": "Yes."}}),
            json!({"do_not_call": "ja"}),
            json!({"item_01": {"name": "Do Not Call", "value": 1}}),
            json!({"item_01": {"data_collection_id": "dnc", "value": "sí"}}),
            json!([{"name": "opt-out", "value": "stop calling"}]),
            json!({"do-not-call": {"name": null, "value": true}}),
        ] {
            assert_eq!(asked(&collection), Some(PersonRequest::DoNotCall), "{collection}");
        }
        let several = [json!({"do_not_call": false}), json!([{"name": "do_not_call", "value": true}])];
        assert_eq!(request(&several).map(|(request, _)| request), Some(PersonRequest::DoNotCall));
    }

    #[test]
    fn what_the_assistant_noted_is_found_by_a_yes_or_by_its_word() {
        for (collection, noted) in [
            (json!({"qualified": true}), Some(Qualification::Qualified)),
            (json!([{"name": "Is qualified", "value": "Yes."}]), Some(Qualification::Qualified)),
            (json!({"lead_status": {"value": "Not qualified"}}), Some(Qualification::Disqualified)),
            (json!({"disqualified": "ja"}), Some(Qualification::Disqualified)),
            (json!({"disposition": "follow-up"}), Some(Qualification::FollowUp)),
            (json!({"qualified": true, "follow_up": true}), Some(Qualification::Qualified)),
            (json!({"qualified": true, "lead_status": "disqualified"}), None),
            (json!({"qualified": false, "follow_up": null, "disqualified": "n/a"}), None),
            (json!({"lead_status": "warm", "mood": "qualified"}), None),
            (json!("qualified"), None),
        ] {
            assert_eq!(qualification([&collection]), noted, "{collection}");
        }
    }

    #[test]
    fn a_tool_of_the_agents_says_it_by_its_name() {
        let by_tools = |tools: &[(&str, Value)]| {
            let noted = of_tools(tools.iter().map(|(name, arguments)| (*name, arguments)));
            (request([&noted]).map(|(request, _)| request), qualification([&noted]))
        };
        let never = Some(PersonRequest::DoNotCall);
        for (name, arguments, asked, noted) in [
            ("mark_do_not_call", json!({"reason": "asked for it"}), never, None),
            ("dnc", json!({}), never, None),
            ("opt_out", json!({"opt_out": false}), None, None),
            ("set_lead_status", json!({"status": "qualified"}), None, Some(Qualification::Qualified)),
            ("markQualified", Value::Null, None, Some(Qualification::Qualified)),
            ("mark_as_disqualified", json!({"reason": "moved"}), None, Some(Qualification::Disqualified)),
            ("follow_up", json!("odd"), None, Some(Qualification::FollowUp)),
            // Not theirs to say: other tools may ask for anything.
            ("search_leads", json!({"lead_status": "qualified", "do_not_call": true}), None, None),
            ("schedule_callback", json!({}), None, None),
        ] {
            assert_eq!(by_tools(&[(name, arguments.clone())]), (asked, noted), "{name} {arguments}");
        }
        for arguments in [
            json!({"callback_at": "2026-12-02T10:00:00+01:00"}),
            json!({"time": "2026-12-02T10:00:00+01:00", "reason": "busy"}),
        ] {
            let (asked, _) = by_tools(&[("schedule_callback", arguments.clone())]);
            assert!(matches!(asked, Some(PersonRequest::Callback { .. })), "{arguments}: {asked:?}");
        }
    }

    #[test]
    fn what_is_unclear_or_disagrees_is_for_a_person() {
        let unclear = json!({"do_not_call": {"value": "only on Sundays"}, "callback_at": {"value": "15:00"}});
        let words = "only on Sundays; 15:00".to_owned();
        assert_eq!(request([&unclear]), Some((PersonRequest::Unclear, words)));
        let other = json!({"callback_at": {"value": "15:00"}, "callbackTime": {"value": "16:00"}});
        assert_eq!(asked(&other), Some(PersonRequest::Unclear));
        let same = json!({"callback_at": {"value": "15:00"}, "callbackTime": {"value": "15:00"}});
        assert!(matches!(asked(&same), Some(PersonRequest::CallbackWhen { .. })));
        let elsewhere = json!({"do_not_call": {"result": "yes"}});
        assert_eq!(asked(&elsewhere), Some(PersonRequest::Unclear));
        let rationale = json!({"do_not_call": {"name": "do_not_call", "rationale": "stop calling?"}});
        for nothing in [
            rationale,
            json!({"do_not_call": {"value": "n/a"}, "callback_at": {"value": ""}}),
            json!({"mood": {"value": "stop calling"}}),
            json!("odd"),
        ] {
            assert_eq!(asked(&nothing), None, "{nothing}");
        }
    }
}
