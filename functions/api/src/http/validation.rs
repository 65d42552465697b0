//! Checks of fields: all that is wrong with a request is told at once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use carillon_domain::calling::template;
use carillon_domain::calling::values::FIXED_NAMES;
use carillon_domain::importing::{MAX_TAG_BYTES, MAX_TAGS, MAX_VARIABLES, is_variable_name};
use carillon_domain::policy::assistant::Assistant;
use carillon_domain::policy::variables::VariableSchema;

use crate::http::problem::{Code, FieldError, Problem};

/// Most characters of a name.
pub(crate) const MAX_NAME_CHARS: usize = 200;
/// Most characters of a text.
pub(crate) const MAX_TEXT_CHARS: usize = 4_000;

/// Most characters of a value for the templates.
const MAX_VARIABLE_CHARS: usize = 1_024;

/// What is wrong with the fields of a request.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes that something is wrong with a field.
    pub(crate) fn push(&mut self, field: impl Into<String>, reason: impl Display) {
        self.0.push(FieldError { field: field.into(), reason: reason.to_string() });
    }

    /// A text that is there and not too long.
    pub(crate) fn check_text(&mut self, field: &str, text: &str, max_chars: usize) {
        if text.trim().is_empty() {
            self.push(field, "it is empty");
        }
        self.check_length(field, text, max_chars);
    }

    /// A text that may be absent, and is not too long.
    pub(crate) fn check_optional_text(&mut self, field: &str, text: Option<&str>, max_chars: usize) {
        if let Some(text) = text {
            self.check_length(field, text, max_chars);
        }
    }

    /// A text without control characters.
    pub(crate) fn check_characters(&mut self, field: &str, text: &str) {
        if let Some(found) = control_character(text) {
            self.push(field, found);
        }
    }

    /// Characters are counted as JSON Schema counts them.
    fn check_length(&mut self, field: &str, text: &str, max_chars: usize) {
        let chars = text.chars().count();
        if chars > max_chars {
            self.push(field, format_args!("{chars} characters; at most {max_chars} are allowed"));
        }
    }

    /// A number within its limits.
    pub(crate) fn check_range<N: PartialOrd + Display>(
        &mut self,
        field: &str,
        value: N,
        allowed: RangeInclusive<N>,
    ) {
        if !allowed.contains(&value) {
            let (from, to) = allowed.into_inner();
            self.push(field, format_args!("{value} is not from {from} to {to}"));
        }
    }

    /// A list that is not too long.
    pub(crate) fn check_count(&mut self, field: &str, count: usize, max: usize) {
        if count > max {
            self.push(field, format_args!("{count} are too many; at most {max} are allowed"));
        }
    }

    /// A template of which nothing is unknown; `given` are the values that it will have for sure.
    pub(crate) fn check_template(&mut self, field: &str, text: Option<&str>, given: &[&str]) {
        if let Some(Err(error)) = text.map(|text| template::check(text, given.iter().copied())) {
            self.push(field, error);
        }
    }

    /// Words to find something by.
    pub(crate) fn check_tags(&mut self, tags: &[String]) {
        self.check_count("tags", tags.len(), MAX_TAGS);
        for (place, tag) in tags.iter().enumerate() {
            if !(1..=MAX_TAG_BYTES).contains(&tag.len()) {
                self.push(format!("tags[{place}]"), format_args!("a tag has 1 to {MAX_TAG_BYTES} bytes"));
            }
        }
    }

    /// Values for the templates.
    pub(crate) fn check_variables(&mut self, within: &str, variables: &BTreeMap<String, String>) {
        self.check_count(within, variables.len(), MAX_VARIABLES);
        for (name, value) in variables {
            let field = format!("{within}.{name}");
            self.check_variable_name(&field, name);
            self.check_length(&field, value, MAX_VARIABLE_CHARS);
        }
    }

    /// The variables of an assistant, with defaults of their types.
    pub(crate) fn check_schema(&mut self, variables: &VariableSchema) {
        self.check_count("variables", variables.len(), MAX_VARIABLES);
        for (name, variable) in variables {
            let field = format!("variables.{name}");
            self.check_variable_name(&field, name);
            if FIXED_NAMES.contains(&name.as_str()) {
                self.push(&field, "this name always means the same; choose another one");
            }
            self.check_optional_text(
                &format!("{field}.description"),
                variable.description.as_deref(),
                MAX_TEXT_CHARS,
            );
            if let Some(default) = &variable.default {
                let field = format!("{field}.default");
                self.check_length(&field, default, MAX_VARIABLE_CHARS);
                if let Err(error) = variable.check(default) {
                    self.push(&field, error);
                }
            }
        }
    }

    /// Values of an assistant's variables for one lead.
    pub(crate) fn check_overwrites(&mut self, overwrites: &BTreeMap<String, String>, assistant: &Assistant) {
        self.check_count("overwrites", overwrites.len(), MAX_VARIABLES);
        for (name, value) in overwrites {
            let field = format!("overwrites.{name}");
            self.check_length(&field, value, MAX_VARIABLE_CHARS);
            match assistant.variables.get(name).map(|variable| variable.check(value)) {
                None => self.push(&field, no_variable(name, assistant)),
                Some(Err(error)) => self.push(&field, error),
                Some(Ok(())) => {}
            }
        }
    }

    fn check_variable_name(&mut self, field: &str, name: &str) {
        if !is_variable_name(name) {
            self.push(field, "a name is a letter and then letters, digits and _, and no word of Jinja's own");
        }
    }

    /// # Errors
    /// A problem that names every field, if there are any.
    pub(crate) fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_problem()) }
    }

    /// The problem that names every field.
    pub(crate) fn into_problem(self) -> Problem {
        Problem::of_fields(Code::InvalidFields, self.0)
    }
}

fn no_variable(name: &str, assistant: &Assistant) -> String {
    let names: Vec<&str> = assistant.variables.keys().map(String::as_str).collect();
    let there = match names.as_slice() {
        [] => "it has none: add it to the assistant's `variables` first".to_owned(),
        names => format!("there is {}", names.join(", ")),
    };
    format!("the assistant {} has no variable `{name}`; {there}", assistant.name)
}

/// What is wrong with a text that holds a control character; tabs and line ends are none.
pub(crate) fn control_character(text: &str) -> Option<String> {
    let found = text.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))?;
    Some(format!(
        "it holds the control character U+{:04X}; of these only tabs and line ends are taken",
        u32::from(found)
    ))
}

/// An optional text: one that is empty is absent.
pub(crate) fn present(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
