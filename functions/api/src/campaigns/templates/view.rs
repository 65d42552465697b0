//! What a client is shown of templates: as they render, and what they lack.

use carillon_domain::base::ids::LeadId;
use carillon_domain::calling::sms_segments::SmsSegments;
use carillon_domain::calling::values::Layer;
use carillon_domain::policy::cadence::Cadence;
use carillon_domain::records::template_findings::{Failing, Findings, Missing};
use carillon_domain::records::text_fault::{Text, TextFault};
use serde::Serialize;
use utoipa::ToSchema;

/// What the templates lack among the leads that were looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateFindings {
    /// Leads that were looked at: those for whom something is still to be done.
    leads: u64,
    /// Whether the campaign has no others.
    is_complete: bool,
    /// Leads that would fail at their turn, for want of a value that the assistant needs or of a text.
    failing_leads: u64,
    /// Variables that some lead has no value for.
    missing: Vec<MissingVariable>,
    /// Texts that can't be made for some lead.
    failing: Vec<FailingTemplate>,
}

/// A variable that some lead has no value for.
#[derive(Debug, Serialize, ToSchema)]
struct MissingVariable {
    /// Its name, as templates have it.
    #[schema(example = "order")]
    name: String,
    /// Leads without a value for it, in whatever layer.
    leads: u64,
    /// Up to five of them.
    lead_ids: Vec<LeadId>,
    /// The templates that name it without a fallback.
    templates: Vec<Text>,
    /// Whether the assistant needs it: these leads would fail.
    is_required: bool,
}

/// A text that can't be made for some lead.
#[derive(Debug, Serialize, ToSchema)]
struct FailingTemplate {
    template: Text,
    /// Leads for whom it can't be made.
    leads: u64,
    /// Up to five of them.
    examples: Vec<FailingLead>,
}

/// A lead for whom a text can't be made.
#[derive(Debug, Serialize, ToSchema)]
struct FailingLead {
    lead_id: LeadId,
    error: TemplateFault,
}

/// What is wrong with a template, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateFault {
    /// The line, from 1.
    line: Option<usize>,
    /// The character in it, from 1, if it is known.
    column: Option<usize>,
    message: String,
}

impl TemplateFindings {
    pub(crate) fn of(findings: Findings, is_complete: bool) -> Self {
        Self {
            leads: findings.leads,
            is_complete,
            failing_leads: findings.unspeakable,
            missing: findings.missing.into_iter().map(MissingVariable::from).collect(),
            failing: findings.failing.into_iter().map(FailingTemplate::from).collect(),
        }
    }

    /// Why every single lead would fail, if so.
    pub(super) fn why_nobody_can_be_called(&self, cadence: &Cadence) -> Option<String> {
        if self.leads == 0 || self.failing_leads < self.leads {
            return None;
        }
        let required = self.missing.iter().filter(|missing| missing.is_required);
        let required = required.map(|missing| {
            format!("{} have no `{}`, which the assistant needs", missing.leads, missing.name)
        });
        let is_needed = |text: Text| cadence.channels().any(|channel| text.is_needed_in(channel));
        let failing = self.failing.iter().filter(|failing| is_needed(failing.template));
        let failing = failing.filter_map(|failing| {
            let example = failing.examples.first()?;
            Some(format!("for {} there is a fault in {}", failing.leads, example.error.message))
        });
        let whys: Vec<String> = required.chain(failing).collect();
        Some(format!(
            "none of the {} leads that were looked at can be called: {}",
            self.leads,
            whys.join("; ")
        ))
    }
}

impl From<(String, Missing)> for MissingVariable {
    fn from((name, missing): (String, Missing)) -> Self {
        let Missing { leads, examples, texts, is_required } = missing;
        let (lead_ids, templates) = (examples.into_iter().collect(), texts.into_iter().collect());
        Self { name, leads, lead_ids, templates, is_required }
    }
}

impl From<(Text, Failing)> for FailingTemplate {
    fn from((template, failing): (Text, Failing)) -> Self {
        let examples = failing.examples.into_iter();
        let examples = examples.map(|(lead_id, fault)| FailingLead { lead_id, error: fault.into() });
        Self { template, leads: failing.leads, examples: examples.collect() }
    }
}

impl From<TextFault> for TemplateFault {
    fn from(fault: TextFault) -> Self {
        Self { line: fault.line, column: fault.column, message: fault.to_string() }
    }
}

/// What would be said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplatePreviews {
    pub(super) previews: Vec<TemplatePreview>,
}

/// What would be said to one person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplatePreview {
    /// The lead; null where the person is made up.
    pub(super) lead_id: Option<LeadId>,
    /// Their name.
    pub(super) name: Option<String>,
    /// Every template that there is, rendered. The prompt stands as it is sent: with agenda, closing and the rest.
    pub(super) texts: Vec<TextPreview>,
    /// The values that the templates name, and the assistant's variables.
    pub(super) variables: Vec<VariablePreview>,
    /// Values that the assistant needs and nothing has: the call would not be made.
    pub(super) missing_required: Vec<String>,
}

/// A template, rendered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TextPreview {
    pub(super) template: Text,
    /// What would be sent; null if that can't be made.
    pub(super) rendered: Option<String>,
    /// Why it can't.
    pub(super) error: Option<TemplateFault>,
    /// What it takes as a text message; of `sms_message_template` alone.
    pub(super) sms: Option<SmsSegments>,
}

/// A value, and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VariablePreview {
    /// Its name, as templates have it.
    #[schema(example = "lead.company")]
    pub(super) name: String,
    /// The value; null if there is none.
    pub(super) value: Option<String>,
    /// Where it comes from.
    pub(super) from: Option<Layer>,
    /// The templates that name it.
    pub(super) templates: Vec<Text>,
    /// Whether one of them does so without a fallback.
    pub(super) is_needed: bool,
}
