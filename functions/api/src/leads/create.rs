//! Adding one lead to a campaign.

use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::importing::{LeadDraft, merged};
use carillon_domain::records::campaign::{Campaign, CampaignStatus, Command, OnDuplicate};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;
use carillon_store::{CommitError, Holder};

use super::form::check_overwrites;
use super::phones::NumberRules;
use super::{LeadForm, LeadView};
use crate::auth::Principal;
use crate::callers::Voices;
use crate::campaigns::load as load_campaign;
use crate::http::change::on_current;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::if_match::IfMatch;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};

/// How often a lead is put anew where a number of it changed hands meanwhile.
const TRIES: usize = 8;
/// Most leads for testing of a campaign.
const MAX_TEST_LEADS: i64 = 50;

/// Adds a lead.
///
/// A campaign that has completed runs again for it. A number, be it the first or another, that is a lead of the
/// campaign already is refused with `lead_exists`, and `existing_id` names that lead; unless the campaign's `on_duplicate` is `update`: then
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
        let is_test = form.is_test;
        if is_test {
            check_room_for_tests(&context, &principal.workspace, &campaign.id).await?;
        }
        let draft = drafted(&context, &principal.workspace, &campaign, form).await?;
        let id = LeadId::derive(&campaign.id, &draft.primary.number);
        let order = FileOrder { at: birth.at, row: 0 };
        let is_first_submission = campaign.spec.first_submission_action.is_some();
        let lead = Lead { is_first_submission, is_test, ..draft.into_lead(id, order, None, birth.at) };
        let lead = match put_new(&context, &principal, &lead, birth).await? {
            Put::New(lead) => *lead,
            Put::Known(id) => match campaign.spec.on_duplicate {
                OnDuplicate::Skip => return Err(exists(&id)),
                OnDuplicate::Update => take_over(&context, &principal, &id, &lead).await?,
            },
        };
        put_to_work(&context, &principal, &campaign.id).await?;
        Ok(Tagged::<LeadView>::of(lead))
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await
}

/// What is sent, as a lead of the campaign, if all is right with it.
pub(crate) async fn drafted(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    form: LeadForm,
) -> Result<LeadDraft, Problem> {
    let rules = NumberRules {
        default_country: campaign.spec.default_country,
        allowed: crate::workspace::load(context, ws).await?.allowed_number_classes,
        own: &[],
    };
    let assistant = campaign.spec.assistant_for(form.is_test);
    let draft = form.into_draft(&rules, context.now())?;
    if !draft.overwrites.is_empty() {
        let assistant = context.store.assistant(ws, assistant).await?;
        check_overwrites(&draft.overwrites, None, assistant.as_ref())?;
    }
    Ok(draft)
}

/// Whether the campaign takes leads: not once it is cancelled; one that has completed must be able
/// to run again.
pub(super) async fn check_open(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
) -> Result<(), Problem> {
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

/// Tests are not counted against caps, so they can't be many.
pub(crate) async fn check_room_for_tests(
    context: &Context,
    ws: &WorkspaceId,
    id: &CampaignId,
) -> Result<(), Problem> {
    let test_leads = context.store.counters(ws, id).await?.get(Counter::TestLeads);
    if test_leads < MAX_TEST_LEADS {
        return Ok(());
    }
    let detail =
        format!("a campaign has at most {MAX_TEST_LEADS} leads for testing; remove one that is done with");
    Err(Problem::new(Code::TooManyTestLeads, detail))
}

/// What became of a lead that was sent.
pub(crate) enum Put {
    New(Box<Lead>),
    /// One of its numbers is this lead already.
    Known(LeadId),
}

pub(crate) fn exists(id: &LeadId) -> Problem {
    let detail = "a number of theirs is a lead of this campaign already; change that lead instead";
    Problem::new(Code::LeadExists, detail).existing(id)
}

/// The lead of the same number, once it has taken over what was sent. One for testing and one that is counted are
/// not the same.
pub(crate) async fn take_over(
    context: &Context,
    principal: &Principal,
    id: &LeadId,
    sent: &Lead,
) -> Result<Lead, Problem> {
    let campaign = id.campaign();
    let load = || super::load(context, &principal.workspace, &campaign, id);
    let write = async |stored: Lead| {
        if stored.is_test != sent.is_test {
            return Err(exists(&stored.id));
        }
        match merged(&stored, sent, context.now()) {
            Ok(None) => Ok(Some(stored)),
            Ok(Some(after)) => {
                Ok(super::save(context, principal, stored, after.clone()).await?.then_some(after))
            }
            Err(fault) => Err(Problem::of_field(Code::InvalidFields, "lead", fault)),
        }
    };
    on_current(&IfMatch::Absent, load, write).await
}

/// Stores a new lead and counts it. One that is there is a duplicate, unless it is this very one,
/// from a request that nobody knew the end of.
pub(crate) async fn put_new(
    context: &Context,
    principal: &Principal,
    lead: &Lead,
    birth: Birth,
) -> Result<Put, Problem> {
    let ws = &principal.workspace;
    let campaign = lead.id.campaign();
    context.store.add_zones(ws, &campaign, &lead.zones()).await?;
    let numbers: Vec<_> = lead.phones().map(|number| (campaign.clone(), number.clone())).collect();
    let mut lead = lead.clone();
    let mut further: Vec<LeadId> =
        numbers[1..].iter().map(|(campaign, number)| LeadId::derive(campaign, number)).collect();
    let mut may_be_ours = birth.is_repeat;
    for _ in 0..TRIES {
        let error = match create(context, principal, &lead, &further).await? {
            Ok(()) => return Ok(Put::New(Box::new(lead))),
            Err(CommitError::Refused(_)) => None,
            Err(CommitError::Store(error)) => Some(error),
        };
        may_be_ours |= error.is_some();
        let (holders, mut leads) = context.store.holders(ws, &numbers).await?;
        let known = holders.iter().find_map(Holder::lead).and_then(|id| leads.remove(id));
        match (known, error) {
            (Some(stored), _) if may_be_ours && is_same_birth(&stored, &lead) => {
                return Ok(Put::New(Box::new(stored)));
            }
            (_, Some(error)) => return Err(error.into()),
            (Some(stored), None) => return Ok(Put::Known(stored.id)),
            // Leads that came with these numbers have given them up.
            (None, None) => {
                let mut free = holders.into_iter().map(|(Holder::Lead(id) | Holder::Nobody(id))| id);
                lead.id = free.next().unwrap_or(lead.id);
                further = free.collect();
            }
        }
    }
    Err(Problem::contended())
}

/// Stores and counts a lead whose further numbers point to it from these places.
async fn create(
    context: &Context,
    principal: &Principal,
    lead: &Lead,
    further: &[LeadId],
) -> Result<Result<(), CommitError>, Problem> {
    let counters = Counters::of_lead(lead);
    let mut transaction = Transaction::create_lead(lead.clone(), further);
    transaction.extend(Write::count(&lead.id, counters));
    transaction.extend(LeadBlock::of([lead]).map(Write::ListLeads));
    let store = principal.noting(context, &lead.id, &(), &LeadForm::from(lead))?;
    Ok(store.commit(&principal.workspace, &transaction).await)
}

fn is_same_birth(stored: &Lead, lead: &Lead) -> bool {
    stored.origin.is_none() && stored.order == lead.order && stored.created_at == lead.created_at
}

/// Lets the planner see a lead that waits.
pub(super) async fn put_to_work(
    context: &Context,
    principal: &Principal,
    id: &CampaignId,
) -> Result<(), Problem> {
    Ok(lifecycle::put_to_work(context, &principal.workspace, id, Some(&principal.act)).await?)
}
