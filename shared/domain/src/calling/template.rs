//! Templates: Jinja2 syntax, checked when they are saved and rendered once per call.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use minijinja::Value;

use crate::calling::values::{LEAD, SYSTEM_NAMES, Values};

mod engine;
mod literal;
mod names;
mod source;
mod trial;

pub use literal::spoken;
pub use source::Source;

/// Most bytes of a template.
pub const MAX_TEMPLATE_BYTES: usize = 20_000;
/// Most bytes of what a template renders to.
pub const MAX_RENDERED_BYTES: usize = 100_000;

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
    let source = Source::of(template);
    let known: Vec<&str> = SYSTEM_NAMES.into_iter().chain(given).collect();
    trial::check(&Template::among(&source, &known)?)
}

/// A template that can be rendered.
#[derive(Debug)]
pub struct Template<'s> {
    source: &'s Source<'s>,
    compiled: minijinja::Template<'s, 's>,
    told: names::Told<'s>,
}

impl<'s> Template<'s> {
    /// # Errors
    /// [`TemplateError`] with the place.
    pub fn parse(source: &'s Source<'s>) -> Result<Self, TemplateError> {
        Self::among(source, &[])
    }

    fn among(source: &'s Source<'s>, known: &[&str]) -> Result<Self, TemplateError> {
        let compiled = engine::environment()
            .template_from_str(source.read())
            .map_err(|error| explain(source, &error))?;
        Ok(Self { source, compiled, told: names::check(source, known)? })
    }

    /// The values that it names, such as `name` and `lead.company`, each with whether it does without a fallback
    /// for one that is not there.
    pub fn values(&self) -> impl Iterator<Item = (&str, bool)> {
        self.told.used.iter().map(|(name, is_needed)| (name.as_str(), *is_needed))
    }

    pub fn names(&self, value: &str) -> bool {
        self.told.used.contains_key(value)
    }

    /// Renders the template; a variable that is not there is empty. What stands in the values is text, whatever
    /// it looks like: it is never filled in, neither here nor by a provider.
    ///
    /// # Errors
    /// [`TemplateError`] with the place.
    pub fn render(&self, scope: &Scope) -> Result<Rendered, TemplateError> {
        self.render_as_is(&scope.0).map(Rendered)
    }

    fn render_as_is(&self, values: &BTreeMap<String, Value>) -> Result<String, TemplateError> {
        let mut text = Bounded(Vec::new());
        self.compiled.render_captured_to(values, &mut text).map_err(|error| explain(self.source, &error))?;
        Ok(String::from_utf8_lossy(&text.0).into_owned())
    }
}

/// What templates see.
#[derive(Debug, Clone)]
pub struct Scope(BTreeMap<String, Value>);

impl Scope {
    pub fn of(values: &Values) -> Self {
        let text = |value: &str| Value::from(literal::mark(value));
        let lead = values.of_the_lead().map(|(name, value)| (name, text(value)));
        let lead = Value::from_pairs(lead);
        let mut scope: BTreeMap<String, Value> =
            values.named().map(|(name, value)| (name.to_owned(), text(value))).collect();
        scope.insert(LEAD.to_owned(), lead);
        Self(scope)
    }

    /// The same, with a text that has been made already: nothing in it is made again.
    pub fn insert(&mut self, name: &str, text: &Rendered) {
        self.0.insert(name.to_owned(), Value::from(text.0.clone()));
    }
}

/// What a template renders to, in which the braces of the data are still told from its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered(String);

impl Rendered {
    /// A text that is all data.
    pub fn of_data(text: &str) -> Self {
        Self(literal::mark(text))
    }

    /// The text with another one behind it, under its heading.
    #[must_use]
    pub fn with_section(self, heading: &str, text: &Self) -> Self {
        Self(format!("{}\n\n{heading}: {}", self.0, text.0))
    }

    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// The text as it is sent: spoken as it stands, and filled in by no provider where the data has braces.
    pub fn spoken(&self) -> String {
        literal::settle(&self.0)
    }
}

fn explain(source: &Source<'_>, error: &minijinja::Error) -> TemplateError {
    let place = error.range().map(|range| source.place(range.start));
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
