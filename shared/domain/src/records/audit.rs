//! The audit log: who changed what, when, from what to what. Kept as evidence is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::base::ids::{AuditId, Entropy};
use crate::base::time::{HOUR_MS, Timestamp};
use crate::records::campaign::Campaign;

/// Longest value that an entry repeats, in bytes of JSON; longer ones are cut.
const MAX_VALUE_BYTES: usize = 1_000;
/// Most fields of an entry, so that it fits into an item.
const MAX_FIELDS: usize = 100;
/// How often the same denial is told, in milliseconds: an actor that keeps trying does not fill the log.
pub const DENIED_STEP_MS: i64 = HOUR_MS;
/// What changes with every change, and says nothing.
const BOOKKEEPING: [&str; 2] = ["updated_at", "version"];

/// Who did it: an API key, and what it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actor {
    #[cfg_attr(feature = "openapi", schema(example = "key_01ARYZ6S41TSV4RRFFQ69G5FAV"))]
    pub id: String,
    pub name: String,
}

/// What became of it. `denied` is told once for a key, an operation and an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    Done,
    /// The actor may not do it. Told once for an actor, operation and hour, with the first resource.
    Denied,
}

/// A value before and after; null where there was or is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    #[serde(default)]
    pub before: Value,
    #[serde(default)]
    pub after: Value,
}

/// What changed, by field; the fields of fields with dots between.
pub type Changes = BTreeMap<String, FieldChange>;

/// An operation as somebody asks for it: what every entry of theirs says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Act {
    pub actor: Actor,
    /// The `operationId` of the operation.
    #[cfg_attr(feature = "openapi", schema(example = "change_campaign"))]
    pub operation: String,
    /// The `X-Request-Id` of the answer.
    pub request_id: String,
    /// Why, if that was said.
    #[serde(default)]
    pub reason: Option<String>,
}

/// That somebody changed something, or was not let.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub act: Act,
    /// What it was done to: the id that the path names last, or that of what was created.
    #[cfg_attr(feature = "openapi", schema(example = "cmp_01ARYZ6S41TSV4RRFFQ69G5FAV"))]
    pub resource: String,
    pub outcome: AuditOutcome,
    /// The fields that changed. Secrets are not among them; long values are cut.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, FieldChange>))]
    pub changes: Changes,
}

impl Act {
    /// That it was done: the change of a resource between two of its states.
    pub fn done(
        self,
        now: Timestamp,
        entropy: Entropy,
        resource: String,
        before: &Value,
        after: &Value,
    ) -> AuditEntry {
        let changes = changes(before, after);
        AuditEntry {
            id: AuditId::new(now, entropy),
            at: now,
            act: self,
            resource,
            outcome: AuditOutcome::Done,
            changes,
        }
    }

    /// That it was denied; the same entry for the same actor and operation within [`DENIED_STEP_MS`].
    pub fn denied(self, now: Timestamp, resource: String) -> AuditEntry {
        let step = now.plus_ms(-now.as_millis().rem_euclid(DENIED_STEP_MS));
        let digest = Sha256::digest(format!("{}\n{}", self.actor.id, self.operation));
        let mut entropy = Entropy::default();
        entropy.copy_from_slice(&digest[..10]);
        let (id, outcome) = (AuditId::new(step, entropy), AuditOutcome::Denied);
        AuditEntry { id, at: now, act: self, resource, outcome, changes: Changes::new() }
    }
}

impl Campaign {
    /// What an entry tells of it: its settings beside its status.
    pub fn for_audit(&self) -> Value {
        let mut told = serde_json::to_value(&self.spec).unwrap_or_default();
        told["status"] = serde_json::to_value(&self.status).unwrap_or_default();
        told
    }
}

/// What differs between two things as JSON, without bookkeeping. Lists are compared as a whole, and null is
/// the same as nothing.
pub fn changes(before: &Value, after: &Value) -> Changes {
    let mut found = Changes::new();
    collect(&mut found, "", before, after);
    found.retain(|field, _| !BOOKKEEPING.contains(&field.as_str()));
    while found.len() > MAX_FIELDS {
        found.pop_last();
    }
    found
}

fn collect(found: &mut Changes, path: &str, before: &Value, after: &Value) {
    if before == after {
        return;
    }
    match (fields(before), fields(after)) {
        (Some(old), Some(new)) if !(old.is_empty() && new.is_empty()) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(
                    found,
                    &path,
                    old.get(name).unwrap_or(&Value::Null),
                    new.get(name).unwrap_or(&Value::Null),
                );
            }
        }
        _ => drop(found.insert(path.to_owned(), FieldChange { before: cut(before), after: cut(after) })),
    }
}

/// The fields of an object; nothing has none.
fn fields(value: &Value) -> Option<&Map<String, Value>> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match value {
        Value::Object(fields) => Some(fields),
        Value::Null => Some(&NONE),
        _ => None,
    }
}

fn cut(value: &Value) -> Value {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.len() <= MAX_VALUE_BYTES {
        return value.clone();
    }
    format!("{}…", &text[..text.floor_char_boundary(MAX_VALUE_BYTES)]).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn changed(before: Value, after: Value) -> Value {
        serde_json::to_value(changes(&before, &after)).expect("JSON")
    }

    #[test]
    fn only_what_changed_is_told_by_its_path() {
        let before =
            json!({"name": "A", "version": 1, "hours": {"monday": [9], "tuesday": null}, "tags": [1]});
        let after = json!({"name": "B", "version": 2, "hours": {"monday": [10]}, "tags": [1]});
        let told =
            json!({"name": {"before": "A", "after": "B"}, "hours.monday": {"before": [9], "after": [10]}});
        assert_eq!(changed(before, after), told);
    }

    #[test]
    fn what_is_new_has_no_before_and_what_is_gone_no_after() {
        let thing = json!({"name": "A", "limits": {"max": 3}, "note": null});
        let told =
            json!({"name": {"before": null, "after": "A"}, "limits.max": {"before": null, "after": 3}});
        assert_eq!(changed(Value::Null, thing.clone()), told);
        assert_eq!(changed(thing, Value::Null)["name"], json!({"before": "A", "after": null}));
    }

    #[test]
    fn a_long_value_is_cut_and_an_entry_stays_small() {
        let long = "ä".repeat(5_000);
        let told = changed(json!({"text": "short"}), json!({ "text": long }));
        assert!(told["text"]["after"].as_str().is_some_and(|text| text.ends_with('…') && text.len() < 1_010));
        let many: Map<_, _> = (0..500).map(|n| (format!("f{n}"), json!(long))).collect();
        let told = changes(&Value::Null, &Value::Object(many));
        assert!(told.len() == MAX_FIELDS && serde_json::to_string(&told).expect("JSON").len() < 200_000);
    }

    #[test]
    fn a_denial_is_told_once_an_hour_for_each_operation() {
        let act = |operation: &str| Act {
            actor: Actor { id: "key_1".into(), name: "CRM".into() },
            operation: operation.into(),
            request_id: "r".into(),
            reason: None,
        };
        let id = |operation, at| act(operation).denied(Timestamp::from_millis(at), "cmp_1".into()).id;
        assert_eq!(id("start", 1), id("start", HOUR_MS - 1));
        assert_ne!(id("start", 1), id("start", HOUR_MS));
        assert_ne!(id("start", 1), id("pause", 1));
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), any::<i32>().prop_map(Value::from)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-d]", inner, 1..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_is_told_of_what_stayed_and_the_way_back_is_the_mirror(one in json_value(), other in json_value()) {
            prop_assert_eq!(changes(&one, &one), Changes::new());
            let (there, back) = (changes(&one, &other), changes(&other, &one));
            prop_assert_eq!(there.is_empty(), one == other);
            let mirrored: Changes = back
                .into_iter()
                .map(|(field, FieldChange { before, after })| (field, FieldChange { before: after, after: before }))
                .collect();
            prop_assert_eq!(there, mirrored);
        }
    }
}
