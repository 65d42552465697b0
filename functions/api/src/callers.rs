//! Assistants and caller numbers, as campaigns and calls need them.

use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::policy::assistant::{Assistant, AssistantStatus, CallerNumber};
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_runtime::context::Context;

use crate::http::problem::{Code, FieldError, Problem};
use crate::validation::Faults;

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

    pub(crate) fn check_assistant(&self, faults: &mut Faults, id: &AssistantId) {
        if self.assistant(id).is_none() {
            faults.note("assistant_id", format_args!("there is no assistant {id} in this workspace"));
        }
    }

    pub(crate) fn check_numbers(&self, faults: &mut Faults, ids: &[CallerNumberId]) {
        for (place, id) in ids.iter().enumerate() {
            let field = || format!("caller_number_ids[{place}]");
            if !self.numbers.iter().any(|number| number.id == *id) {
                faults.note(field(), format_args!("there is no caller number {id} in this workspace"));
            }
            if ids[..place].contains(id) {
                faults.note(field(), "it stands there twice");
            }
        }
    }

    fn assistant(&self, id: &AssistantId) -> Option<&Assistant> {
        self.assistants.iter().find(|assistant| assistant.id == *id)
    }

    /// The numbers that a campaign calls from: its own, else its assistant's.
    ///
    /// # Errors
    /// A problem if the assistant is not active or there is no number.
    pub(crate) fn callers_of(&self, spec: &CampaignSpec) -> Result<Vec<&CallerNumber>, Problem> {
        let id = &spec.assistant_id;
        let refused = |code, field: &str, reason: String| {
            Err(Problem::of_fields(code, vec![FieldError { field: field.to_owned(), reason }]))
        };
        let Some(assistant) = self.assistant(id) else {
            let reason = format!("there is no assistant {id} any more; choose another one");
            return refused(Code::AssistantNotActive, "assistant_id", reason);
        };
        if assistant.status != AssistantStatus::Active {
            let reason = format!("the assistant {id} is not active; set its status to `active`");
            return refused(Code::AssistantNotActive, "assistant_id", reason);
        }
        let own = &spec.caller_number_ids;
        let chosen = if own.is_empty() { &assistant.caller_number_ids } else { own };
        let callers: Vec<_> = self.numbers.iter().filter(|number| chosen.contains(&number.id)).collect();
        if callers.is_empty() {
            let reason = format!("neither the campaign nor the assistant {id} has a caller number");
            return refused(Code::NoCallerNumber, "caller_number_ids", reason);
        }
        Ok(callers)
    }
}

/// Whether a campaign can still call through this assistant. One that has ended can't, unless it is
/// reopened, and that looks for the assistant first.
pub(crate) fn needs_assistant(campaign: &Campaign, id: &AssistantId) -> bool {
    !campaign.status.is_ended() && campaign.spec.assistant_id == *id
}

/// Whether a campaign can still call from this number.
pub(crate) fn needs_number(campaign: &Campaign, id: &CallerNumberId) -> bool {
    !campaign.status.is_ended() && campaign.spec.caller_number_ids.contains(id)
}

/// Tells the planner that who may call, or how fast, has changed.
pub(crate) async fn announce(context: &Context, ws: &WorkspaceId) -> Result<(), Problem> {
    context.store.add_work(ws, context.now()).await?;
    if let Err(error) = context.hint(ws, 0).await {
        tracing::warn!(%error, "a hint was lost; the next tick makes up for it");
    }
    Ok(())
}
