//! Making contacts leads of a campaign, in the background.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, ContactId, JobId, WorkspaceId};
use carillon_domain::records::campaign::{Campaign, OnDuplicate};
use carillon_domain::records::contact::ContactFilter;
use carillon_domain::records::job::{Chosen, ContactBatch, Job, JobKind};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::ToSchema;

use super::create::check_open;
use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Creation, IdempotencyHeader};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;
use crate::jobs::{self, JobView};

/// Which contacts are to be leads, `contact_ids` or `filter`, one of them; and what they bring besides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddContactsForm {
    /// The contacts, by their ids.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 1000)]
    contact_ids: Option<Vec<ContactId>>,
    /// The contacts that all of this holds for when the job comes to them: those on a `list`, with a `tag`, or both; `{}`
    /// are all contacts.
    #[serde(default)]
    filter: Option<ContactFilter>,
    /// Values of the assistant's `variables` that hold for all of these leads, whatever else says.
    #[serde(default)]
    overwrites: BTreeMap<String, String>,
    /// What all of these leads are tagged with, besides the tags of their contacts.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// What a contact does of whose numbers one is a lead of the campaign already; as the campaign's `on_duplicate` says,
    /// unless set.
    #[serde(default)]
    on_duplicate: Option<OnDuplicate>,
}

/// Makes contacts leads of a campaign, in the background: the answer is the job, which shows how far it is.
///
/// A campaign that has completed runs again for them. Each contact is answered for itself under `GET /jobs/{id}/results`: the lead
/// that it is now, the lead that took over what it says, or why it was refused. The job may be cancelled; what is
/// done by then stays done. A contact that changes later changes no lead.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/leads/from-contacts", tag = "leads",
    params(("campaign_id" = String, Path), IdempotencyHeader), request_body = AddContactsForm,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn add_contacts(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<AddContactsForm>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let create = async |form: AddContactsForm, birth: Birth| {
        let there = load_campaign(&context, ws, &campaign).await?;
        check_open(&context, ws, &there).await?;
        let (contacts, batch) = form.read(&context, ws, &there).await?;
        let id = JobId::new(birth.at, birth.seed);
        let (chosen, total) = match contacts {
            Contacts::Named(ids) => {
                let portions = jobs::keep_chosen(&context, ws, &id, &ids, birth.at).await?;
                (Chosen::Ids { portions }, Some(ids.len() as u64))
            }
            Contacts::Found(filter) => (Chosen::Filter { filter }, None),
        };
        let kind = JobKind::AddContacts { campaign: campaign.clone(), chosen, batch };
        let job = Job::queued(id, kind, total, principal.act.clone(), birth.at);
        let job = jobs::create(&context, &principal, job, &campaign).await?;
        Ok(Tagged::fixed(JobView::from(job)))
    };
    let created = creation.once(&context, ws, StatusCode::ACCEPTED, create).await?;
    Ok(jobs::accepted(created))
}

/// Which contacts are meant.
enum Contacts {
    /// Each once.
    Named(Vec<ContactId>),
    Found(ContactFilter),
}

impl AddContactsForm {
    async fn read(
        self,
        context: &Context,
        ws: &WorkspaceId,
        campaign: &Campaign,
    ) -> Result<(Contacts, ContactBatch), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_tags(&self.tags);
        if !self.overwrites.is_empty()
            && let Some(assistant) = context.store.assistant(ws, &campaign.spec.assistant_id).await?
        {
            errors.check_overwrites(&self.overwrites, &assistant);
        }
        if let Some(list) = self.filter.as_ref().and_then(|filter| filter.list.as_ref())
            && context.store.contact_list(ws, list).await?.is_none()
        {
            let reason = format_args!("there is no contact list {list} in this workspace");
            errors.push("filter.list", reason);
        }
        let contacts = match (self.contact_ids, self.filter) {
            (Some(ids), None) => Contacts::Named(jobs::once_each(&mut errors, "contact_ids", ids)),
            (None, Some(filter)) => Contacts::Found(filter),
            (None, None) => {
                let reason = "name the contacts, or give a `filter` that finds them; `{}` finds all";
                errors.push("contact_ids", reason);
                return Err(errors.into_problem());
            }
            (Some(_), Some(_)) => {
                errors.push("filter", "give either `contact_ids` or a `filter`, not both");
                return Err(errors.into_problem());
            }
        };
        errors.into_result()?;
        let on_duplicate = self.on_duplicate.unwrap_or(campaign.spec.on_duplicate);
        Ok((contacts, ContactBatch { overwrites: self.overwrites, tags: self.tags, on_duplicate }))
    }
}
