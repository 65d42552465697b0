//! JSON bodies, read strictly: what is not known is refused by name, and every refusal says where.

use std::borrow::Cow;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::problem::{Code, FieldError, Problem};
use crate::http::validation::FieldErrors;
use crate::http::wording;

/// Largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// Up to here a float holds every whole number exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// A body that describes something whole.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_media_type(request.headers())?;
        let bytes = bytes(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// A body that changes something: a JSON merge patch (RFC 7396). A field that is absent stays; one
/// that is null is cleared, where it may be null at all.
#[derive(Debug, Deserialize)]
#[serde(from = "Map<String, Value>", bound = "")]
pub(crate) struct Patch<T> {
    changes: Map<String, Value>,
    of: PhantomData<fn() -> T>,
}

impl<T> From<Map<String, Value>> for Patch<T> {
    fn from(changes: Map<String, Value>) -> Self {
        Self { changes, of: PhantomData }
    }
}

impl<S: Send + Sync, T> FromRequest<S> for Patch<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_media_type(request.headers())?;
        let bytes = bytes(request, state).await?;
        parse(&bytes)
    }
}

impl<T: PartialSchema> PartialSchema for Patch<T> {
    fn schema() -> RefOr<Schema> {
        let mut form = T::schema();
        if let RefOr::T(Schema::Object(form)) = &mut form {
            form.required.clear();
            form.description = Some("The fields to change; null clears one that may be null.".to_owned());
        }
        form
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> Cow<'static, str> {
        let name = T::name();
        let of = name.strip_suffix("Form").or_else(|| name.strip_suffix("Settings")).unwrap_or(&name);
        format!("{of}Patch").into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

impl<T: Serialize + DeserializeOwned> Patch<T> {
    /// The form with the changes made.
    ///
    /// # Errors
    /// A problem that names the field which is unknown, wrong, or can't be cleared.
    pub(crate) fn onto(&self, form: &T) -> Result<T, Problem> {
        let mut merged = serde_json::to_value(form).unwrap_or_default();
        for (name, change) in &self.changes {
            // Null stays null here, so that it is no other way to ask for a default.
            merge(&mut merged[name.as_str()], change);
        }
        shaped(merged)
    }
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), change);
        }
    }
}

/// The body's bytes, as far as they are allowed.
pub(crate) async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(Code::BodyTooLarge, format_args!("at most {MAX_BODY_BYTES} bytes are allowed"))
        }
        _ => Problem::new(Code::UnreadableBody, "the body did not come whole"),
    })
}

/// Whether the body is announced as JSON.
pub(crate) fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    let detail = "send JSON with the header `Content-Type: application/json`";
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

/// Reads a body.
///
/// # Errors
/// Line and column of what is no JSON; the field of what is JSON, but not what is asked for.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // In two steps: what is no JSON is told apart from what is other JSON than was asked for.
    let value: Value = serde_json::from_slice(bytes).map_err(|error| malformed(bytes, &error))?;
    if value.is_array() {
        // Serde would take its items for the fields in their order.
        return Err(field_problem(".", "invalid type: sequence, expected an object"));
    }
    let mut errors = FieldErrors::default();
    let value = checked(value, "", &mut errors);
    errors.into_result()?;
    shaped(value)
}

/// The value as all forms take it: no text holds control characters, and a number without a fraction is a whole
/// one however it is written, as JSON has but one kind (RFC 8259, section 6).
fn checked(value: Value, path: &str, errors: &mut FieldErrors) -> Value {
    match value {
        Value::String(text) => {
            errors.check_characters(path, &text);
            Value::String(text)
        }
        Value::Number(number) => Value::Number(whole(&number).unwrap_or(number)),
        Value::Array(items) => {
            let item = |(place, item)| checked(item, &format!("{path}[{place}]"), errors);
            items.into_iter().enumerate().map(item).collect()
        }
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| {
                let path = joined(path, &name);
                errors.check_characters(&path, &name);
                let value = checked(value, &path, errors);
                (name, value)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        Value::Null | Value::Bool(_) => value,
    }
}

/// The number as a whole one, if it is written with a fraction of zero.
fn whole(number: &Number) -> Option<Number> {
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "a float holds these exactly")]
    (float.abs() <= MAX_EXACT).then(|| Number::from(float as i64))
}

/// What was asked for, out of any JSON.
fn shaped<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        field_problem(&path, &error.into_inner().to_string())
    })
}

fn malformed(bytes: &[u8], error: &serde_json::Error) -> Problem {
    if bytes.is_empty() {
        return Problem::new(Code::MalformedJson, "the body is empty; a JSON object is expected");
    }
    Problem::new(Code::MalformedJson, error)
}

/// A problem with the field at `path`, in the words of serde.
fn field_problem(path: &str, reason: &str) -> Problem {
    let quoted = || reason.split('`').nth(1).unwrap_or_default();
    let root = if path == "." { "" } else { path };
    let (field, reason) = if reason.starts_with("missing field `") {
        (joined(root, quoted()), "it is required".to_owned())
    } else if reason.starts_with("unknown field `") {
        let known = reason.split_once(", ").map_or_else(String::new, |(_, known)| format!(" ({known})"));
        let field = quoted();
        let field = if root.ends_with(field) { root.to_owned() } else { joined(root, field) };
        (field, format!("there is no such field{known}"))
    } else if root.is_empty() {
        ("body".to_owned(), wording::plain(reason))
    } else {
        (root.to_owned(), wording::plain(reason))
    };
    Problem::of_fields(Code::InvalidFields, vec![FieldError { field, reason }])
}

/// The path of a field.
pub(super) fn joined(root: &str, field: &str) -> String {
    if root.is_empty() { field.to_owned() } else { format!("{root}.{field}") }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        name: String,
        note: Option<String>,
        #[serde(default)]
        inner: Inner,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(default)]
        count: u8,
    }

    fn told(body: &str) -> String {
        let problem = parse::<Form>(body.as_bytes()).expect_err("a problem");
        format!("{problem:?}")
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (body, field) in [
            (r#"{"name": 1}"#, "\"name\""),
            (r#"{}"#, "\"name\""),
            (r#"{"name": "a", "inner": {"count": 256}}"#, "\"inner.count\""),
            (r#"{"name": "a", "inner": {"size": 1}}"#, "\"inner.size\""),
            (r#"{"name": "a", "colour": "red"}"#, "\"colour\""),
            ("[]", "\"body\""),
            ("null", "\"body\""),
        ] {
            let told = told(body);
            assert!(told.contains("InvalidFields") && told.contains(field), "{body}: {told}");
        }
    }

    #[test]
    fn a_number_without_a_fraction_is_a_whole_one_however_it_is_written() {
        for body in
            [r#"{"name": "a", "inner": {"count": 7.0}}"#, r#"{"name": "a", "inner": {"count": 0.7e1}}"#]
        {
            assert_eq!(parse::<Form>(body.as_bytes()).expect("a form").inner.count, 7);
        }
        let told = told(r#"{"name": "a", "inner": {"count": 7.5}}"#);
        assert!(told.contains("the number `7.5`") && !told.contains("u8"), "{told}");
    }

    #[test]
    fn control_characters_are_refused_wherever_they_stand() {
        for body in [
            r#"{"name": "a\u0000b"}"#,
            r#"{"name": "a", "note": "\u001b[31m"}"#,
            r#"{"name": "a", "note": "\u0085"}"#,
            r#"{"name": "a", "\u0007": 1}"#,
        ] {
            let told = told(body);
            assert!(told.contains("control character U+"), "{body}: {told}");
        }
        parse::<Form>(br#"{"name": "a\tb\r\nc"}"#).expect("tabs and line ends are no matter");
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (body, place) in [
            ("{\n  \"name\": }", "line 2 column 11"),
            ("{} x", "line 1 column 4"),
            ("", "empty"),
            ("{\"name\"", "line 1"),
        ] {
            let told = told(body);
            assert!(told.contains("MalformedJson") && told.contains(place), "{body}: {told}");
        }
    }

    #[test]
    fn a_patch_keeps_what_is_absent_and_clears_what_is_null() {
        let form = Form { name: "a".into(), note: Some("b".into()), inner: Inner { count: 3 } };
        let patch = |value: Value| Patch::<Form>::from(value.as_object().cloned().unwrap_or_default());
        let kept = patch(json!({})).onto(&form).expect("nothing changes");
        assert_eq!(kept, form);
        let cleared = patch(json!({"note": null, "inner": {"count": null}})).onto(&form).expect("cleared");
        assert_eq!(cleared, Form { name: "a".into(), note: None, inner: Inner::default() });
        for (change, field) in [(json!({"name": null}), "name"), (json!({"inner": {"x": 1}}), "inner.x")] {
            let problem = patch(change).onto(&form).expect_err("it can't be so");
            assert!(format!("{problem:?}").contains(&format!("\"{field}\"")), "{problem:?}");
        }
    }

    #[test]
    fn merging_does_what_the_appendix_of_rfc_7396_shows() {
        for (mut target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            merge(&mut target, &patch);
            assert_eq!(target, result);
        }
    }
}
