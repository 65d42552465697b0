//! What was said about what is to be noted down: `field_extraction`.

use serde_json::{Value, json};

use crate::language_model_simulator::conversation::{Conversation, under};
use crate::language_model_simulator::hearing::Heard;
use crate::provider_simulator::scripts::meaning::Meaning;

/// The line before the fields that are asked for.
const HEADING: &str = "FIELDS";

/// Each field that is asked for, found or not.
pub(super) fn extract(conversation: &Conversation, prompt: &str) -> Value {
    let asked = under(HEADING, prompt).unwrap_or_default();
    let names = asked["fields"].as_array().into_iter().flatten().filter_map(|field| field["name"].as_str());
    let field = |name: &str| {
        let found =
            conversation.understood().rev().find_map(|(turn, heard)| Some((turn, value(name, heard)?)));
        let (turn, value) = found.unzip();
        json!({ "name": name, "found": value.is_some(), "value": value, "turn": turn })
    };
    json!({ "fields": names.map(field).collect::<Vec<_>>() })
}

/// What a line says about a field of this name.
fn value(name: &str, heard: &Heard) -> Option<String> {
    match name {
        "interest" => match heard.meaning {
            Meaning::Agrees | Meaning::AgreesInPart => Some("yes".to_owned()),
            Meaning::Declines | Meaning::NotInterested => Some("no".to_owned()),
            _ => None,
        },
        "preferred_time" => match heard.meaning {
            Meaning::Agrees | Meaning::AgreesInPart | Meaning::WantsToBeCalledBack(_) => heard.noted.clone(),
            _ => None,
        },
        "reason" => match heard.meaning {
            Meaning::Declines | Meaning::NotInterested | Meaning::DoesNotQualify | Meaning::ThinksItOver => {
                heard.noted.clone()
            }
            _ => None,
        },
        _ => None,
    }
}
