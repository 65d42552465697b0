//! Trial renderings: what no value would let render is a fault of the template, and none of a lead's.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Template;

use super::names::{self, Told};
use super::{TemplateError, render_as_is};

/// Values that leads may have, of several kinds.
const SAMPLES: [&str; 5] = ["1", "Ann Smith", "2026-12-01", "", "true"];
/// Most texts of the template itself that are tried besides: it may ask for one of them.
const MAX_OWN_SAMPLES: usize = 16;

/// Renders the template with every sample for all of its names, until one lets it render.
///
/// # Errors
/// What is wrong with the first, if none does.
pub(super) fn check(source: &str, template: &Template<'_, '_>, told: &Told<'_>) -> Result<(), TemplateError> {
    let mut names = template.undeclared_variables(false);
    names.retain(|name| !names::FUNCTIONS.contains(&name.as_str()));
    let own = told.texts.iter().map(String::as_str).take(MAX_OWN_SAMPLES);
    let samples: BTreeSet<&str> = SAMPLES.into_iter().chain(own).collect();
    let tried = |sample: &str| {
        let values: BTreeMap<&str, String> =
            names.iter().map(|name| (name.as_str(), sample.to_owned())).collect();
        render_as_is(source, template, &values)
    };
    let Err(error) = tried(SAMPLES[0]) else { return Ok(()) };
    let renders = samples.into_iter().any(|sample| tried(sample).is_ok());
    if renders || render_as_is(source, template, &BTreeMap::new()).is_ok() { Ok(()) } else { Err(error) }
}
