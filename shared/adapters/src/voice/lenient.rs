//! Reading what providers send: a field that is absent, null or of another form than expected counts
//! as not given, because one odd field must not lose the result of a call.

use carillon_domain::base::call::ProviderCallId;
use carillon_domain::base::phone::E164;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Longest id of a call, in bytes; those that we know have up to 40.
const MAX_ID_BYTES: usize = 512;

/// A number that some senders write as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Bare(f64),
    Quoted(String),
}

impl Number {
    /// The whole number that is meant.
    pub(super) fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Bare(number) => Some(*number as i64),
            Self::Quoted(text) => text.trim().parse().ok(),
        }
    }
}

/// A field as far as we can read it.
pub(super) fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(T::deserialize(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// A list without the elements that we cannot read.
pub(super) fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    readable_if_given(deserializer).map(Option::unwrap_or_default)
}

/// The same where it matters whether there is a list at all.
pub(super) fn readable_if_given<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(elements) => {
            Some(elements.into_iter().filter_map(|element| T::deserialize(element).ok()).collect())
        }
        _ => None,
    })
}

/// The first of these texts that says something.
pub(super) fn first_said<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Option<&'a str> {
    texts.into_iter().flatten().find(|text| !text.trim().is_empty())
}

/// The first of these ids that is given; one that no key of the table could hold is none.
pub(super) fn call_id<'a>(ids: impl IntoIterator<Item = &'a Option<String>>) -> Option<ProviderCallId> {
    let ids = ids.into_iter().map(|id| id.as_deref().filter(|id| id.len() <= MAX_ID_BYTES));
    first_said(ids).map(|id| ProviderCallId(id.to_owned()))
}

/// A number as carriers write it: some leave out the plus.
pub(super) fn phone_number(text: Option<&str>) -> Option<E164> {
    let text = text?.trim();
    text.parse().or_else(|_| format!("+{text}").parse()).ok()
}

/// Seconds without their fraction; none below zero.
pub(super) fn whole_secs(secs: f64) -> u32 {
    secs as u32
}

/// An amount in a currency's unit of which there are `per_unit` millionths of a dollar; nothing for less than
/// nothing.
pub(super) fn micros(amount: f64, per_unit: f64) -> Option<u64> {
    (amount >= 0.0).then(|| (amount * per_unit).round() as u64)
}
