//! How good a person is by the client's own criteria.

use serde::Deserialize;
use serde_json::Value;

use super::prompt::{self, SYSTEM, evidence, kept, line};
use super::schema::CRITERIA_EVALUATION;
use crate::base::call::Turn;
use crate::base::language_model::Question;
use crate::records::analysis::Evaluation;

const TASK: &str = "\
TASK
Tell how well the person fits the criteria, by what was said: `good`, `partially_good` or `bad`; `n/a` where it does not say enough to \
tell. Give the reasoning first, and in `evidence_turns` the turns on which it rests.
";

/// What a model found of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    pub evaluation: Evaluation,
    pub reasoning: String,
    /// The turns on which it rests; all of them exist.
    pub evidence: Vec<u32>,
}

/// The question.
pub fn question(criteria: &str, transcript: &[Turn]) -> Question {
    let criteria = line("CRITERIA", &serde_json::json!({ "criteria": criteria }));
    Question {
        name: "criteria_evaluation",
        system: SYSTEM,
        prompt: format!("{TASK}{criteria}{}", prompt::transcript(transcript)),
        schema: CRITERIA_EVALUATION,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    reasoning: String,
    #[serde(rename = "evidence_turns")]
    _evidence_turns: Vec<Value>,
    evaluation: Evaluation,
}

/// Reads an answer.
///
/// # Errors
/// What is wrong with it, in words for the model that is to mend it.
pub fn read(answer: &Value, transcript: &[Turn]) -> Result<Evaluated, String> {
    let evidence = evidence(answer, transcript)?;
    let Answer { reasoning, evaluation, .. } =
        Answer::deserialize(answer).map_err(|error| error.to_string())?;
    if evidence.is_empty() && evaluation != Evaluation::NotKnown {
        return Err("`evidence_turns` must name the turns on which the evaluation rests".into());
    }
    Ok(Evaluated { evaluation, reasoning: kept(&reasoning), evidence })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::call::Role;

    #[test]
    fn an_evaluation_rests_on_turns_unless_nothing_is_known() {
        let turns = [Turn { role: Role::User, message: "I have ten years of practice".into(), at_secs: 0 }];
        let read = |evaluation: &str, named: Value| {
            let answer = json!({ "reasoning": "…", "evidence_turns": named, "evaluation": evaluation });
            super::read(&answer, &turns).map(|found| found.evaluation)
        };
        assert_eq!(read("good", json!([1])), Ok(Evaluation::Good));
        assert_eq!(read("n/a", json!([])), Ok(Evaluation::NotKnown));
        assert!(read("good", json!([])).is_err());
        assert!(read("excellent", json!([1])).is_err());
    }
}
