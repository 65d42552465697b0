//! What the assistant says first: the order's text with its variables filled in.

use std::collections::BTreeSet;

use carillon_domain::base::call::VoiceProvider;
use serde_json::Value;

use super::order::OutboundCall;

/// What the assistant says if the order does not say.
const DEFAULT_FIRST_MESSAGE: &str = "Hello, this is the assistant. Do you have a minute?";
/// Variables with this prefix are the provider's own and never missing.
const SYSTEM_PREFIX: &str = "system__";

/// A piece of a first message.
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// The text between `{{` and `}}` is a variable's name; without its `}}` it is text.
fn pieces(message: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = message;
    while let Some((text, (name, tail))) =
        rest.split_once("{{").and_then(|(text, tail)| Some((text, tail.split_once("}}")?)))
    {
        pieces.extend([Piece::Text(text), Piece::Variable(name.trim())]);
        rest = tail;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The variables that the first message needs and the order does not bring.
pub(super) fn missing(order: &OutboundCall) -> BTreeSet<&str> {
    let message = order.first_message.as_deref().unwrap_or_default();
    let absent = |name: &str| !order.variables.contains_key(name) && !name.starts_with(SYSTEM_PREFIX);
    pieces(message)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Variable(name) if absent(name) => Some(name),
            Piece::Variable(_) | Piece::Text(_) => None,
        })
        .collect()
}

pub(super) fn rendered(order: &OutboundCall) -> String {
    let message = order.first_message.as_deref().unwrap_or(DEFAULT_FIRST_MESSAGE);
    pieces(message)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Variable(name) => match order.variables.get(name) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                // Retell speaks what it has no value for; ElevenLabs does not come to speak.
                None if order.provider == VoiceProvider::Retell => format!("{{{{{name}}}}}"),
                None => String::new(),
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider_simulator::tests::order;

    #[test]
    fn variables_are_filled_in_and_the_missing_ones_named() {
        let mut order = order("+15550001111");
        order.first_message =
            Some("Hi {{ name }}, {{n}} of {{total}} from {{system__caller_id}} {{".to_owned());
        order.variables = [("name".to_owned(), "Ann".into()), ("n".to_owned(), 3.into())].into();
        assert_eq!(missing(&order), ["total"].into());
        assert_eq!(rendered(&order), "Hi Ann, 3 of  from  {{");
        order.provider = VoiceProvider::Retell;
        assert_eq!(rendered(&order), "Hi Ann, 3 of {{total}} from {{system__caller_id}} {{");
    }
}
