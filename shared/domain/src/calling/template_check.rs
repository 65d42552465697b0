//! What the templates of a campaign will lack, found over its leads one by one.

use std::collections::{BTreeMap, BTreeSet};

use crate::calling::personalization::{Templates, missing};
use crate::calling::values::{Conversation, Values};
use crate::policy::assistant::Assistant;
use crate::records::campaign::CampaignSpec;
use crate::records::lead::Lead;
use crate::records::template_findings::{Failing, Findings, Missing};
use crate::records::text_fault::Text;

/// A check under way: leads are noted in any order, in parts whose findings are merged.
#[derive(Debug)]
pub struct Check<'s, 't> {
    campaign: &'s CampaignSpec,
    assistant: &'s Assistant,
    workspace_name: &'s str,
    templates: &'s Templates<'t>,
    /// The values that are named without a fallback, each with the texts that do.
    needed: BTreeMap<&'s str, BTreeSet<Text>>,
}

impl<'s, 't> Check<'s, 't> {
    pub fn new(
        campaign: &'s CampaignSpec,
        assistant: &'s Assistant,
        workspace_name: &'s str,
        templates: &'s Templates<'t>,
    ) -> Self {
        let mut needed: BTreeMap<&str, BTreeSet<Text>> = BTreeMap::new();
        for (text, name, _) in templates.values().filter(|(_, _, is_needed)| *is_needed) {
            needed.entry(name).or_default().insert(text);
        }
        Self { campaign, assistant, workspace_name, templates, needed }
    }

    /// Adds what one lead would meet; one for whom nothing more is done, nothing.
    pub fn note(&self, findings: &mut Findings, lead: &Lead) {
        if lead.state.is_settled() {
            return;
        }
        let values = Values::of(&Conversation {
            lead,
            number: lead.next_number(),
            campaign: self.campaign,
            assistant: self.assistant,
            workspace_name: self.workspace_name,
            instructions: None,
        });
        findings.leads += 1;
        let lacking = self.needed.iter().filter(|(name, _)| values.get(name).is_none());
        let mut lacks: BTreeMap<&str, BTreeSet<Text>> =
            lacking.map(|(name, texts)| (*name, texts.clone())).collect();
        let required: BTreeSet<&str> = missing(&values, self.assistant).collect();
        for name in &required {
            lacks.entry(name).or_default();
        }
        let mut is_unspeakable = !required.is_empty();
        for (name, texts) in lacks {
            let is_required = required.contains(name);
            let examples = [lead.id.clone()].into();
            let one = Missing { leads: 1, examples, texts, is_required };
            findings.missing.entry(name.to_owned()).or_default().merge(one);
        }
        for (text, rendered) in self.templates.render(&values, None) {
            let Err(fault) = rendered else { continue };
            let mut channels = self.campaign.cadence.channels();
            is_unspeakable |= channels.any(|channel| text.is_needed_in(channel));
            let one = Failing { leads: 1, examples: [(lead.id.clone(), fault)].into() };
            findings.failing.entry(text).or_default().merge(one);
        }
        findings.unspeakable += u64::from(is_unspeakable);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calling::personalization::Sources;
    use crate::fixtures;
    use crate::policy::variables::Variable;
    use crate::records::lead::LeadState;
    use crate::records::template_findings::MAX_EXAMPLES;

    /// The findings over leads, in parts.
    fn found(parts: &[&[Lead]]) -> Findings {
        let (mut campaign, mut assistant) = (fixtures::campaign().spec, fixtures::assistant());
        campaign.welcome_message_template =
            Some("Hi {name}, {{ city }}{% if plan %}{{ plan }}{% endif %}{{ day | default('soon') }}".into());
        campaign.agenda_template =
            Some("You owe {{ amount | int + 1 }}, {{ lead.company or 'friend' }}".into());
        campaign.sms_message_template = Some("{{ name | int }}".into());
        assistant.prompt_template = Some("{{ agenda }} {{ end_call_message }}".into());
        assistant.variables.insert("price".into(), Variable { required: true, ..Variable::default() });
        let sources = Sources::of(&campaign, &assistant);
        let templates = sources.parsed().expect("templates");
        let check = Check::new(&campaign, &assistant, "Acme", &templates);
        let mut whole = Findings::default();
        for part in parts {
            let mut findings = Findings::default();
            part.iter().for_each(|lead| check.note(&mut findings, lead));
            whole.merge(findings);
        }
        whole
    }

    fn lead(n: u32, variables: &[(&str, &str)]) -> Lead {
        let mut lead = fixtures::lead(n);
        lead.profile.variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        lead
    }

    #[test]
    fn every_variable_that_a_lead_lacks_is_named_and_every_text_that_fails() {
        let whole = [
            lead(1, &[("city", "Ulm"), ("amount", "7"), ("price", "1")]),
            lead(2, &[("city", ""), ("amount", "n/a"), ("price", "1")]),
            lead(3, &[("city", "Bonn"), ("amount", "8")]),
            Lead { state: LeadState::Completed, ..lead(4, &[]) },
        ];
        let findings = found(&[&whole]);
        assert_eq!((findings.leads, findings.unspeakable), (3, 2));
        let named: Vec<_> = findings.missing.keys().map(String::as_str).collect();
        assert_eq!(named, ["city", "price"], "what has a fallback is not missed");
        let city = &findings.missing["city"];
        assert_eq!((city.leads, city.is_required), (1, false));
        assert_eq!(city.examples, [whole[1].id.clone()].into());
        assert_eq!(city.texts, [Text::WelcomeMessage].into());
        assert_eq!((findings.missing["price"].leads, findings.missing["price"].is_required), (1, true));
        let texts: Vec<_> = findings.failing.iter().map(|(text, failing)| (*text, failing.leads)).collect();
        assert_eq!(texts, [(Text::Agenda, 1), (Text::SmsMessage, 3)]);
        let fault = &findings.failing[&Text::Agenda].examples[&whole[1].id];
        assert_eq!(fault.line, Some(1));
    }

    proptest! {
        #[test]
        fn parts_in_any_order_give_the_whole(cut in 0usize..=20, amounts in proptest::collection::vec("[0-9a]{0,1}", 20)) {
            let leads: Vec<Lead> =
                (1..).zip(&amounts).map(|(n, amount)| lead(n, &[("amount", amount)])).collect();
            let (first, second) = leads.split_at(cut);
            let whole = found(&[&leads]);
            prop_assert_eq!(&found(&[second, first]), &whole);
            prop_assert!(whole.missing.values().all(|missing| missing.examples.len() <= MAX_EXAMPLES));
            let stored = serde_json::to_string(&whole).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Findings>(&stored).expect("findings"), whole);
        }
    }
}
