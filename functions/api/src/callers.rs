//! Assistants and caller numbers, as campaigns and calls need them.

mod test_number;

use carillon_domain::base::call::VoiceProvider;
use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::records::campaign::{CampaignSpec, NoCallers};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;

use crate::http::problem::{Code, Problem};
use crate::http::validation::FieldErrors;

/// All assistants and caller numbers of a workspace.
#[derive(Debug)]
pub(crate) struct Voices {
    pub(crate) assistants: Vec<Assistant>,
    pub(crate) numbers: Vec<CallerNumber>,
}

impl Voices {
    pub(crate) async fn of(context: &Context, ws: &WorkspaceId) -> Result<Self, Problem> {
        let (assistants, numbers) = context.store.voices(ws).await?;
        Ok(Self { assistants, numbers })
    }

    pub(crate) fn check_assistant(&self, errors: &mut FieldErrors, id: &AssistantId) {
        if self.assistant(id).is_none() {
            errors.push("assistant_id", format_args!("there is no assistant {id} in this workspace"));
        }
    }

    /// Notes an assistant for testing that is not there, or that can't call from the same numbers.
    pub(crate) fn check_test_assistant(
        &self,
        errors: &mut FieldErrors,
        id: &AssistantId,
        provider: Option<VoiceProvider>,
    ) {
        let found = self.assistant(id).map(|assistant| assistant.provider);
        match (found, provider) {
            (None, _) => {
                let reason = format_args!("there is no assistant {id} in this workspace");
                errors.push("test_assistant_id", reason);
            }
            (Some(theirs), Some(provider)) if theirs != provider => {
                let reason = format_args!(
                    "{id} is of {theirs}, the campaign's assistant of {provider}: they call from the same numbers"
                );
                errors.push("test_assistant_id", reason);
            }
            (Some(_), _) => {}
        }
    }

    /// Notes numbers that are not there, that stand there twice, or that are of another provider than the
    /// assistant that is to call from them.
    pub(crate) fn check_numbers(
        &self,
        errors: &mut FieldErrors,
        ids: &[CallerNumberId],
        provider: Option<VoiceProvider>,
    ) {
        for (place, id) in ids.iter().enumerate() {
            let field = || format!("caller_number_ids[{place}]");
            match (self.numbers.iter().find(|number| number.id == *id), provider) {
                (None, _) => {
                    errors.push(field(), format_args!("there is no caller number {id} in this workspace"));
                }
                (Some(number), Some(provider)) if number.provider != provider => {
                    let theirs = number.provider;
                    let reason =
                        format!("the caller number {id} is of {theirs}, the assistant of {provider}");
                    errors.push(field(), reason);
                }
                (Some(_), _) => {}
            }
            if ids[..place].contains(id) {
                errors.push(field(), "it stands there twice");
            }
        }
    }

    pub(crate) fn assistant(&self, id: &AssistantId) -> Option<&Assistant> {
        self.assistants.iter().find(|assistant| assistant.id == *id)
    }

    /// The numbers that a campaign calls from.
    ///
    /// # Errors
    /// A problem if the assistant is not active or there is no number.
    pub(crate) fn callers_of(&self, spec: &CampaignSpec) -> Result<Vec<&CallerNumber>, Problem> {
        let callers = spec.callers(&self.assistants, &self.numbers).map_err(|refusal| {
            let (code, field) = match refusal {
                NoCallers::NoAssistant(_) | NoCallers::AssistantNotActive(_) => {
                    (Code::AssistantNotActive, "assistant_id")
                }
                NoCallers::NoNumber(_) | NoCallers::NoSender => (Code::NoCallerNumber, "caller_number_ids"),
            };
            Problem::of_field(code, field, refusal.to_string())
        })?;
        match unfit_line(spec, &callers) {
            Some((field, reason)) => Err(Problem::of_field(Code::InvalidFields, field, reason)),
            None => Ok(callers),
        }
    }
}

/// The setting that the line of a caller number can't do, and why.
pub(crate) fn unfit_line(spec: &CampaignSpec, callers: &[&CallerNumber]) -> Option<(&'static str, String)> {
    let (caller, lacks) = spec.unfit_line(callers)?;
    let field = if spec.on_voicemail.is_some() { "on_voicemail" } else { "machine_detection" };
    Some((field, format!("the caller number {}: {lacks}", caller.id)))
}

/// Notes that a provider was changed: what stands beside it is the other one's.
pub(crate) fn check_provider(
    errors: &mut FieldErrors,
    provider: VoiceProvider,
    before: Option<VoiceProvider>,
) {
    if let Some(before) = before.filter(|before| *before != provider) {
        errors.push("provider", format_args!("it stays {before}; create another one for {provider}"));
    }
}

/// Tells the planner that who may call, or how fast, has changed.
pub(crate) async fn announce(context: &Context, ws: &WorkspaceId) -> Result<(), Problem> {
    Ok(lifecycle::announce(context, ws).await?)
}
