//! Doing something to many leads at once, in the background.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, JobId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::MAX_REASON_CHARS;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::job::{Chosen, Job, JobKind};
use carillon_domain::records::lead::{Consent, LeadAction, LeadFilter};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::ToSchema;

use super::back::{check_campaign, check_moment};
use super::form::check_consent;
use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Creation, IdempotencyHeader};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, present};
use crate::jobs::{self, ActionName, JobView};

/// What is said of a field that the action does not read.
const UNUSED: &str = "this action does nothing with it; leave it out";

/// What to do to which leads: `lead_ids` or `filter`, one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkForm {
    action: ActionName,
    /// The leads, by their ids.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 1000)]
    lead_ids: Option<Vec<LeadId>>,
    /// The leads that all of this holds for when the job comes to them; `{}` are all leads.
    #[serde(default)]
    filter: Option<LeadFilter>,
    /// When to call back; for `reschedule` alone.
    #[serde(default)]
    #[schema(format = DateTime, example = "2026-11-23T14:30:00Z")]
    at: Option<Timestamp>,
    /// The tags; for `set_tags`, `add_tags` and `remove_tags`.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Why; for `restart`, which needs it of whoever did not want to be called. The evidence keeps it.
    #[serde(default)]
    #[schema(max_length = 300)]
    reason: Option<String>,
    /// The consent; for `set_consent`.
    #[serde(default)]
    consent: Option<Consent>,
}

/// Does something to many leads of a campaign, in the background: the answer is the job, which shows how far it is.
///
/// Each lead is answered for itself, done or refused with the reason, under `GET /jobs/{id}/results`; by the same
/// decisions as one lead alone. A lead comes as it is stored when the job comes to it: by filter, those that come into
/// it behind its back are passed by. The job may be cancelled; what is done by then stays done.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/bulk", tag = "leads",
    params(("campaign_id" = String, Path), IdempotencyHeader), request_body = BulkForm,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn bulk_leads(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<BulkForm>,
) -> Result<Response, Problem> {
    let create = async |form: BulkForm, birth: Birth| {
        let there = load_campaign(&context, &principal.workspace, &campaign).await?;
        let (action, leads) = form.read(&there, context.now())?;
        let id = JobId::new(birth.at, birth.seed);
        let (chosen, total) = match leads {
            Leads::Found(filter) => (Chosen::Filter { filter }, None),
            Leads::Named(ids) => {
                let portions = jobs::keep_chosen(&context, &principal.workspace, &id, &ids, birth.at).await?;
                (Chosen::Ids { portions }, Some(ids.len() as u64))
            }
        };
        let kind = JobKind::Leads { campaign: campaign.clone(), action, chosen };
        let job = Job::queued(id, kind, total, principal.act.clone(), birth.at);
        let job = jobs::create(&context, &principal, job, &campaign).await?;
        Ok(Tagged::fixed(JobView::from(job)))
    };
    let created = creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, create).await?;
    Ok(jobs::accepted(created))
}

/// Which leads are meant.
enum Leads {
    /// Each once.
    Named(Vec<LeadId>),
    Found(LeadFilter),
}

impl BulkForm {
    fn read(self, campaign: &Campaign, now: Timestamp) -> Result<(LeadAction, Leads), Problem> {
        let mut errors = FieldErrors::default();
        self.check_parts(&mut errors);
        let leads = match (self.lead_ids, self.filter) {
            (Some(ids), None) => Some(Leads::Named(jobs::once_each(&mut errors, "lead_ids", ids))),
            (None, Some(filter)) => Some(Leads::Found(filter)),
            (None, None) => {
                errors.push("lead_ids", "name the leads, or give a `filter` that finds them; `{}` finds all");
                None
            }
            (Some(_), Some(_)) => {
                errors.push("filter", "give either `lead_ids` or a `filter`, not both");
                None
            }
        };
        let tags = self.tags.unwrap_or_default();
        let action = match self.action {
            ActionName::Restart => Some(LeadAction::Restart { reason: present(self.reason) }),
            ActionName::Complete => Some(LeadAction::Complete),
            ActionName::Reschedule => self.at.map(|at| LeadAction::Reschedule { at }),
            ActionName::Suspend => Some(LeadAction::Suspend),
            ActionName::Resume => Some(LeadAction::Resume),
            ActionName::Remove => Some(LeadAction::Remove),
            ActionName::SetTags => Some(LeadAction::SetTags { tags }),
            ActionName::AddTags => Some(LeadAction::AddTags { tags }),
            ActionName::RemoveTags => Some(LeadAction::RemoveTags { tags }),
            ActionName::SetConsent => {
                self.consent
                    .as_ref()
                    .into_iter()
                    .for_each(|consent| check_consent(consent, &mut errors, now));
                self.consent.map(|consent| LeadAction::SetConsent { consent })
            }
        };
        errors.into_result()?;
        let (Some(action), Some(leads)) = (action, leads) else { return Err(Problem::contended()) };
        if action.needs_calls() {
            check_campaign(campaign)?;
        }
        if let LeadAction::Reschedule { at } = action {
            check_moment(campaign, at, now)?;
        }
        Ok((action, leads))
    }

    /// Each action has what it needs, and nothing else.
    fn check_parts(&self, errors: &mut FieldErrors) {
        let is_tagging =
            matches!(self.action, ActionName::SetTags | ActionName::AddTags | ActionName::RemoveTags);
        let parts = [
            ("at", self.at.is_some(), self.action == ActionName::Reschedule),
            ("tags", self.tags.is_some(), is_tagging),
            ("consent", self.consent.is_some(), self.action == ActionName::SetConsent),
        ];
        for (field, is_given, is_needed) in parts {
            match (is_given, is_needed) {
                (false, true) => errors.push(field, "this action needs it"),
                (true, false) => errors.push(field, UNUSED),
                (true, true) | (false, false) => {}
            }
        }
        if self.reason.is_some() && self.action != ActionName::Restart {
            errors.push("reason", UNUSED);
        }
        errors.check_optional_text("reason", self.reason.as_deref(), MAX_REASON_CHARS);
        errors.check_tags(self.tags.as_deref().unwrap_or_default());
    }
}
