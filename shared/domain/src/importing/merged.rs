//! A lead or a contact whose number comes again, with what comes with it.

use super::MAX_NUMBERS;
use super::draft::LeadDraft;
use super::fault::Fault;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::records::contact::{Contact, MAX_LISTS};
use crate::records::lead::{Lead, LeadNumber, Profile};

/// The stored lead once it has taken over what another one of its number says; none if that is nothing new.
/// What the other leaves out stays.
///
/// # Errors
/// [`Fault::TestLead`] if one of them is for a test and the other is not; else the first limit that the two of them together
/// go over.
pub fn merged(stored: &Lead, by: &Lead, now: Timestamp) -> Result<Option<Lead>, Fault> {
    if stored.is_test != by.is_test {
        return Err(Fault::TestLead);
    }
    let parts = parts_of((&stored.profile, &stored.numbers), (&by.profile, &by.numbers))?;
    Ok(parts.map(|(profile, numbers)| stored.edited(profile, numbers, now)))
}

/// The same of a contact, which comes on the lists of the other besides.
///
/// # Errors
/// The first limit that the two of them together go over.
pub fn merged_contact(stored: &Contact, by: &Contact, now: Timestamp) -> Result<Option<Contact>, Fault> {
    let parts = parts_of((&stored.profile, &stored.numbers), (&by.profile, &by.numbers))?;
    let lists = &stored.lists | &by.lists;
    if parts.is_none() && lists == stored.lists {
        return Ok(None);
    }
    if lists.len() > MAX_LISTS {
        return Err(Fault::TooManyLists { count: lists.len() });
    }
    let (profile, numbers) = parts.unwrap_or_else(|| (stored.profile.clone(), stored.numbers.clone()));
    Ok(Some(stored.edited(profile, numbers, lists, now)))
}

/// What a person has of details and numbers.
type Parts<'a> = (&'a Profile, &'a [LeadNumber]);

/// The parts of two together, unless that is nothing new.
fn parts_of(stored: Parts<'_>, by: Parts<'_>) -> Result<Option<(Profile, Vec<LeadNumber>)>, Fault> {
    let (profile, numbers) = (profile_of(stored.0, by.0), numbers_of(stored.1, by.1));
    if profile == *stored.0 && stored.1 == numbers {
        return Ok(None);
    }
    let (first, others) = (numbers[0].clone(), numbers[1..].iter().cloned());
    let draft = LeadDraft {
        tags: profile.tags.clone(),
        variables: profile.variables.clone(),
        overwrites: profile.overwrites.clone(),
        name: profile.name.clone(),
        email: profile.email.clone(),
        company: profile.company.clone(),
        ..LeadDraft::of_numbers(first, others)
    };
    match draft.check().err().and_then(|errors| errors.into_iter().next()) {
        Some(error) => Err(error.reason),
        None => Ok(Some((profile, numbers))),
    }
}

fn profile_of(stored: &Profile, by: &Profile) -> Profile {
    let (own, new) = (stored.clone(), by.clone());
    let (mut tags, mut variables, mut overwrites) = (own.tags, own.variables, own.overwrites);
    tags.extend(new.tags);
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    variables.extend(new.variables);
    overwrites.extend(new.overwrites);
    Profile {
        name: new.name.or(own.name),
        email: new.email.or(own.email),
        company: new.company.or(own.company),
        timezone: new.timezone.or(own.timezone),
        consent: new.consent.or(own.consent),
        tags,
        variables,
        overwrites,
    }
}

/// Its own numbers with what the other says of them, then those that are new, as long as there is a place.
fn numbers_of(stored: &[LeadNumber], by: &[LeadNumber]) -> Vec<LeadNumber> {
    let is_same = |a: &LeadNumber, b: &LeadNumber| Subscriber::of(&a.number) == Subscriber::of(&b.number);
    let own = stored.iter().map(|own| match by.iter().find(|new| is_same(own, new)) {
        Some(new) => taking_over(own, new),
        None => own.clone(),
    });
    let new = by.iter().filter(|new| !stored.iter().any(|own| is_same(own, new)));
    own.chain(new.cloned()).take(MAX_NUMBERS.max(stored.len())).collect()
}

fn taking_over(own: &LeadNumber, new: &LeadNumber) -> LeadNumber {
    let mut taken = own.clone();
    taken.label = new.label.clone().or(taken.label);
    taken.name = new.name.clone().or(taken.name);
    taken.variables.extend(new.variables.clone());
    taken.overwrites.extend(new.overwrites.clone());
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, NOW};
    use crate::importing::MAX_TAGS;

    #[test]
    fn what_comes_again_is_taken_over_and_what_it_leaves_out_stays() {
        let mut stored = fixtures::lead(1);
        stored.profile.variables = [("order".into(), "A-1".into()), ("city".into(), "Ulm".into())].into();
        stored.profile.tags = vec!["vip".into()];
        let mut again = fixtures::lead(1);
        again.numbers.push(LeadNumber::new(fixtures::number(2)));
        again.numbers[0].label = Some("office".into());
        again.profile = Profile {
            company: Some("Acme".into()),
            tags: vec!["vip".into(), "new".into()],
            variables: [("order".into(), "A-2".into())].into(),
            ..Profile::default()
        };
        let lead = merged(&stored, &again, NOW).expect("within the limits").expect("it says more");
        assert_eq!(lead.profile.name, stored.profile.name);
        assert_eq!((lead.profile.company.as_deref(), lead.profile.tags.len()), (Some("Acme"), 2));
        let variables = [("city".into(), "Ulm".into()), ("order".into(), "A-2".into())];
        assert_eq!(lead.profile.variables, variables.into());
        assert_eq!(lead.person(), [fixtures::number(1), fixtures::number(2)]);
        assert_eq!(lead.numbers[0].label.as_deref(), Some("office"));
        assert_eq!(merged(&lead, &again, NOW), Ok(None), "nothing new");
    }

    #[test]
    fn one_for_testing_and_one_that_is_counted_stay_apart() {
        let real = Lead { is_test: false, ..fixtures::lead(1) };
        let test = Lead { is_test: true, ..fixtures::lead(1) };
        assert_eq!(merged(&test, &real, NOW), Err(Fault::TestLead));
        assert_eq!(merged(&real, &test, NOW), Err(Fault::TestLead));
    }

    #[test]
    fn two_that_are_too_much_together_stay_apart() {
        let tagged = |name: &str| {
            let mut lead = fixtures::lead(1);
            lead.profile.tags = (0..MAX_TAGS).map(|n| format!("{name}{n}")).collect();
            lead
        };
        let fault = merged(&tagged("a"), &tagged("b"), NOW);
        assert_eq!(fault, Err(Fault::TooManyTags { count: 2 * MAX_TAGS }));
    }

    #[test]
    fn a_contact_that_comes_again_comes_on_the_lists_of_both() {
        let list = |n: u8| crate::base::ids::ContactListId::new(NOW, [n; 10]);
        let stored = fixtures::contact(1).joined(&list(1), NOW);
        let again = fixtures::contact(1).joined(&list(2), NOW);
        let merged = |by: &Contact| merged_contact(&stored, by, NOW);
        let both = merged(&again).expect("within the limits").expect("another list");
        assert_eq!((both.lists, both.version), ([list(1), list(2)].into(), stored.version + 1));
        assert_eq!(merged(&stored), Ok(None), "nothing new");
        let many = (2..12).fold(fixtures::contact(1), |contact, n| contact.joined(&list(n), NOW));
        assert_eq!(merged(&many), Err(Fault::TooManyLists { count: MAX_LISTS + 1 }));
    }
}
