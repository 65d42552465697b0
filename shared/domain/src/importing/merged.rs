//! A lead whose number comes again, with what comes with it.

use super::MAX_NUMBERS;
use super::draft::LeadDraft;
use super::fault::Fault;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;
use crate::records::lead::{Lead, LeadNumber, Profile};

/// The stored lead once it has taken over what another one of its number says; none if that is nothing new.
/// What the other leaves out stays.
///
/// # Errors
/// The first limit that the two of them together go over.
pub fn merged(stored: &Lead, by: &Lead, now: Timestamp) -> Result<Option<Lead>, Fault> {
    let (profile, numbers) = (profile_of(stored, by), numbers_of(stored, by));
    if profile == stored.profile && stored.numbers == numbers {
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
        None => Ok(Some(stored.edited(profile, numbers, now))),
    }
}

fn profile_of(stored: &Lead, by: &Lead) -> Profile {
    let (own, new) = (stored.profile.clone(), by.profile.clone());
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
fn numbers_of(stored: &Lead, by: &Lead) -> Vec<LeadNumber> {
    let is_same = |a: &LeadNumber, b: &LeadNumber| Subscriber::of(&a.number) == Subscriber::of(&b.number);
    let own = stored.numbers.iter().map(|own| match by.numbers.iter().find(|new| is_same(own, new)) {
        Some(new) => taking_over(own, new),
        None => own.clone(),
    });
    let new = by.numbers.iter().filter(|new| !stored.numbers.iter().any(|own| is_same(own, new)));
    own.chain(new.cloned()).take(MAX_NUMBERS.max(stored.numbers.len())).collect()
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
    fn two_that_are_too_much_together_stay_apart() {
        let tagged = |name: &str| {
            let mut lead = fixtures::lead(1);
            lead.profile.tags = (0..MAX_TAGS).map(|n| format!("{name}{n}")).collect();
            lead
        };
        let fault = merged(&tagged("a"), &tagged("b"), NOW);
        assert_eq!(fault, Err(Fault::TooManyTags { count: 2 * MAX_TAGS }));
    }
}
