//! Changes of what is stored, which undo nobody else's.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::etag::Changeable;
use crate::http::if_match::IfMatch;
use crate::http::json::{Patch, joined};
use crate::http::problem::{Code, Problem};

/// How often a change is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// What clients change field by field.
pub(crate) trait Patchable: Changeable {
    /// What they may set of it.
    type Form: Serialize + DeserializeOwned;

    fn form(&self) -> Self::Form;
}

/// Does `write` on what `load` finds, if that is what the client has seen; anew as long as it answers with
/// none, because somebody else was faster.
///
/// # Errors
/// A problem of either; or what is stored is not what the client has seen, or kept changing.
pub(crate) async fn on_current<R: Changeable, T, L, W>(
    if_match: &IfMatch,
    load: impl Fn() -> L,
    write: impl Fn(R) -> W,
) -> Result<T, Problem>
where
    L: Future<Output = Result<R, Problem>>,
    W: Future<Output = Result<Option<T>, Problem>>,
{
    for _ in 0..TRIES {
        let stored = load().await?;
        if_match.check(&stored)?;
        if let Some(done) = write(stored).await? {
            return Ok(done);
        }
    }
    Err(Problem::contended())
}

/// Patches what `load` finds: `make` checks the form and puts it into the resource, `save` stores the second
/// state in the place of the first unless somebody else was faster, and says whether it did.
///
/// # Errors
/// A problem of these, and those of [`Edit::apply`].
pub(crate) async fn change<R: Patchable + Clone, L, S>(
    if_match: &IfMatch,
    patch: &Patch<R::Form>,
    load: impl Fn() -> L,
    make: impl Fn(&R, R::Form) -> Result<R, Problem>,
    save: impl Fn(R, R) -> S,
) -> Result<R, Problem>
where
    L: Future<Output = Result<R, Problem>>,
    S: Future<Output = Result<bool, Problem>>,
{
    let mut edit = Edit::new(if_match, patch);
    for _ in 0..TRIES {
        let stored = load().await?;
        let next = edit.apply(&stored, |form| make(&stored, form))?;
        if save(stored, next.clone()).await? {
            return Ok(next);
        }
    }
    Err(Problem::contended())
}

/// A patch on its way into what is stored, however many tries it takes.
pub(crate) struct Edit<'a, R: Patchable> {
    if_match: &'a IfMatch,
    patch: &'a Patch<R::Form>,
    /// The fields as the first try found them.
    first: Option<Value>,
}

impl<'a, R: Patchable> Edit<'a, R> {
    pub(crate) const fn new(if_match: &'a IfMatch, patch: &'a Patch<R::Form>) -> Self {
        Self { if_match, patch, first: None }
    }

    /// The resource with the patch applied, by `make`.
    ///
    /// # Errors
    /// A problem of `make`; or what is stored is not what the client has seen, or since the first try somebody
    /// else has changed what the patch changes, to something else.
    pub(crate) fn apply(
        &mut self,
        stored: &R,
        make: impl FnOnce(R::Form) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        self.if_match.check(stored)?;
        let form = stored.form();
        let now = json(&form);
        let next = make(self.patch.onto(&form)?)?;
        let mut overlap = Vec::new();
        let first = self.first.get_or_insert_with(|| now.clone());
        collect_overlap(&mut overlap, "", first, &now, &json(&next.form()));
        if overlap.is_empty() {
            return Ok(next);
        }
        let names = overlap.join(", ");
        let detail = format!("somebody else changed {names} at the same time; read it again, then decide");
        Err(Problem::new(Code::EditConflict, detail).changed(overlap, None))
    }
}

fn json(form: &impl Serialize) -> Value {
    serde_json::to_value(form).unwrap_or_default()
}

/// The fields that were changed between `first` and `now`, and would be changed again by `next`.
fn collect_overlap(found: &mut Vec<String>, path: &str, first: &Value, now: &Value, next: &Value) {
    if first == now || now == next {
        return;
    }
    match (first, now, next) {
        (Value::Object(_), Value::Object(fields), Value::Object(others)) => {
            let more = others.keys().filter(|name| !fields.contains_key(*name));
            for name in fields.keys().chain(more) {
                collect_overlap(found, &joined(path, name), &first[name], &now[name], &next[name]);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_both_changed_to_different_values_overlaps() {
        let first = json!({"a": 1, "b": {"x": 1, "y": 1}, "c": [1], "d": null});
        for (now, next, overlap) in [
            (json!({"a": 2}), json!({"a": 2, "c": [2]}), vec![]),
            (json!({"a": 2}), json!({"a": 3}), vec!["a"]),
            (json!({"a": 2}), json!({"a": 1}), vec!["a"]),
            (json!({"b": {"x": 2, "y": 1}}), json!({"b": {"x": 2, "y": 2}}), vec![]),
            (json!({"b": {"x": 2, "y": 1}}), json!({"b": {"x": 3, "y": 2}}), vec!["b.x"]),
            (json!({"b": {"y": 1}}), json!({"b": {"x": 2, "y": 1}}), vec!["b.x"]),
            (json!({"b": {"y": 1}}), json!({"b": {}}), vec![]),
            (json!({"b": {"x": 1, "y": 1, "z": 1}}), json!({"b": null}), vec!["b"]),
            (json!({"c": [1, 2], "d": 1}), json!({"c": [1, 3], "d": 2}), vec!["c", "d"]),
        ] {
            let onto = |base: &Value, change: &Value| {
                let mut whole = base.clone();
                change
                    .as_object()
                    .expect("fields")
                    .iter()
                    .for_each(|(name, value)| whole[name] = value.clone());
                whole
            };
            let now = onto(&first, &now);
            let next = onto(&now, &next);
            let mut found = Vec::new();
            collect_overlap(&mut found, "", &first, &now, &next);
            assert_eq!(found, overlap, "{now} {next}");
        }
    }
}
