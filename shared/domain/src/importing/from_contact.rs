//! A contact on its way into a campaign.

use super::draft::LeadDraft;
use crate::base::ids::{CampaignId, LeadId};
use crate::base::numbering::NumberClasses;
use crate::base::time::Timestamp;
use crate::records::contact::Contact;
use crate::records::job::{ContactBatch, ContactRefusal};
use crate::records::lead::{FileOrder, Lead, LeadNumber};

/// The lead that a contact is in a campaign: with its own details, what the batch brings besides, and those of
/// its numbers that the workspace allows to call.
///
/// # Errors
/// [`ContactRefusal`] if no number is left, or the lead would carry too much.
pub fn lead_of(
    contact: &Contact,
    campaign: &CampaignId,
    batch: &ContactBatch,
    allowed: &NumberClasses,
    order: FileOrder,
    now: Timestamp,
) -> Result<Lead, ContactRefusal> {
    let mut numbers = contact.numbers.iter().filter(|one| allowed.refusal_of(&one.number).is_none()).cloned();
    let first = numbers.next().ok_or_else(|| refusal_of_numbers(&contact.numbers, allowed))?;
    let profile = contact.profile.clone();
    let mut tags = profile.tags;
    let new = batch.tags.iter().filter(|tag| !tags.contains(tag)).cloned();
    tags.extend(new.collect::<Vec<_>>());
    let draft = LeadDraft {
        name: profile.name,
        email: profile.email,
        company: profile.company,
        timezone: profile.timezone,
        consent: profile.consent,
        tags,
        variables: profile.variables,
        overwrites: batch.overwrites.clone(),
        ..LeadDraft::of_numbers(first, numbers)
    };
    if let Err(errors) = draft.check() {
        let reasons = errors.iter().map(|error| error.reason.to_string());
        return Err(ContactRefusal::TooMuch(reasons.collect::<Vec<_>>().join("; ")));
    }
    let id = LeadId::derive(campaign, &draft.primary.number);
    Ok(Lead { contact: Some(contact.id.clone()), ..draft.into_lead(id, order, None, now) })
}

fn refusal_of_numbers(numbers: &[LeadNumber], allowed: &NumberClasses) -> ContactRefusal {
    let class = numbers.iter().find_map(|one| allowed.refusal_of(&one.number));
    class.map_or(ContactRefusal::NotThere, ContactRefusal::NumberClass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::numbering::NumberClass;
    use crate::fixtures::{self, NOW};
    use crate::importing::MAX_TAGS;

    const ORDER: FileOrder = FileOrder { at: NOW, row: 7 };

    fn of(contact: &Contact, batch: &ContactBatch) -> Result<Lead, ContactRefusal> {
        lead_of(contact, &fixtures::campaign_id(), batch, &NumberClasses::default(), ORDER, NOW)
    }

    #[test]
    fn a_contact_is_a_lead_with_what_the_batch_brings() {
        let mut contact = fixtures::contact(1);
        contact.profile.tags = vec!["vip".into()];
        contact.numbers.push(LeadNumber::new(fixtures::number(2)));
        let batch = ContactBatch {
            overwrites: [("greeting".into(), "Hi".into())].into(),
            tags: vec!["fair".into(), "vip".into()],
            ..ContactBatch::default()
        };
        let lead = of(&contact, &batch).expect("a lead");
        assert_eq!((lead.id, lead.order), (fixtures::lead(1).id, ORDER));
        assert_eq!((lead.contact, lead.profile.name), (Some(contact.id), contact.profile.name));
        assert_eq!((lead.numbers, lead.profile.overwrites), (contact.numbers, batch.overwrites));
        assert_eq!(lead.profile.tags, ["vip", "fair"]);
    }

    #[test]
    fn numbers_that_may_not_be_called_stay_behind_and_who_has_no_others_too() {
        let premium = LeadNumber::new("+499001234567".parse().expect("a number"));
        let mut contact = fixtures::contact(1);
        contact.numbers.insert(0, premium.clone());
        let lead = of(&contact, &ContactBatch::default()).expect("another number");
        assert_eq!(lead.person(), [fixtures::number(1)]);
        contact.numbers = vec![premium];
        let refusal = ContactRefusal::NumberClass(NumberClass::PremiumRate);
        assert_eq!(of(&contact, &ContactBatch::default()), Err(refusal));
    }

    #[test]
    fn who_would_carry_too_much_with_the_batch_is_refused() {
        let mut contact = fixtures::contact(1);
        contact.profile.tags = (0..MAX_TAGS).map(|n| format!("t{n}")).collect();
        let batch = ContactBatch { tags: vec!["fair".into()], ..ContactBatch::default() };
        assert!(matches!(of(&contact, &batch), Err(ContactRefusal::TooMuch(why)) if why.contains("tags")));
    }
}
