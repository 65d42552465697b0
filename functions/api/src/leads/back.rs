//! Leads that somebody puts back to work by hand, and whether they may be.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::compliance::eligibility::{Question, Refusal, settling};
use carillon_domain::records::active_attempt::DialCause;
use carillon_domain::records::campaign::{Campaign, CampaignStatus};
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::Transaction;
use carillon_runtime::context::Context;
use carillon_store::CommitError;
use serde_json::json;

use crate::auth::Principal;
use crate::http::problem::{Code, Problem};
use crate::reasons::Message;

/// Whether anybody of the campaign can still be called.
pub(super) fn check_campaign(campaign: &Campaign, command: &'static str) -> Result<(), Problem> {
    campaign.check_open(command)?;
    if campaign.status == CampaignStatus::Cancelled {
        let detail = "the campaign is cancelled; nobody of it is called any more";
        return Err(Problem::new(Code::ActionNotAllowed, detail));
    }
    Ok(())
}

/// Stores the lead as one that waits from `at` on, unless that would only settle it again. None if somebody else
/// was faster.
pub(super) async fn put_back(
    context: &Context,
    principal: &Principal,
    campaign: &Campaign,
    (stored, lead): (&Lead, Lead),
    at: Timestamp,
) -> Result<Option<Lead>, Problem> {
    let ws = &principal.workspace;
    check_lead(context, ws, campaign, &lead, at).await?;
    let (before, after) = (json!({ "state": stored.state }), json!({ "state": lead.state }));
    let store = principal.noting(context, &lead.id, &before, &after)?;
    match store.commit(ws, &Transaction::change_lead(stored, lead.clone())).await {
        Ok(()) => Ok(Some(lead)),
        Err(CommitError::Refused(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Asks what the planner would ask when the lead's turn comes.
async fn check_lead(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    lead: &Lead,
    at: Timestamp,
) -> Result<(), Problem> {
    let records = context.store.number_records(ws, &lead.person()).await?;
    let workspace = crate::workspace::load(context, ws).await?;
    let question = Question {
        lead,
        campaign,
        workspace: &workspace,
        rules: &workspace.rulebook(),
        records: &records,
        cause: lead.dial_cause(at).unwrap_or(DialCause::Fresh),
    };
    let Some(refusal) = settling(&question, at) else { return Ok(()) };
    let code = match &refusal {
        Refusal::DoNotCall(_) => Code::DoNotCall,
        Refusal::NumberClass(_) => Code::NumberClassNotAllowed,
        Refusal::NoConsent => Code::ConsentMissing,
        Refusal::Capped(_) => Code::CalledOftenEnough,
        _ => Code::ActionNotAllowed,
    };
    Err(Problem::new(code, refusal.message()))
}
