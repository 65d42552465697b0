//! What the model is asked about a call, one question after the other.

use carillon_adapters::language_model::{Asked, NoAnswer};
use carillon_adapters::secrets::Secret;
use carillon_domain::analysis::verdict::{Answers, Failure};
use carillon_domain::analysis::{evaluation, judgement};
use carillon_domain::base::call::Turn;
use carillon_domain::base::language_model::{LanguageModel, Question, Usage};
use carillon_domain::records::campaign::CampaignSpec;
use carillon_runtime::context::Context;
use serde_json::Value;

/// A model, and whether it may be asked again later.
pub(crate) struct Asking<'a> {
    pub(crate) context: &'a Context,
    pub(crate) model: &'a LanguageModel,
    pub(crate) key: Option<&'a Secret>,
    pub(crate) may_wait: bool,
}

/// The model does not answer now.
#[derive(Debug)]
pub(crate) struct Later {
    /// What was spent all the same, in millionths of a US dollar.
    pub(crate) spent_micros: u64,
    /// How long its provider asks us to wait, in milliseconds.
    pub(crate) asked_to_wait_ms: Option<i64>,
}

impl Asking<'_> {
    /// Asks what the campaign wants to know. Who did not speak is not judged.
    pub(crate) async fn ask(&self, spec: &CampaignSpec, transcript: &[Turn]) -> Result<Answers, Later> {
        let mut usage = Usage::default();
        let judgement = if spec.analysis.goal {
            let question = judgement::question(&spec.goal, transcript);
            let read = |answer: &Value| judgement::read(answer, transcript);
            Some(self.answer(&question, read, &mut usage).await?)
        } else {
            None
        };
        let is_silent = matches!(&judgement, Some(Ok(judgement)) if !judgement.person_spoke);
        let evaluation = match spec.analysis.evaluation_criteria.as_deref().filter(|_| !is_silent) {
            Some(criteria) => {
                let question = evaluation::question(criteria, transcript);
                let read = |answer: &Value| evaluation::read(answer, transcript);
                Some(self.answer(&question, read, &mut usage).await?)
            }
            None => None,
        };
        Ok(Answers { judgement, evaluation, cost_micros: self.model.cost_micros(usage) })
    }

    /// Asks one question.
    async fn answer<T>(
        &self,
        question: &Question,
        read: impl Fn(&Value) -> Result<T, String>,
        usage: &mut Usage,
    ) -> Result<Result<T, Failure>, Later> {
        let Asked { answer, usage: used } =
            self.context.language_models.ask(self.model, self.key, question, read).await;
        *usage += used;
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(NoAnswer::Unavailable { retry_after_ms, .. }) if self.may_wait => {
                Err(Later { spent_micros: self.model.cost_micros(*usage), asked_to_wait_ms: retry_after_ms })
            }
            Err(no_answer) => Ok(Err(failure(&no_answer))),
        }
    }
}

fn failure(no_answer: &NoAnswer) -> Failure {
    Failure { fault: no_answer.fault(), reason: no_answer.to_string() }
}
