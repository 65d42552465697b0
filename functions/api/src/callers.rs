//! Assistants and caller numbers, as campaigns and calls need them.

use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::records::campaign::{CampaignSpec, NoCallers};
use carillon_runtime::context::Context;

use crate::http::problem::{Code, Problem};
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
        if !self.assistants.iter().any(|assistant| assistant.id == *id) {
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

    /// The numbers that a campaign calls from.
    ///
    /// # Errors
    /// A problem if the assistant is not active or there is no number.
    pub(crate) fn callers_of(&self, spec: &CampaignSpec) -> Result<Vec<&CallerNumber>, Problem> {
        spec.callers(&self.assistants, &self.numbers).map_err(|refusal| {
            let (code, field) = match refusal {
                NoCallers::NoAssistant(_) | NoCallers::AssistantNotActive(_) => {
                    (Code::AssistantNotActive, "assistant_id")
                }
                NoCallers::NoNumber(_) => (Code::NoCallerNumber, "caller_number_ids"),
            };
            Problem::of_field(code, field, refusal.to_string())
        })
    }
}

/// Tells the planner that who may call, or how fast, has changed.
pub(crate) async fn announce(context: &Context, ws: &WorkspaceId) -> Result<(), Problem> {
    context.store.add_work(ws, context.now()).await?;
    context.hint_or_warn(ws).await;
    Ok(())
}
