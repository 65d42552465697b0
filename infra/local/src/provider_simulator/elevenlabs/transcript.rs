//! What is said in a simulated call, in the provider's shape of a transcript.

use serde_json::{Value, json};

use crate::provider_simulator::call::Call;
use crate::provider_simulator::person::{Behaviour, Ending};
use crate::provider_simulator::speech::{self, Speaker, Utterance};

/// The turns of a call that is over, tools that the agent called among them.
pub(super) fn turns(call: &Call) -> Vec<Value> {
    speech::of(call).iter().map(said).chain(tool_that_ends(call)).collect()
}

fn said(utterance: &Utterance) -> Value {
    let role = match utterance.speaker {
        Speaker::Agent => "agent",
        Speaker::Person => "user",
    };
    turn(role, &json!(utterance.words), &json!([]), utterance.at_secs)
}

/// The tool by which the agent ended the call, if it did.
fn tool_that_ends(call: &Call) -> Option<Value> {
    let secs = call.talk_secs();
    match call.behaviour {
        Behaviour::Talks { ending: Ending::Agent, .. } | Behaviour::Asks { .. } => {
            let parameters = r#"{"reason":"The conversation is complete"}"#;
            Some(tool("end_call", parameters, speech::last_secs(secs)))
        }
        Behaviour::Voicemail { .. } => {
            Some(tool("voicemail_detection", r#"{"reason":"Automated greeting detected"}"#, secs))
        }
        Behaviour::Talks { ending: Ending::Person, .. }
        | Behaviour::HangsUp { .. }
        | Behaviour::KeepsSilent { .. }
        | Behaviour::Breaks { .. }
        | Behaviour::Fails { .. } => None,
    }
}

fn tool(name: &str, parameters: &str, at_secs: i64) -> Value {
    let call = json!({
        "type": "system",
        "request_id": format!("{name}_1"),
        "tool_name": name,
        "params_as_json": parameters,
        "tool_has_been_called": true,
    });
    turn("agent", &Value::Null, &json!([call]), at_secs)
}

fn turn(role: &str, message: &Value, tool_calls: &Value, at_secs: i64) -> Value {
    json!({
        "role": role,
        "message": message,
        "tool_calls": tool_calls,
        "tool_results": [],
        "feedback": null,
        "time_in_call_secs": at_secs,
        "conversation_turn_metrics": null,
        "interrupted": false,
    })
}
