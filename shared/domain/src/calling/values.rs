//! The values of a conversation, each with where it comes from: what templates and providers fill in.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::phone::E164;
use crate::policy::assistant::Assistant;
use crate::records::campaign::CampaignSpec;
use crate::records::lead::Lead;

/// What a person without a name is called.
const NAMELESS: &str = "there";

/// The values that stand for something with every lead, whatever its file has.
pub const SYSTEM_NAMES: [&str; 7] =
    ["assistant_name", "our_company", "company", "name", "phone_number", "email", "label"];
/// What is known of a lead besides its variables, as attributes of `lead`.
pub const LEAD_FIELDS: [&str; 4] = ["name", "company", "email", "phone_number"];
/// The lead itself in templates: `lead.company` is theirs, whatever else is called `company`.
pub const LEAD: &str = "lead";

/// Names that mean one thing alone, whatever else is called so.
pub const FIXED_NAMES: [&str; 2] = [LEAD, "our_company"];

/// Where a value comes from; a later one here is heard before those above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Made up, where nothing has a value: for previews alone.
    Example,
    /// What Carillon knows by itself.
    System,
    /// A default of the assistant's variables.
    Assistant,
    /// The campaign's variables.
    Campaign,
    /// The lead's own fields and variables.
    Lead,
    /// What is known of the number at which they are spoken to.
    Number,
    /// What was set for this lead, over all that its file says.
    LeadOverwrite,
    /// What was set for this number of theirs.
    NumberOverwrite,
}

/// With whom a conversation is, and who has it.
#[derive(Debug, Clone, Copy)]
pub struct Conversation<'a> {
    pub lead: &'a Lead,
    /// The number of theirs at which they are spoken to.
    pub number: &'a E164,
    pub campaign: &'a CampaignSpec,
    pub assistant: &'a Assistant,
    pub workspace_name: &'a str,
    /// What was asked for besides, for this conversation.
    pub instructions: Option<&'a str>,
}

/// The values of a conversation. One that is empty is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    named: BTreeMap<String, (String, Layer)>,
    lead: BTreeMap<String, String>,
}

impl Values {
    /// The values of a conversation.
    pub fn of(conversation: &Conversation<'_>) -> Self {
        let Conversation { lead, number, campaign, assistant, workspace_name, .. } = *conversation;
        let mut values = Self::default();
        values.lay(
            Layer::System,
            [("assistant_name", &*assistant.name), ("company", workspace_name), ("name", NAMELESS)],
        );
        let defaults = assistant.variables.iter();
        let defaults = defaults.filter_map(|(name, variable)| Some((&**name, variable.default.as_deref()?)));
        values.lay(Layer::Assistant, defaults);
        values.lay(Layer::Campaign, texts(&campaign.variables));
        values.lay(Layer::Lead, fields(lead, number));
        values.lay(Layer::Lead, texts(&lead.profile.variables));
        // A call that came in may be from a number that the lead does not have.
        let at = lead.number(number);
        if let Some(at) = at {
            let fields = [("name", at.name.as_deref()), ("label", at.label.as_deref())];
            values.lay(Layer::Number, fields.into_iter().filter_map(|(name, value)| Some((name, value?))));
            values.lay(Layer::Number, texts(&at.variables));
        }
        values.lay(Layer::LeadOverwrite, texts(&lead.profile.overwrites));
        if let Some(at) = at {
            values.lay(Layer::NumberOverwrite, texts(&at.overwrites));
        }
        values.named.retain(|name, _| !FIXED_NAMES.contains(&name.as_str()));
        values.lay(Layer::System, [("our_company", workspace_name)]);
        let first = lead.phones().next().unwrap_or(number);
        let own = texts(&lead.profile.variables).chain(fields(lead, first));
        values.lead.extend(own.filter(is_there).map(owned));
        values
    }

    /// What stands in for values that nothing has.
    pub fn lay_examples<'a>(&mut self, examples: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (name, value) in examples {
            if let Some(field) = name.strip_prefix("lead.") {
                self.lead.entry(field.to_owned()).or_insert_with(|| value.to_owned());
            } else {
                let example = || (value.to_owned(), Layer::Example);
                self.named.entry(name.to_owned()).or_insert_with(example);
            }
        }
    }

    /// A value by the name that templates have for it, with where it comes from: `company`, or `lead.company`.
    pub fn get(&self, name: &str) -> Option<(&str, Layer)> {
        match name.strip_prefix("lead.") {
            Some(field) => self.lead.get(field).map(|value| (value.as_str(), Layer::Lead)),
            None => self.named.get(name).map(|(value, layer)| (value.as_str(), *layer)),
        }
    }

    /// All of them by name, without what is known of the lead alone.
    pub fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.named.iter().map(|(name, (value, _))| (name.as_str(), value.as_str()))
    }

    /// What is known of the lead alone.
    pub fn of_the_lead(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(&self.lead)
    }

    fn lay<'a>(&mut self, layer: Layer, values: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let there = values.into_iter().filter(is_there);
        self.named.extend(there.map(|(name, value)| (name.to_owned(), (value.to_owned(), layer))));
    }
}

fn fields<'a>(lead: &'a Lead, number: &'a E164) -> impl Iterator<Item = (&'a str, &'a str)> {
    let profile = &lead.profile;
    let (name, company, email) =
        (profile.name.as_deref(), profile.company.as_deref(), profile.email.as_deref());
    let fields = LEAD_FIELDS.into_iter().zip([name, company, email, Some(number.as_str())]);
    fields.filter_map(|(name, value)| Some((name, value?)))
}

fn texts(values: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

fn is_there((_, value): &(&str, &str)) -> bool {
    !value.trim().is_empty()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures;
    use crate::policy::variables::Variable;

    /// What is said of one name, layer by layer.
    #[derive(Debug, Clone, Default)]
    struct Said {
        overwrite: Option<String>,
        variable: Option<String>,
        field: Option<String>,
        campaign: Option<String>,
        default: Option<String>,
    }

    fn values(name: &str, said: &Said) -> Values {
        let (mut lead, mut campaign, mut assistant) =
            (fixtures::lead(1), fixtures::campaign(), fixtures::assistant());
        let put = |map: &mut BTreeMap<String, String>, value: &Option<String>| {
            map.extend(value.clone().map(|value| (name.to_owned(), value)));
        };
        put(&mut lead.profile.overwrites, &said.overwrite);
        put(&mut lead.profile.variables, &said.variable);
        put(&mut campaign.spec.variables, &said.campaign);
        match name {
            "name" => lead.profile.name = said.field.clone(),
            "company" => lead.profile.company = said.field.clone(),
            _ => {}
        }
        let variable = Variable { default: said.default.clone(), ..Variable::default() };
        assistant.variables.insert(name.to_owned(), variable);
        Values::of(&Conversation {
            lead: &lead,
            number: &fixtures::number(7),
            campaign: &campaign.spec,
            assistant: &assistant,
            workspace_name: "Acme",
            instructions: None,
        })
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn company_is_the_lead_s_and_else_the_workspace_s() {
        let none = values("company", &Said::default());
        assert_eq!(none.get("company"), Some(("Acme", Layer::System)));
        assert_eq!(
            (none.get("lead.company"), none.get("our_company")),
            (None, Some(("Acme", Layer::System)))
        );
        let fallback = values("company", &Said { campaign: text("you"), ..Said::default() });
        assert_eq!(fallback.get("company"), Some(("you", Layer::Campaign)));
        let own = values("company", &Said { campaign: text("you"), field: text("Beta"), ..Said::default() });
        assert_eq!(own.get("company"), Some(("Beta", Layer::Lead)));
        assert_eq!(own.get("lead.company"), Some(("Beta", Layer::Lead)));
        let over =
            values("company", &Said { overwrite: text("Gamma"), field: text("Beta"), ..Said::default() });
        assert_eq!(over.get("company"), Some(("Gamma", Layer::LeadOverwrite)));
        assert_eq!(over.get("lead.company"), Some(("Beta", Layer::Lead)), "what they are stays");
    }

    #[test]
    fn some_names_are_never_ambiguous() {
        let said = Said { overwrite: text("a"), variable: text("b"), campaign: text("c"), ..Said::default() };
        assert_eq!(values("our_company", &said).get("our_company"), Some(("Acme", Layer::System)));
        let lead = values("lead", &said);
        assert_eq!((lead.get("lead"), lead.get("lead.lead")), (None, Some(("b", Layer::Lead))));
        let spoken_to = values("x", &said);
        let number = |n| fixtures::number(n).to_string();
        assert_eq!(spoken_to.get("phone_number"), Some((number(7).as_str(), Layer::Lead)));
        assert_eq!(spoken_to.get("lead.phone_number"), Some((number(1).as_str(), Layer::Lead)));
    }

    fn said() -> impl Strategy<Value = Said> {
        let one =
            || proptest::option::of(prop_oneof!["[a-z]{1,3}", Just(String::new()), Just("  ".to_owned())]);
        (one(), one(), one(), one(), one()).prop_map(|(overwrite, variable, field, campaign, default)| Said {
            overwrite,
            variable,
            field,
            campaign,
            default,
        })
    }

    proptest! {
        #[test]
        fn the_first_layer_that_has_a_value_is_heard(said in said(), name in prop_oneof!["name", "company", "order"]) {
            let field = said.field.clone().filter(|_| name != "order");
            let system = match name.as_str() {
                "name" => text("there"),
                "company" => text("Acme"),
                _ => None,
            };
            let order = [
                (&said.overwrite, Layer::LeadOverwrite),
                (&said.variable, Layer::Lead),
                (&field, Layer::Lead),
                (&said.campaign, Layer::Campaign),
                (&said.default, Layer::Assistant),
                (&system, Layer::System),
            ];
            let expected = order.into_iter().find_map(|(value, layer)| {
                value.as_deref().filter(|value| !value.trim().is_empty()).map(|value| (value, layer))
            });
            let values = values(&name, &said);
            prop_assert_eq!(values.get(&name), expected);
        }
    }
}
