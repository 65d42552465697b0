mod http;
mod reading;

use chrono::NaiveDateTime;
use serde_json::{Value, json};

use super::answer::Schema;
use crate::provider_simulator::scripts::truth::{INTEREST, PREFERRED_TIME, REASON, Truth};
use crate::provider_simulator::scripts::{Said, Script, Speaker};

/// When the calls of these tests began, by everybody's clock.
const BEGAN: &str = "2026-09-21T13:33:20";

fn began() -> Option<NaiveDateTime> {
    BEGAN.parse().ok()
}

/// A conversation as a prompt has it, with more turns after it.
fn transcript(script: &Script, more: &[&str]) -> String {
    let mut lines =
        vec![json!({ "turn": 1, "speaker": "agent", "text": "Hello, this is Robin." }).to_string()];
    let more = more.iter().map(|words| (Speaker::Person, (*words).to_owned()));
    let said = script.turns.iter().map(|Said { speaker, words, .. }| (*speaker, words.clone()));
    for (index, (speaker, text)) in said.chain(more).enumerate() {
        let speaker = if speaker == Speaker::Agent { "agent" } else { "person" };
        lines.push(json!({ "turn": index + 2, "speaker": speaker, "text": text }).to_string());
    }
    format!("TRANSCRIPT\n{}\nEND OF TRANSCRIPT\n", lines.join("\n"))
}

/// A prompt that asks about a conversation in every form.
fn prompt(transcript: &str) -> String {
    let fields: Vec<Value> =
        [INTEREST, PREFERRED_TIME, REASON, "shoe_size"].iter().map(|name| json!({ "name": name })).collect();
    let (fields, call) = (json!({ "fields": fields }), json!({ "began_local": BEGAN, "zone": "UTC" }));
    format!("TASK\nAnswer.\nFIELDS\n{fields}\nCALL\n{call}\n{transcript}")
}

/// What is to be answered in a form, without the reasons.
fn expected(schema: Schema, truth: &Truth) -> Value {
    match schema {
        Schema::CallJudgement => json!({
            "evidence_turns": truth.evidence,
            "verdict": truth.verdict,
            "reached_human": truth.reached_human,
            "voicemail": truth.voicemail,
            "wrong_person": truth.wrong_person,
            "do_not_call": truth.do_not_call,
        }),
        Schema::CriteriaEvaluation => {
            json!({ "evidence_turns": truth.evaluation_evidence, "evaluation": truth.evaluation })
        }
        Schema::FieldExtraction => {
            let field = |name: &str| {
                let said = truth.fields.iter().find(|field| field.name == name);
                let (value, turn) = said.map(|field| (&field.value, field.turn)).unzip();
                json!({ "name": name, "found": said.is_some(), "value": value, "turn": turn })
            };
            let fields = [INTEREST, PREFERRED_TIME, REASON, "shoe_size"].map(field);
            json!({ "fields": fields })
        }
        Schema::CallbackRequest => json!(truth.callback_request(began())),
    }
}

/// An answer without its reasons.
fn without_reasons(mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("reasoning");
    }
    answer
}
