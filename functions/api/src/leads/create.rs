//! Adding one lead to a campaign.

use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::importing::merged;
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command, OnDuplicate};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::{FileOrder, Lead};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle::{self, LifecycleError};
use carillon_store::CommitError;

use super::form::{NumberRules, check_overwrites};
use super::{LeadForm, LeadView};
use crate::auth::Principal;
use crate::callers::{Voices, announce};
use crate::campaigns::load as load_campaign;
use crate::http::change::on_current;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};

/// Adds a lead.
///
/// A campaign that has completed runs again for it. A number that is a lead of the campaign already is refused
/// with `lead_exists`, and `existing_id` names that lead; unless the campaign's `on_duplicate` is `update`: then
/// that lead takes over what is sent, and is the answer.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads", tag = "leads",
    params(("campaign_id" = String, Path), IdempotencyHeader),
    request_body = LeadForm, responses((status = 201, body = LeadView)))]
pub(crate) async fn create_lead(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<LeadForm>,
) -> Result<Created, Problem> {
    let create = async |form: LeadForm, birth: Birth| {
        let campaign = load_campaign(&context, &principal.workspace, &campaign).await?;
        check_open(&context, &principal.workspace, &campaign).await?;
        let rules = NumberRules {
            default_country: campaign.spec.default_country,
            allowed: crate::workspace::load(&context, &principal.workspace).await?.allowed_number_classes,
            own: &[],
        };
        let draft = form.into_draft(&rules, context.now())?;
        if !draft.overwrites.is_empty() {
            let assistant =
                context.store.assistant(&principal.workspace, &campaign.spec.assistant_id).await?;
            check_overwrites(&draft.overwrites, None, assistant.as_ref())?;
        }
        let id = LeadId::derive(&campaign.id, &draft.primary);
        let order = FileOrder { at: birth.at, row: 0 };
        let is_first_submission = campaign.spec.first_submission_action.is_some();
        let lead = Lead { is_first_submission, ..draft.into_lead(id, order, None, birth.at) };
        let lead = match put_new(&context, &principal, &lead, birth).await? {
            Put::New(lead) => *lead,
            Put::Known(id) => match campaign.spec.on_duplicate {
                OnDuplicate::Skip => return Err(exists(&id)),
                OnDuplicate::Update => take_over(&context, &principal, &lead).await?,
            },
        };
        put_to_work(&context, &principal, &campaign.id).await?;
        Ok(Tagged::<LeadView>::of(lead))
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await
}

/// Whether the campaign takes leads: not once it is cancelled; one that has completed must be able
/// to run again.
async fn check_open(context: &Context, ws: &WorkspaceId, campaign: &Campaign) -> Result<(), Problem> {
    campaign.check_open("feed")?;
    match campaign.status {
        CampaignStatus::Cancelled => campaign.status.apply(Command::Reopen).map(drop).map_err(Problem::from),
        CampaignStatus::Completed => Voices::of(context, ws).await?.callers_of(&campaign.spec).map(drop),
        CampaignStatus::Draft
        | CampaignStatus::Scheduled { .. }
        | CampaignStatus::Running
        | CampaignStatus::Completing
        | CampaignStatus::Paused { .. } => Ok(()),
    }
}

/// What became of a lead that was sent.
enum Put {
    New(Box<Lead>),
    /// Its number is this lead already.
    Known(LeadId),
}

fn exists(id: &LeadId) -> Problem {
    let detail = "this number is a lead of this campaign already; change that lead instead";
    Problem::new(Code::LeadExists, detail).existing(id)
}

/// The lead of the same number, once it has taken over what was sent.
async fn take_over(context: &Context, principal: &Principal, sent: &Lead) -> Result<Lead, Problem> {
    let campaign = sent.id.campaign();
    let load = || super::load(context, &principal.workspace, &campaign, &sent.id);
    let write = async |stored: Lead| match merged(&stored, sent, context.now()) {
        Ok(None) => Ok(Some(stored)),
        Ok(Some(after)) => Ok(super::save(context, principal, stored, after.clone()).await?.then_some(after)),
        Err(fault) => Err(Problem::of_field(Code::InvalidFields, "lead", fault)),
    };
    on_current(&IfMatch::Absent, load, write).await
}

/// Stores a new lead and counts it. One that is there is a duplicate, unless it is this very one,
/// from a request that nobody knew the end of.
async fn put_new(
    context: &Context,
    principal: &Principal,
    lead: &Lead,
    birth: Birth,
) -> Result<Put, Problem> {
    let ws = &principal.workspace;
    let campaign = lead.id.campaign();
    context.store.add_zones(ws, &campaign, &lead.zones()).await?;
    let mut counters = Counters::default();
    counters.add(Counter::Leads, 1);
    let count = Write::Count { campaign, lead: lead.id.clone(), counters };
    let transaction = Transaction(vec![Write::CreateLead(lead.clone()), count]);
    let store = principal.noting(context, &lead.id, &(), &LeadForm::from(lead))?;
    let (may_be_ours, error) = match store.commit(ws, &transaction).await {
        Ok(()) => return Ok(Put::New(Box::new(lead.clone()))),
        Err(CommitError::Refused(_)) => (birth.is_repeat, None),
        Err(CommitError::Store(error)) => (true, Some(error)),
    };
    let stored = context.store.lead(ws, &lead.id).await?;
    match (stored, error) {
        (Some(stored), _) if may_be_ours && is_same_birth(&stored, lead) => Ok(Put::New(Box::new(stored))),
        (_, Some(error)) => Err(error.into()),
        (Some(stored), None) => Ok(Put::Known(stored.id)),
        (None, None) => Err(Problem::contended()),
    }
}

fn is_same_birth(stored: &Lead, lead: &Lead) -> bool {
    stored.origin.is_none() && stored.order == lead.order && stored.created_at == lead.created_at
}

/// Lets the planner see the lead. The campaign is read after the lead is there: whoever completes
/// it either counts the lead or is undone here.
pub(super) async fn put_to_work(
    context: &Context,
    principal: &Principal,
    id: &CampaignId,
) -> Result<(), Problem> {
    let ws = &principal.workspace;
    let status = load_campaign(context, ws, id).await?.status;
    if let CampaignStatus::Completing | CampaignStatus::Completed = status {
        match lifecycle::feed(context, ws, id, Some(&principal.act), |_| {}).await {
            // It was cancelled in this very moment.
            Ok(_) | Err(LifecycleError::NotAllowed(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if matches!(status, CampaignStatus::Draft | CampaignStatus::Paused { .. }) {
        return Ok(());
    }
    announce(context, ws).await
}
