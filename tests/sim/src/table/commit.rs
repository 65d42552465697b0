//! Transactions: all or nothing, under the conditions that [`Write`] names.

use std::rc::Rc;

use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::lead::Lead;
use carillon_domain::transaction::{Failed, Running, Stage, Transaction, Write};

use super::Workspace;
use crate::bug::Bug;

impl Workspace {
    /// The writes whose conditions do not hold.
    pub(crate) fn refused(&self, transaction: &Transaction, bug: Option<Bug>) -> Vec<usize> {
        let places = 0..transaction.0.len();
        places.filter(|place| !self.admits(&transaction.0[*place], bug)).collect()
    }

    fn admits(&self, write: &Write, bug: Option<Bug>) -> bool {
        match write {
            Write::Claim(active_attempt) => !self.active_attempts.contains_key(&active_attempt.number),
            Write::Dial(active_attempt) => {
                self.is_at(&active_attempt.number, &active_attempt.attempt, Stage::Claimed)
            }
            Write::Renew(active_attempt) => {
                self.is_at(&active_attempt.number, &active_attempt.attempt, Stage::Dialling)
            }
            Write::RemoveActiveAttempt { number, attempt, stage } => self.is_at(number, attempt, *stage),
            Write::PutRequest(request) => !self.requests.contains_key(&request.lead),
            Write::RemoveRequest { lead, attempt } => {
                self.requests.get(lead).is_some_and(|request| request.attempt == *attempt)
            }
            Write::CreateLead(lead) => !self.leads.contains_key(&lead.id),
            Write::UpdateLead { after: lead, .. } => {
                let stored = self.leads.get(&lead.id);
                let is_next = |version: u64| bug == Some(Bug::NoVersionCheck) || version + 1 == lead.version;
                stored.is_some_and(|stored| is_next(stored.version))
            }
            Write::UpdateNumber(record) => {
                let stored = self.records.get(&record.number).map_or(0, |stored| stored.version);
                bug == Some(Bug::NumberVersionNotChecked) || stored + 1 == record.version
            }
            Write::OpenInteraction(interaction) => !self.interactions.contains_key(&interaction.id),
            Write::UpdateInteraction { after: interaction, .. } => {
                let stored = self.interactions.get(&interaction.id);
                stored.is_some_and(|stored| stored.version + 1 == interaction.version)
            }
            Write::AdvancePlan { epoch, .. } => {
                bug == Some(Bug::NoEpochCheck) || self.planning.state.epoch == *epoch
            }
            Write::UpdateCampaign { after: campaign, .. } => {
                let stored = self.campaigns.get(&campaign.id);
                stored.is_some_and(|stored| stored.version + 1 == campaign.version)
            }
            Write::InvalidatePlan { campaign, running: Running::IfFewerThan(limit), .. } => {
                self.planning.has_room_for(campaign, *limit)
            }
            Write::InvalidatePlan { running: Running::No | Running::Still, .. }
            | Write::Count { .. }
            | Write::Charge { .. }
            | Write::AddToDnc { .. }
            | Write::RemoveFromDnc { .. }
            | Write::NoteFailure(_)
            | Write::NoteRefusal(_) => true,
        }
    }

    fn is_at(&self, number: &E164, attempt: &AttemptId, stage: Stage) -> bool {
        let is_so_far = |active_attempt: &ActiveAttempt| match active_attempt.state {
            ActiveAttemptState::Claimed { .. } => stage == Stage::Claimed,
            ActiveAttemptState::Dialling { .. } => stage == Stage::Dialling,
        };
        self.active_attempts
            .get(number)
            .is_some_and(|active_attempt| active_attempt.attempt == *attempt && is_so_far(active_attempt))
    }

    /// Writes a transaction whose conditions hold. The index follows `lag_ms` later.
    pub(crate) fn apply(&mut self, transaction: Transaction, now: Timestamp, lag_ms: i64) {
        for write in transaction.0 {
            self.write(write, now, lag_ms);
        }
    }

    fn write(&mut self, write: Write, now: Timestamp, lag_ms: i64) {
        match write {
            Write::Claim(active_attempt) | Write::Dial(active_attempt) | Write::Renew(active_attempt) => {
                self.active_attempts.insert(active_attempt.number.clone(), Rc::new(active_attempt));
            }
            Write::RemoveActiveAttempt { number, .. } => {
                self.active_attempts.remove(&number);
            }
            Write::PutRequest(request) => {
                self.requests.insert(request.lead.clone(), request);
            }
            Write::RemoveRequest { lead, .. } => {
                self.requests.remove(&lead);
            }
            Write::CreateLead(lead) | Write::UpdateLead { after: lead, .. } => {
                self.put_lead(lead, now, lag_ms);
            }
            Write::UpdateNumber(record) => {
                self.records.insert(record.number.clone(), Rc::new(record));
            }
            Write::AddToDnc { list, number, .. } => {
                self.listed.insert((list, number));
            }
            Write::RemoveFromDnc { list, number } => {
                self.listed.remove(&(list, number));
            }
            Write::OpenInteraction(interaction) | Write::UpdateInteraction { after: interaction, .. } => {
                self.interactions.insert(interaction.id.clone(), Rc::new(interaction));
            }
            Write::Count { campaign, counters, .. } => {
                self.counters.entry(campaign).or_default().merge(&counters);
            }
            Write::Charge { micros, .. } => self.spent_micros += micros,
            Write::NoteFailure(Failed::Campaign(id)) => {
                *self.failures.campaigns.entry(id).or_default() += 1;
            }
            Write::NoteFailure(Failed::CallerNumber(id)) => {
                *self.failures.numbers.entry(id).or_default() += 1;
            }
            Write::NoteRefusal(_) => self.refusals += 1,
            Write::AdvancePlan { rate_states, .. } => self.planning.state.rate_states = rate_states,
            Write::UpdateCampaign { after: campaign, .. } => {
                self.campaigns.insert(campaign.id.clone(), Rc::new(campaign));
            }
            Write::InvalidatePlan { campaign, active, running, at } => {
                self.planning.supersede(campaign, active, running != Running::No, at, now);
            }
        }
    }

    fn put_lead(&mut self, lead: Lead, now: Timestamp, lag_ms: i64) {
        let stored = self.leads.get(&lead.id).map(Rc::as_ref);
        self.due.change(stored, &lead, now, lag_ms);
        if stored.is_none() {
            self.rosters.entry(lead.id.campaign()).or_default().insert(lead.id.clone());
        }
        if stored.is_none_or(|stored| stored.numbers != lead.numbers) {
            for number in stored.into_iter().flat_map(|stored| &stored.numbers) {
                if let Some(owners) = self.owners.get_mut(number) {
                    owners.remove(&lead.id);
                }
            }
            for number in &lead.numbers {
                self.owners.entry(number.clone()).or_default().insert(lead.id.clone());
            }
        }
        self.leads.insert(lead.id.clone(), Rc::new(lead));
    }
}
