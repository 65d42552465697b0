//! Leads that are looked at one by one.

use std::collections::BTreeSet;

use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::records::lead::{DueClass, Lead};
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::reporting::forecast::{Note, SampledLeads};
use carillon_store::{DueRange, StoreError, in_parallel};

use super::counting::Waiting;
use super::{LEADS_PER_READ, PARALLEL};
use crate::context::Context;
use crate::planning_snapshot;

/// Most leads that are looked at one by one among those that were never called, as many among those that
/// wait for a retry, and as many among those that come before the others; of each place one at least.
pub const MAX_SAMPLE: u64 = 2_000;
/// At most in so many spots of a place leads are looked at.
const MAX_SPOTS: usize = 10;

/// A lead that was looked at, strongly.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) lead: Lead,
    /// What is known of its numbers.
    pub(super) records: Vec<NumberRecord>,
}

/// The leads of a place that were looked at.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) leads: Vec<Known>,
    pub(super) is_whole: bool,
}

/// Draws a sample of each place, in the order of the places.
pub(super) async fn draw(
    context: &Context,
    ws: &WorkspaceId,
    places: &[Waiting],
) -> Result<Vec<Sample>, StoreError> {
    let mut drawn = Vec::with_capacity(places.len());
    let mut spots = Vec::new();
    for (place, waiting) in places.iter().enumerate() {
        let leads = waiting.leads();
        let wanted = quota(leads, leads_of(places, kind(waiting.place.class)));
        drawn.push(wanted == leads);
        let due_ranges = if wanted == leads { vec![DueRange::default()] } else { spread(&waiting.starts) };
        let limit = usize::try_from(wanted).unwrap_or(usize::MAX).div_ceil(due_ranges.len().max(1));
        for due_range in due_ranges.into_iter().filter(|_| wanted > 0) {
            let (context, ws, at) = (context.clone(), ws.clone(), waiting.place.clone());
            spots.push(
                async move { Ok((place, context.store.first_due(&ws, &at, &due_range, limit).await?)) },
            );
        }
    }
    let mut ids = vec![BTreeSet::new(); places.len()];
    for (place, found) in in_parallel(PARALLEL, spots).await? {
        ids[place].extend(found);
    }
    let mut samples: Vec<Sample> =
        drawn.into_iter().map(|is_whole| Sample { leads: Vec::new(), is_whole }).collect();
    let wanted = ids.into_iter().enumerate();
    let wanted: Vec<(usize, LeadId)> =
        wanted.flat_map(|(at, ids)| ids.into_iter().map(move |id| (at, id))).collect();
    for (place, known) in look_at_all(context, ws, &wanted).await? {
        // The index may be stale: who waits elsewhere by now is counted there.
        let waiting = &places[place].place;
        let is_there = known.lead.due().is_some_and(|(class, _)| class == waiting.class)
            && waiting.zone.as_ref().is_none_or(|zone| *zone == known.lead.zone);
        if is_there {
            samples[place].leads.push(known);
        }
    }
    Ok(samples)
}

/// Leads by their ids, with what is known of their numbers.
pub(super) async fn known(
    context: &Context,
    ws: &WorkspaceId,
    leads: impl IntoIterator<Item = LeadId>,
) -> Result<Vec<Known>, StoreError> {
    let wanted: Vec<_> = leads.into_iter().map(|lead| (0, lead)).collect();
    Ok(look_at_all(context, ws, &wanted).await?.into_iter().map(|(_, known)| known).collect())
}

async fn look_at_all(
    context: &Context,
    ws: &WorkspaceId,
    wanted: &[(usize, LeadId)],
) -> Result<Vec<(usize, Known)>, StoreError> {
    let parts = wanted.chunks(LEADS_PER_READ);
    let reads: Vec<_> = parts.map(|part| look_at(context.clone(), ws.clone(), part.to_vec())).collect();
    Ok(in_parallel(PARALLEL, reads).await?.into_iter().flatten().collect())
}

async fn look_at(
    context: Context,
    ws: WorkspaceId,
    wanted: Vec<(usize, LeadId)>,
) -> Result<Vec<(usize, Known)>, StoreError> {
    // A lead may be named in two places while it moves.
    let ids: BTreeSet<LeadId> = wanted.iter().map(|(_, id)| id.clone()).collect();
    let leads = context.store.leads(&ws, &Vec::from_iter(ids)).await?;
    let records = planning_snapshot::records(&context, &ws, &leads).await?;
    let known = |(place, id): (usize, LeadId)| {
        let lead = leads.iter().find(|lead| lead.id == id)?.clone();
        let record = |number| records.get(&Subscriber::of(number)).cloned();
        let records = lead.phones().filter_map(record).collect();
        Some((place, Known { lead, records }))
    };
    Ok(wanted.into_iter().filter_map(known).collect())
}

/// Whose sample of [`MAX_SAMPLE`] leads those of a class share.
const fn kind(class: DueClass) -> SampledLeads {
    match class {
        DueClass::FirstSubmission | DueClass::Callback => SampledLeads::Urgent,
        DueClass::Retry | DueClass::Text => SampledLeads::Retries,
        DueClass::Fresh => SampledLeads::Fresh,
    }
}

fn leads_of(places: &[Waiting], of: SampledLeads) -> u64 {
    places.iter().filter(|waiting| kind(waiting.place.class) == of).map(Waiting::leads).sum()
}

/// How many of a place's leads are looked at: its part of a sample.
fn quota(leads: u64, all: u64) -> u64 {
    if all <= MAX_SAMPLE {
        return leads;
    }
    let part = u128::from(MAX_SAMPLE) * u128::from(leads) / u128::from(all);
    u64::try_from(part).unwrap_or(MAX_SAMPLE).max(1).min(leads)
}

/// Some of the requests that counted the leads of a place, from the first to the last.
fn spread(starts: &[DueRange]) -> Vec<DueRange> {
    let spots = starts.len().min(MAX_SPOTS);
    (0..spots).map(|spot| starts[spot * starts.len() / spots].onwards()).collect()
}

/// What has to be known of the samples.
pub(super) fn notes(places: &[Waiting], samples: &[Sample]) -> impl Iterator<Item = Note> {
    [SampledLeads::Urgent, SampledLeads::Retries, SampledLeads::Fresh].into_iter().filter_map(move |of| {
        let leads = leads_of(places, of);
        let own = places.iter().zip(samples).filter(|(waiting, _)| kind(waiting.place.class) == of);
        let looked_at = own.map(|(_, sample)| sample.leads.len()).sum();
        (leads > MAX_SAMPLE).then_some(Note::Sampled { of, looked_at, leads })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_shared_by_size_and_nobody_is_left_out() {
        assert_eq!(quota(1_500, 2_000), 1_500, "all of them");
        assert_eq!([quota(750_000, 1_000_000), quota(250_000, 1_000_000)], [1_500, 500]);
        assert_eq!([quota(3, 1_000_000), quota(0, 1_000_000)], [1, 0]);
    }
}
