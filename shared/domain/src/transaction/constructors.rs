//! Transactions that several decisions share.

use super::{Running, Stage, Transaction, Write};
use crate::base::ids::LeadId;
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::active_attempt::{ActiveAttempt, CallRequest};
use crate::records::campaign::{Campaign, CampaignStatus, Command};
use crate::records::counters::Counters;
use crate::records::lead::Lead;
use crate::records::number_record::NumberRecord;

impl Transaction {
    /// Takes a claim away for good, if nobody has dialled it.
    pub fn withdraw_claim(active_attempt: &ActiveAttempt) -> Self {
        Self::of(Write::remove(active_attempt, Stage::Claimed))
    }

    /// Takes a claim away that nobody dialled: its lead was never touched, and a call that was asked
    /// for waits again.
    pub fn release_claim(active_attempt: &ActiveAttempt) -> Self {
        let mut transaction = Self::withdraw_claim(active_attempt);
        transaction.extend(active_attempt.request().map(Write::PutRequest));
        transaction
    }

    /// Takes an attempt away that was dialled: its slot is free.
    pub fn end_attempt(active_attempt: &ActiveAttempt) -> Self {
        Self::of(Write::remove(active_attempt, Stage::Dialling))
    }

    /// Takes a requested call away, if it still waits.
    pub fn withdraw_request(request: &CallRequest) -> Self {
        Self::of(Write::RemoveRequest { lead: request.lead.clone(), attempt: request.attempt.clone() })
    }

    /// Puts a new lead, and lets its further numbers point to it; each where its lead would be.
    pub fn create_lead<'a>(lead: Lead, further: impl IntoIterator<Item = &'a LeadId>) -> Self {
        let hold = |place: &LeadId| Write::HoldNumber { place: place.clone(), lead: lead.id.clone() };
        let holds: Vec<Write> = further.into_iter().map(hold).collect();
        Self([vec![Write::CreateLead(lead)], holds].concat())
    }

    /// Puts a lead into another state of its own, with the counters that follow.
    pub fn change_lead(before: &Lead, after: Lead) -> Self {
        Self::change_leads(std::iter::once((before, after)))
    }

    /// The same for several leads of one campaign; the counters get the sum.
    pub fn change_leads<'a>(changes: impl IntoIterator<Item = (&'a Lead, Lead)>) -> Self {
        Self::of_leads(changes.into_iter().map(|(before, after)| (before, Some(after))))
    }

    /// The same, also for leads of which nothing remains.
    pub fn of_leads<'a>(changes: impl IntoIterator<Item = (&'a Lead, Option<Lead>)>) -> Self {
        let (mut transaction, mut counters, mut first) = (Self::default(), Counters::default(), None);
        for (before, after) in changes {
            first.get_or_insert(&before.id);
            match after {
                Some(after) => {
                    counters.merge(&Counters::of_move(before, &after));
                    transaction.push(Write::UpdateLead { before: before.clone(), after });
                }
                None => {
                    counters.merge(&Counters::of_removal(before));
                    transaction.push(Write::RemoveLead(before.clone()));
                }
            }
        }
        transaction.extend(first.and_then(|lead| Write::count(lead, counters)));
        transaction
    }

    /// Opens a campaign again that had completed; nothing for any other. A lead that waits again, by
    /// a call that was made by hand or came in, would be seen by nobody.
    pub fn reopen(campaign: &Campaign, now: Timestamp) -> Self {
        let reopened = Some(campaign).filter(|campaign| campaign.status == CampaignStatus::Completed);
        let reopened = reopened.and_then(|campaign| campaign.apply(Command::Reopen, now).ok());
        reopened
            .map(|reopened| Self::change_campaign(campaign, reopened, Running::Still, now))
            .unwrap_or_default()
    }

    /// Puts a changed campaign, and refuses what planners under way decide about it.
    pub fn change_campaign(before: &Campaign, after: Campaign, running: Running, now: Timestamp) -> Self {
        let (id, active) = (after.id.clone(), after.is_active());
        let supersede = Write::InvalidatePlan { campaign: id, active, running, at: now };
        Self(vec![Write::UpdateCampaign { before: before.clone(), after }, supersede])
    }

    /// The numbers that it puts on a do-not-call list.
    pub fn listed(&self) -> impl Iterator<Item = &E164> {
        self.0.iter().filter_map(|write| match write {
            Write::AddToDnc { number, .. } => Some(number),
            _ => None,
        })
    }
}

impl Write {
    fn remove(active_attempt: &ActiveAttempt, stage: Stage) -> Self {
        Self::RemoveActiveAttempt {
            number: active_attempt.number.clone(),
            attempt: active_attempt.attempt.clone(),
            stage,
        }
    }

    /// Adds to the counters of a lead's campaign, if there is anything to add.
    pub fn count(lead: &LeadId, counters: Counters) -> Option<Self> {
        let counted = |counters| Self::Count { campaign: lead.campaign(), lead: lead.clone(), counters };
        Some(counters).filter(|counters| !counters.is_empty()).map(counted)
    }

    /// Puts a number on a do-not-call list.
    pub fn listing(record: &NumberRecord, list: &ListName, listing: &Listing) -> [Self; 2] {
        let (list, number, listing) = (list.clone(), record.number.clone(), listing.clone());
        [
            Self::UpdateNumber(record.listed(list.clone(), listing.clone())),
            Self::AddToDnc { list, number, listing },
        ]
    }
}
