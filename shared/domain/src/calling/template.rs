//! Templates: Jinja2 syntax, checked when they are saved and rendered once per call.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use minijinja::Template;

use crate::base::phone::E164;
use crate::policy::assistant::Assistant;
use crate::records::campaign::Campaign;
use crate::records::lead::{Lead, LeadNumber};

mod engine;
mod literal;
mod names;
mod trial;

pub use literal::spoken;

/// Most bytes of a template.
pub const MAX_TEMPLATE_BYTES: usize = 20_000;
/// Most bytes of what a template renders to.
pub const MAX_RENDERED_BYTES: usize = 100_000;
/// What a person without a name is called.
const NAMELESS: &str = "there";
/// The names that stand for something with every lead, whatever its file has.
const SYSTEM_NAMES: [&str; 7] =
    ["assistant_name", "our_company", "company", "name", "phone_number", "email", "label"];

/// A template that can't be parsed, or can't be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct TemplateError {
    pub place: Place,
    pub reason: String,
}

/// A place in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in it, from 1, if it is known.
    pub column: Option<usize>,
}

impl Place {
    /// The place of a byte.
    fn of(template: &str, offset: usize) -> Self {
        let before = &template[..template.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before[line_start..].chars().count() + 1;
        Self { line: before.matches('\n').count() + 1, column: Some(column) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        self.column.map_or(Ok(()), |column| write!(f, ", column {column}"))
    }
}

/// Checks a template: its syntax, and that all it names is there. A value may come from the leads, so a plain
/// name is only refused where it looks like a slip of one that is known; `given` are the names that have a
/// value besides those that every lead has. What no value would let render is refused, too.
///
/// # Errors
/// [`TemplateError`] with the place and, where there is one, the nearest name.
pub fn check<'a>(template: &str, given: impl IntoIterator<Item = &'a str>) -> Result<(), TemplateError> {
    let place = Place { line: 1, column: Some(1) };
    if template.len() > MAX_TEMPLATE_BYTES {
        let reason = format!("{} bytes; at most {MAX_TEMPLATE_BYTES} are allowed", template.len());
        return Err(TemplateError { place, reason });
    }
    let parsed = parse(template)?;
    let known: Vec<&str> = SYSTEM_NAMES.into_iter().chain(given).collect();
    let told = names::check(template, &known)?;
    trial::check(template, &parsed, &told)
}

/// Renders a template; a variable that is not there is empty. What stands in the values is text, whatever it
/// looks like: it is never filled in, neither here nor by a provider.
///
/// # Errors
/// [`TemplateError`] with the place.
pub fn render(template: &str, variables: &BTreeMap<String, String>) -> Result<String, TemplateError> {
    let marked: BTreeMap<&str, String> =
        variables.iter().map(|(name, value)| (name.as_str(), literal::mark(value))).collect();
    render_as_is(template, &parse(template)?, &marked).map(|text| literal::settle(&text))
}

/// The values that the templates of a call to a number see. What overwrites them at this number comes first, then
/// the number's own, the lead's, the campaign's, then the assistant's defaults; system values rank last; empty
/// means absent.
pub fn variables(
    lead: &Lead,
    number: &E164,
    campaign: &Campaign,
    assistant: &Assistant,
    workspace_name: &str,
) -> BTreeMap<String, String> {
    let profile = &lead.profile;
    // A call that came in may be from a number that the lead does not have.
    let at = lead.number(number).cloned().unwrap_or_else(|| LeadNumber::new(number.clone()));
    let company = profile.company.clone().unwrap_or_else(|| workspace_name.to_owned());
    let name = at.name.or_else(|| profile.name.clone()).unwrap_or_else(|| NAMELESS.to_owned());
    let system = SYSTEM_NAMES.into_iter().zip([
        Some(assistant.name.clone()),
        Some(workspace_name.to_owned()),
        Some(company),
        Some(name),
        lead.phones().next().map(ToString::to_string),
        profile.email.clone(),
        at.label,
    ]);
    let mut values: BTreeMap<String, String> =
        system.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let layers =
        [&assistant.variables, &campaign.spec.variables, &profile.variables, &at.variables, &at.overwrites];
    for layer in layers {
        let present = layer.iter().filter(|(_, value)| !value.is_empty());
        values.extend(present.map(|(name, value)| (name.clone(), value.clone())));
    }
    values
}

fn parse(template: &str) -> Result<Template<'_, '_>, TemplateError> {
    engine::environment().template_from_str(template).map_err(|error| explain(template, &error))
}

fn render_as_is(
    source: &str,
    template: &Template<'_, '_>,
    variables: &BTreeMap<&str, String>,
) -> Result<String, TemplateError> {
    let mut text = Bounded(Vec::new());
    template.render_captured_to(variables, &mut text).map_err(|error| explain(source, &error))?;
    Ok(String::from_utf8_lossy(&text.0).into_owned())
}

fn explain(template: &str, error: &minijinja::Error) -> TemplateError {
    let place = error.range().map(|range| Place::of(template, range.start));
    let reason = match (error.kind(), error.detail()) {
        (minijinja::ErrorKind::WriteFailure, _) => {
            format!("it renders to more than {MAX_RENDERED_BYTES} bytes")
        }
        (minijinja::ErrorKind::OutOfFuel, _) => "it takes too many steps".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    TemplateError { place: place.unwrap_or(Place { line: error.line().unwrap_or(1), column: None }), reason }
}

/// What was rendered, up to [`MAX_RENDERED_BYTES`].
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_RENDERED_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
