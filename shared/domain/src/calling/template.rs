//! Templates: Jinja2 syntax, rendered once per call.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior};

use crate::policy::assistant::Assistant;
use crate::records::campaign::Campaign;
use crate::records::lead::Lead;

/// Most bytes of a template.
pub const MAX_TEMPLATE_BYTES: usize = 20_000;
/// Most steps that rendering may take; ends templates that loop for ever.
const MAX_STEPS: u64 = 50_000;
/// What a person without a name is called.
const NAMELESS: &str = "there";

/// A template that can't be parsed or rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    pub reason: String,
}

/// Checks a template's syntax.
///
/// # Errors
/// [`TemplateError`] with the line.
pub fn check(template: &str) -> Result<(), TemplateError> {
    if template.len() > MAX_TEMPLATE_BYTES {
        let reason = format!("{} bytes; at most {MAX_TEMPLATE_BYTES} are allowed", template.len());
        return Err(TemplateError { line: 1, reason });
    }
    environment().template_from_str(template).map(|_| ()).map_err(|error| explain(&error))
}

/// Renders a template; a variable that is not there is empty.
///
/// # Errors
/// [`TemplateError`] with the line.
pub fn render(template: &str, variables: &BTreeMap<String, String>) -> Result<String, TemplateError> {
    environment().render_str(template, variables).map_err(|error| explain(&error))
}

/// The values that a call's templates see. The lead's own come first, then the campaign's,
/// then the assistant's defaults; system values rank last; empty means absent.
pub fn variables(
    lead: &Lead,
    campaign: &Campaign,
    assistant: &Assistant,
    workspace_name: &str,
) -> BTreeMap<String, String> {
    let profile = &lead.profile;
    let company = profile.company.clone().unwrap_or_else(|| workspace_name.to_owned());
    let name = profile.name.clone().unwrap_or_else(|| NAMELESS.to_owned());
    let system = [
        ("assistant_name", Some(assistant.name.clone())),
        ("our_company", Some(workspace_name.to_owned())),
        ("company", Some(company)),
        ("name", Some(name)),
        ("phone_number", lead.numbers.first().map(ToString::to_string)),
        ("email", profile.email.clone()),
    ];
    let mut values: BTreeMap<String, String> =
        system.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    for layer in [&assistant.variables, &campaign.spec.variables, &profile.variables] {
        let present = layer.iter().filter(|(_, value)| !value.is_empty());
        values.extend(present.map(|(name, value)| (name.clone(), value.clone())));
    }
    values
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(MAX_STEPS));
    environment.add_filter("title_case", title_case);
    environment.add_filter("phone_format", phone_format);
    environment
}

fn explain(error: &minijinja::Error) -> TemplateError {
    TemplateError {
        line: error.line().unwrap_or(1),
        reason: error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned),
    }
}

fn title_case(text: &str) -> String {
    text.split(' ')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
            })
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A number as people read it, in its international form: `+1 415-555-0123`.
fn phone_format(text: &str) -> String {
    crate::base::numbering::readable(text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn values() -> BTreeMap<String, String> {
        let mut lead = fixtures::lead(1);
        lead.profile.name = Some("ann SMITH".into());
        lead.profile.variables.insert("order".into(), "A-1".into());
        lead.profile.variables.insert("offer".into(), String::new());
        let mut campaign = fixtures::campaign();
        campaign.spec.variables.insert("order".into(), "from the campaign".into());
        campaign.spec.variables.insert("offer".into(), "a discount".into());
        variables(&lead, &campaign, &fixtures::assistant(), "Acme")
    }

    #[test]
    fn the_lead_comes_before_the_campaign_and_empty_means_absent() {
        let text = render("{{ name | title_case }}: {{ order }}, {{ offer }}, {{ our_company }}", &values());
        assert_eq!(text, Ok("Ann Smith: A-1, a discount, Acme".to_owned()));
    }

    #[test]
    fn what_is_missing_has_a_fallback() {
        let text = render("{{ nothing | default('something') }}{{ nothing }}", &values());
        assert_eq!(text, Ok("something".to_owned()));
    }

    #[test]
    fn an_error_names_its_line() {
        let error = check("Hello\n{{ name").expect_err("not closed");
        assert_eq!(error.line, 2);
    }

    #[test]
    fn a_template_that_does_not_end_is_stopped() {
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(render(endless, &values()).is_err());
    }
}
