//! Trial renderings: what no value would let render is a fault of the template, and none of a lead's.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;

use super::{Template, TemplateError};
use crate::calling::values::LEAD;

/// Values that leads may have, of several kinds.
const SAMPLES: [&str; 5] = ["1", "Ann Smith", "2026-12-01", "", "true"];
/// Most texts of the template itself that are tried besides: it may ask for one of them.
const MAX_OWN_SAMPLES: usize = 16;

/// Renders the template with every sample for all of its names, until one lets it render.
///
/// # Errors
/// What is wrong with the first, if none does.
pub(super) fn check(template: &Template<'_>) -> Result<(), TemplateError> {
    let own = template.told.texts.iter().map(String::as_str).take(MAX_OWN_SAMPLES);
    let samples: BTreeSet<&str> = SAMPLES.into_iter().chain(own).collect();
    let tried = |sample: &str| template.render_as_is(&everywhere(template, sample));
    let Err(error) = tried(SAMPLES[0]) else { return Ok(()) };
    let renders = samples.into_iter().any(|sample| tried(sample).is_ok());
    if renders || template.render_as_is(&BTreeMap::new()).is_ok() { Ok(()) } else { Err(error) }
}

/// One value for all that the template names.
fn everywhere(template: &Template<'_>, sample: &str) -> BTreeMap<String, Value> {
    let of_the_lead = |name: &str| name.strip_prefix(LEAD)?.strip_prefix('.').map(str::to_owned);
    let (mut values, mut lead) = (BTreeMap::new(), Vec::new());
    for (name, _) in template.values() {
        match of_the_lead(name) {
            Some(field) => lead.push((field, sample)),
            None => drop(values.insert(name.to_owned(), Value::from(sample))),
        }
    }
    values.insert(LEAD.to_owned(), Value::from_pairs(lead));
    values
}
