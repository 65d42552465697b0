//! What would be said to a person: to a lead, to some of them, or to somebody made up.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::numbering;
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::personalization::{Sources, Templates, missing};
use carillon_domain::calling::sms_segments::SmsSegments;
use carillon_domain::calling::text_message;
use carillon_domain::calling::values::{Conversation, Values};
use carillon_domain::importing::LeadDraft;
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::policy::rules::Rulebook;
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_domain::records::lead::{FileOrder, Lead};
use carillon_domain::records::text_fault::{Text, TextFault};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::ToSchema;

use super::unreadable;
use super::view::{TemplatePreview, TemplatePreviews, TextPreview, VariablePreview};
use crate::auth::Principal;
use crate::campaigns::forecast::within;
use crate::campaigns::settings::{References, checked};
use crate::campaigns::{CampaignPatch, load};
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::validation::{FieldErrors, present};

/// Most leads of one preview.
const MAX_SAMPLE: u8 = 5;
/// The number of somebody made up: one of those that nobody has.
const EXAMPLE_PHONE: &str = "+12025550123";
/// What stands in where a placeholder in words would not do, such as for a number.
const PLAIN_EXAMPLE: &str = "1";

/// To whom it would be said. At most one of `lead_id`, `values` and `sample`; without any of them the person is made
/// up, and what nothing has a value for stands in brackets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplatePreviewForm {
    /// A lead of the campaign.
    #[serde(default)]
    lead_id: Option<LeadId>,
    /// A row that a file might have: `name`, `company`, `email`, `phone`, and variables.
    #[serde(default)]
    #[schema(example = json!({"name": "Ann", "order": "A-1"}))]
    values: Option<BTreeMap<String, String>>,
    /// So many leads of the campaign, as good as drawn by lot.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 5)]
    sample: Option<u8>,
    /// Settings that are thought about, as `PATCH` takes them; they are not saved.
    #[serde(default)]
    changes: Option<CampaignPatch>,
}

/// Whom a preview is for.
enum Whom {
    /// Leads that there are.
    Leads(Vec<Lead>),
    /// Somebody with these values alone.
    Row(Box<Lead>),
    /// Somebody with a value for everything.
    Example(Box<Lead>),
}

/// Shows what would be said, text by text, with where each value comes from. Nothing is saved, and nobody called.
///
/// With `sample` of 5 it is the review before a launch. Errors name line and column.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/templates/preview", tag = "campaigns",
    params(("campaign_id" = String, Path)), request_body = TemplatePreviewForm,
    responses((status = 200, body = TemplatePreviews)))]
pub(crate) async fn preview_templates(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Body(form): Body<TemplatePreviewForm>,
) -> Result<Json<TemplatePreviews>, Problem> {
    let ws = &principal.workspace;
    let campaign = load(&context, ws, &id).await?;
    let references = References::of(&context, ws).await?;
    let spec = match &form.changes {
        None => campaign.spec.clone(),
        Some(changes) => checked(changes.onto(&campaign.spec)?, &references, Some(&campaign.spec))
            .map_err(|problem| within("changes", problem))?,
    };
    let whom = form.whom(&context, ws, &campaign).await?;
    let workspace = crate::workspace::load(&context, ws).await?;
    let Some(assistant) = references.voices.assistant(&spec.assistant_id) else {
        return Err(Problem::not_found("assistant", &spec.assistant_id));
    };
    let sources = Sources::of(&spec, assistant);
    let templates = sources.parsed().map_err(|fault| unreadable(&fault))?;
    let said = Said {
        spec: &spec,
        assistant,
        workspace_name: &workspace.name,
        templates: &templates,
        rules: &workspace.rulebook(),
        now: context.now(),
    };
    let previews = match &whom {
        Whom::Leads(leads) => leads.iter().map(|lead| said.preview(lead, Some(&lead.id), false)).collect(),
        Whom::Row(lead) => vec![said.preview(lead, None, false)],
        Whom::Example(lead) => vec![said.preview(lead, None, true)],
    };
    Ok(Json(TemplatePreviews { previews }))
}

impl TemplatePreviewForm {
    async fn whom(&self, context: &Context, ws: &WorkspaceId, campaign: &Campaign) -> Result<Whom, Problem> {
        let made_up = |values| made_up(values, campaign, context);
        match (&self.lead_id, &self.values, self.sample) {
            (None, None, None) => {
                let example =
                    [("name", "Alex Example"), ("company", "Example Ltd"), ("email", "alex@example.com")];
                let values = example.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
                Ok(Whom::Example(Box::new(made_up(values)?)))
            }
            (Some(id), None, None) => {
                let lead =
                    if id.campaign() == campaign.id { context.store.lead(ws, id).await? } else { None };
                lead.map(|lead| Whom::Leads(vec![lead])).ok_or_else(|| Problem::not_found("lead", id))
            }
            (None, Some(values), None) => Ok(Whom::Row(Box::new(made_up(values.clone())?))),
            (None, None, Some(sample)) => {
                let mut errors = FieldErrors::default();
                errors.check_range("sample", sample, 1..=MAX_SAMPLE);
                errors.into_result()?;
                let (mut leads, _) = context.store.some_leads(ws, &campaign.id, usize::from(sample)).await?;
                leads.truncate(usize::from(sample));
                leads.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
                Ok(Whom::Leads(leads))
            }
            _ => {
                let reason = "give one of `lead_id`, `values` and `sample`, or none of them";
                Err(Problem::of_field(Code::InvalidFields, "lead_id", reason))
            }
        }
    }
}

/// A lead that is none, with these values.
fn made_up(
    mut values: BTreeMap<String, String>,
    campaign: &Campaign,
    context: &Context,
) -> Result<Lead, Problem> {
    let phone = present(values.remove("phone")).unwrap_or_else(|| EXAMPLE_PHONE.to_owned());
    let phone = numbering::parse(&phone, campaign.spec.default_country)
        .map_err(|error| Problem::of_field(Code::InvalidFields, "values.phone", error))?;
    let mut errors = FieldErrors::default();
    let (name, company, email) = (values.remove("name"), values.remove("company"), values.remove("email"));
    errors.check_variables("values", &values);
    errors.into_result()?;
    let id = LeadId::derive(&campaign.id, &phone);
    let draft = LeadDraft {
        name: present(name),
        company: present(company),
        email: present(email),
        variables: values,
        ..LeadDraft::new(phone, [])
    };
    let now = context.now();
    Ok(draft.into_lead(id, FileOrder { at: now, row: 0 }, None, now))
}

/// What is said, whomever it is said to.
struct Said<'s> {
    spec: &'s CampaignSpec,
    assistant: &'s Assistant,
    workspace_name: &'s str,
    templates: &'s Templates<'s>,
    rules: &'s Rulebook,
    now: Timestamp,
}

impl Said<'_> {
    fn preview(&self, lead: &Lead, lead_id: Option<&LeadId>, has_all: bool) -> TemplatePreview {
        let conversation = Conversation {
            lead,
            number: lead.next_number(),
            campaign: self.spec,
            assistant: self.assistant,
            workspace_name: self.workspace_name,
            instructions: None,
        };
        let mut values = Values::of(&conversation);
        if has_all {
            values = self.with_examples(values);
        }
        TemplatePreview {
            lead_id: lead_id.cloned(),
            name: lead.profile.name.clone(),
            texts: self.texts(&values, lead),
            variables: self.variables(&values),
            missing_required: missing(&values, self.assistant).map(str::to_owned).collect(),
        }
    }

    /// The values with one for whatever is named: an example of its type, its name in brackets, or something plain
    /// where that can't be made a text of.
    fn with_examples(&self, values: Values) -> Values {
        let schema = &self.assistant.variables;
        let names: BTreeSet<&str> = self
            .templates
            .values()
            .map(|(_, name, _)| name)
            .chain(schema.keys().map(String::as_str))
            .collect();
        let with = |placeholder: fn(&str) -> String| {
            let example = |name: &str| match schema.get(name) {
                Some(variable) => variable.kind.example().to_owned(),
                None => placeholder(name),
            };
            let examples: Vec<(&str, String)> =
                names.iter().copied().map(|name| (name, example(name))).collect();
            let mut values = values.clone();
            values.lay_examples(examples.iter().map(|(name, value)| (*name, value.as_str())));
            values
        };
        let in_words = with(|name| format!("[{name}]"));
        let renders = self.templates.render(&in_words, None).iter().all(|(_, rendered)| rendered.is_ok());
        if renders { in_words } else { with(|_| PLAIN_EXAMPLE.to_owned()) }
    }

    fn texts(&self, values: &Values, lead: &Lead) -> Vec<TextPreview> {
        let rendered = self.templates.render(values, None).into_iter();
        let shown = rendered.map(|(template, rendered)| {
            let text = rendered.map(|rendered| rendered.spoken());
            match template {
                Text::SmsMessage => (template, text.and_then(|text| self.message(&text, lead))),
                _ => (template, text),
            }
        });
        let shown = shown.map(|(template, text)| match text {
            Ok(text) => {
                let sms = (template == Text::SmsMessage).then(|| SmsSegments::of(&text));
                TextPreview { template, rendered: Some(text), error: None, sms }
            }
            Err(fault) => TextPreview { template, rendered: None, error: Some(fault.into()), sms: None },
        });
        shown.collect()
    }

    /// A text message as the lead would get it.
    fn message(&self, text: &str, lead: &Lead) -> Result<String, TextFault> {
        let rules = self.rules.now(&lead.zone, self.spec.time_zone, self.now);
        text_message::finished(text, self.assistant.language.as_deref(), rules)
    }

    fn variables(&self, values: &Values) -> Vec<VariablePreview> {
        let mut named: BTreeMap<&str, (Vec<Text>, bool)> =
            self.assistant.variables.keys().map(|name| (name.as_str(), Default::default())).collect();
        for (text, name, is_needed) in self.templates.values() {
            let (templates, needed) = named.entry(name).or_default();
            templates.push(text);
            *needed |= is_needed;
        }
        let shown = named.into_iter().map(|(name, (templates, is_needed))| {
            let (value, from) = values.get(name).unzip();
            let (name, value) = (name.to_owned(), value.map(str::to_owned));
            VariablePreview { name, value, from, templates, is_needed }
        });
        shown.collect()
    }
}
