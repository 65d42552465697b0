//! `/campaigns/{id}/test-call`: a campaign is heard by calling a number of one's own.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId, InteractionId, LeadId};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::InteractionStatus;
use carillon_domain::records::lead::{FileOrder, Lead};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallWish, Spelling, request_call};
use crate::auth::Principal;
use crate::callers::announce;
use crate::campaigns::load as load_campaign;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::leads::{LeadForm, Put, check_room_for_tests, drafted, exists, put_new, take_over};

/// A call to a number of one's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestCallForm {
    /// The number, as people write it; one without a country is read as of the campaign's `default_country`.
    #[schema(example = "+49 30 901820", min_length = 1)]
    phone: String,
    /// The name that the assistant knows.
    #[serde(default)]
    #[schema(example = "Ana Example")]
    name: Option<String>,
    /// Values for the templates.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Values of the test assistant's `variables`.
    #[serde(default)]
    overwrites: BTreeMap<String, String>,
    /// What the assistant should do besides.
    #[serde(default)]
    #[schema(max_length = 4000)]
    additional_instructions: Option<String>,
    /// The number to call from; one of the campaign's, any of them unless set.
    #[serde(default)]
    caller_number_id: Option<CallerNumberId>,
}

/// A test call that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestCall {
    /// The lead for testing that is called.
    lead_id: LeadId,
    /// The record of the call; ask there what came of it.
    interaction_id: InteractionId,
    /// Where it stands.
    status: InteractionStatus,
}

/// Calls a number of one's own now, as the campaign would call a lead.
///
/// The number becomes a lead for testing, which speaks with the campaign's `test_assistant_id` and rests apart from such
/// calls; the same number again is the same lead, with what is sent. In any state of the campaign; inside the law's hours, and
/// never a number that is not to be called. No statistics and no cap count it. A number that is another lead of the
/// campaign is refused with `lead_exists`.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/test-call", tag = "calls",
    params(("campaign_id" = String, Path), IdempotencyHeader),
    request_body = TestCallForm, responses((status = 202, body = TestCall)))]
pub(crate) async fn make_test_call(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    creation: Creation<TestCallForm>,
) -> Result<Created, Problem> {
    let call = async |form: TestCallForm, birth: Birth| {
        let campaign = load_campaign(&context, &principal.workspace, &campaign).await?;
        let attempt = AttemptId::new(birth.at, birth.seed);
        let interaction_id = InteractionId::of(&attempt);
        let known = context.store.interaction(&principal.workspace, &interaction_id);
        let lead_id = match known.await?.filter(|_| birth.is_repeat) {
            Some(record) => record.lead,
            None => begin(&context, &principal, &campaign, form, birth, &attempt).await?,
        };
        announce(&context, &principal.workspace).await?;
        Ok(Tagged::fixed(TestCall { lead_id, interaction_id, status: InteractionStatus::InProgress }))
    };
    creation.once(&context, &principal.workspace, StatusCode::ACCEPTED, call).await
}

/// Has the number as a lead for testing, and asks for the call.
async fn begin(
    context: &Context,
    principal: &Principal,
    campaign: &Campaign,
    form: TestCallForm,
    birth: Birth,
    attempt: &AttemptId,
) -> Result<LeadId, Problem> {
    let TestCallForm { phone, name, variables, overwrites, additional_instructions, caller_number_id } = form;
    let tried = LeadForm { name, variables, overwrites, ..LeadForm::for_testing(phone) };
    let lead = lead_for_testing(context, principal, campaign, tried, birth).await?;
    let wish = CallWish {
        lead: lead.clone(),
        caller_number: caller_number_id,
        instructions: additional_instructions,
        spelling: Spelling::SNAKE,
    };
    request_call(context, principal, wish, attempt).await?;
    Ok(lead)
}

async fn lead_for_testing(
    context: &Context,
    principal: &Principal,
    campaign: &Campaign,
    form: LeadForm,
    birth: Birth,
) -> Result<LeadId, Problem> {
    let ws = &principal.workspace;
    campaign.check_open("feed")?;
    let draft = drafted(context, ws, campaign, form).await?;
    let id = LeadId::derive(&campaign.id, &draft.primary.number);
    let order = FileOrder { at: birth.at, row: 0 };
    let lead = Lead { is_test: true, ..draft.into_lead(id, order, None, birth.at) };
    // Only calls that are asked for are made.
    let lead =
        lead.suspended(birth.at).map_or_else(|_| lead.clone(), |resting| Lead { version: 1, ..resting });
    match context.store.lead(ws, &lead.id).await? {
        Some(stored) if !stored.is_test => return Err(exists(&stored.id)),
        Some(_) => {}
        None => check_room_for_tests(context, ws, &campaign.id).await?,
    }
    match put_new(context, principal, &lead, birth).await? {
        Put::New(lead) => Ok(lead.id),
        Put::Known(id) => Ok(take_over(context, principal, &id, &lead).await?.id),
    }
}
