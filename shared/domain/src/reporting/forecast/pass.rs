//! The planner's passes at one moment of a run.

use super::calendar::End;
use super::log::Settled;
use super::open_windows::Look;
use super::run::{Run, place_of};
use super::synthetic_lead;
use crate::base::channel::Channel;
use crate::base::ids::{Entropy, LeadId};
use crate::base::time::{SECOND_MS, Timestamp};
use crate::planning::{Drained, DueQueries, Plan, choose_beside, openings_beside};
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use crate::records::lead::{DueClass, Lead, LeadState};
use crate::records::number_record::NumberRecord;

/// Most passes at one moment: no other plan follows at once.
const MAX_PASSES: usize = 60;

/// How long the receipt of a text takes, in milliseconds.
const RECEIPT_MS: i64 = 5 * SECOND_MS;

/// A lead that was found.
#[derive(Debug, Clone, Copy)]
struct Found {
    campaign: usize,
    class: DueClass,
    due_at: Timestamp,
    track: u32,
}

impl Run {
    /// Claims as many calls as there are now.
    pub(super) fn round(&mut self) {
        for _ in 0..MAX_PASSES {
            if !self.show_zones() {
                return;
            }
            let due_queries =
                openings_beside(&self.snapshot, &self.held, Timestamp::default(), &Drained::new());
            let found = self.find(&due_queries);
            let plan = choose_beside(&self.snapshot, &self.held, &due_queries, &self.candidates, &mut {
                let attempts = &mut self.attempts;
                move || {
                    *attempts += 1;
                    entropy(*attempts)
                }
            });
            let (claims, is_idle) = (plan.claims.len(), plan.claims.is_empty() && plan.revised.is_empty());
            let wanted = wanted(&due_queries);
            self.take(plan, &found);
            // Who gets all that was wanted, and no more is wanted than one pass gives, is done.
            if is_idle || (claims == wanted && claims < crate::planning::MAX_CLAIMS) {
                return;
            }
        }
    }

    /// Shows the planner those zones of each campaign in which somebody is due and calls are allowed;
    /// says whether there are any.
    fn show_zones(&mut self) -> bool {
        let (now, end) = (self.snapshot.now, self.end);
        let mut is_any_shown = false;
        for place in 0..self.lineups.len() {
            self.snapshot.campaigns[place].zones.clear();
            let own = &self.snapshot.campaigns[place];
            if !own.is_calling(now) {
                continue;
            }
            let (lead_queue, cadence) = (&mut self.lineups[place], &own.campaign.spec.cadence);
            let has_slot = self.held.free_of(&self.snapshot, own) > 0;
            let channels: Vec<_> = [(Channel::Call, has_slot), (Channel::Sms, cadence.uses(Channel::Sms))]
                .into_iter()
                .filter(|(_, can_be_used)| *can_be_used)
                .map(|(channel, _)| (channel, lead_queue.urgent_at(channel, cadence)))
                .collect();
            let mut shown = Vec::new();
            for line in &mut lead_queue.zones {
                let can_be_used = channels.iter().any(|(channel, urgent_at)| {
                    let head = line.head(*channel, cadence).into_iter().chain(*urgent_at).min();
                    head.is_some_and(|head| head <= now)
                        && matches!(
                            line.look(own, &self.snapshot.rules, *channel, (now, end)),
                            Look::Open { .. }
                        )
                });
                if can_be_used {
                    shown.push(line.zone.clone());
                }
            }
            is_any_shown |= !shown.is_empty();
            self.snapshot.campaigns[place].zones = shown;
        }
        is_any_shown
    }

    /// Finds the leads that a pass wants, and casts their stand-ins.
    fn find(&mut self, due_queries: &DueQueries) -> Vec<Found> {
        let now = self.snapshot.now;
        let mut found: Vec<Found> = Vec::new();
        self.strike();
        for opening in &due_queries.places {
            let Some(campaign) = self.campaigns.iter().position(|id| *id == opening.campaign) else {
                continue;
            };
            let lead_queue = &mut self.lineups[campaign];
            let zone = opening
                .zone
                .as_ref()
                .and_then(|zone| lead_queue.zones.iter().position(|line| line.zone == *zone));
            let place = lead_queue.place(opening.class, zone.unwrap_or_default());
            let in_channel = |class: DueClass| {
                class.channel(&self.snapshot.campaigns[campaign].campaign.spec.cadence) == opening.channel
            };
            let is_theirs = |other: &&Found| other.campaign == campaign && in_channel(other.class);
            let mut has = found.iter().filter(is_theirs).count();
            while has < opening.want
                && let Some((due_at, track)) = place.pop(now, &mut self.tracks)
            {
                found.push(Found { campaign, class: opening.class, due_at, track });
                has += 1;
            }
        }
        let mut on_stage = Vec::with_capacity(found.len());
        for one in found {
            match self.cast(&one) {
                Some(lead) => {
                    self.candidates.leads.push(lead);
                    on_stage.push(one);
                }
                None => self.wait(&one, one.due_at),
            }
        }
        on_stage
    }

    /// The stand-in of a lead; none if the pass has no place left.
    fn cast(&mut self, found: &Found) -> Option<Lead> {
        let (now, place) = (self.snapshot.now, self.candidates.leads.len());
        let lead_queue = &self.lineups[found.campaign];
        let track = *self.tracks.at(found.track);
        let own = &self.snapshot.campaigns[found.campaign].campaign;
        let kind = &lead_queue.kinds[track.group as usize];
        let number = kind.numbers.get(place)?;
        let known = self.blanks[found.campaign].get_mut(place)?.take();
        let mut lead = known.unwrap_or_else(|| synthetic_lead::blank(&own.id, number, now));
        let due = (found.class, found.due_at);
        synthetic_lead::cast(&mut lead, due, &track, number, &lead_queue.zones[kind.zone].zone);
        synthetic_lead::recall(&mut lead, &own.spec, &track, &self.callers, now);
        if kind.is_capped && track.was_called() {
            let record = NumberRecord::called_at(number.clone(), track.calls(self.start));
            self.candidates.records.insert(record.subscriber(), record);
        }
        Some(lead)
    }

    /// Puts the stand-ins of the last pass away.
    fn strike(&mut self) {
        self.candidates.records.clear();
        for (place, lead) in self.candidates.leads.drain(..).enumerate() {
            let id = lead.id.campaign();
            if let Some(campaign) = self.campaigns.iter().position(|known| *known == id) {
                self.blanks[campaign][place] = Some(lead);
            }
        }
    }

    /// Takes in what was chosen: calls begin, leads are put off or settled, and the others wait on.
    fn take(&mut self, plan: Plan, found: &[Found]) {
        let mut is_taken = vec![false; found.len()];
        let leads = std::mem::take(&mut self.candidates.leads);
        let place_of_lead = |id: &LeadId| leads.iter().position(|lead| lead.id == *id);
        for claim in &plan.claims {
            if let Some(place) = place_of_lead(&claim.active_attempt.lead) {
                is_taken[place] = true;
                self.call(&found[place], &claim.active_attempt);
            }
        }
        for revision in &plan.revised {
            if let Some(place) = place_of_lead(&revision.after.id) {
                is_taken[place] = true;
                self.revise(&found[place], &revision.after);
            }
        }
        for (one, _) in found.iter().zip(is_taken).filter(|(_, is_taken)| !is_taken) {
            self.wait(one, one.due_at);
        }
        self.candidates.leads = leads;
        self.snapshot.rate_states = plan.rate_states;
    }

    /// The call of an active attempt begins in its slot.
    fn call(&mut self, found: &Found, active_attempt: &ActiveAttempt) {
        let (campaign, caller) = (found.campaign, &active_attempt.caller_number);
        let at = match active_attempt.state {
            ActiveAttemptState::Claimed { dial_at, .. } => dial_at,
            ActiveAttemptState::Dialling { dialled_at, .. } => dialled_at,
        };
        if active_attempt.channel == Channel::Sms {
            return self.text(found, active_attempt, at);
        }
        let timeout_secs = self.snapshot.campaigns[campaign].campaign.spec.ringing_timeout_secs;
        let drawn = self.experiences[campaign].draw(timeout_secs, &mut self.random);
        self.held.add(&self.campaigns[campaign], caller);
        let caller = place_of(&mut self.callers, caller);
        let track = self.tracks.at(found.track);
        track.attempts = track.attempts.saturating_add(1);
        (track.caller, track.is_held) = (caller, false);
        track.note_call(self.start, at);
        let zone = self.lineups[campaign].kinds[track.group as usize].zone;
        if campaign == self.target {
            self.log.note_call(zone, at, &drawn);
        }
        let ends_at = at.plus_ms(drawn.ringing_ms + drawn.talk_ms);
        let campaign = u16::try_from(campaign).unwrap_or(u16::MAX);
        self.calendar.push(End {
            at: ends_at,
            lead: Some((found.track, drawn.outcome.into())),
            campaign,
            caller,
        });
    }

    /// A text goes out.
    fn text(&mut self, found: &Found, active_attempt: &ActiveAttempt, at: Timestamp) {
        let campaign = found.campaign;
        let track = self.tracks.at(found.track);
        track.attempts = track.attempts.saturating_add(1);
        track.is_held = false;
        track.note_call(self.start, at);
        let zone = self.lineups[campaign].kinds[track.group as usize].zone;
        if campaign == self.target {
            self.log.note_text(zone, active_attempt.price_micros);
        }
        let outcome = self.text_statistics[campaign].draw(&mut self.random);
        let lead = Some((found.track, outcome.into()));
        let campaign = u16::try_from(campaign).unwrap_or(u16::MAX);
        let caller = place_of(&mut self.callers, &active_attempt.caller_number);
        self.calendar.push(End { at: at.plus_ms(RECEIPT_MS), lead, campaign, caller });
    }

    fn revise(&mut self, found: &Found, after: &Lead) {
        let now = self.snapshot.now;
        let settled = match &after.state {
            LeadState::Completed => Settled::Reached,
            LeadState::Exhausted => Settled::Exhausted,
            LeadState::Failed => Settled::Failed,
            LeadState::Skipped { reason } => Settled::Skipped(*reason),
            LeadState::Pending
            | LeadState::RetryScheduled { .. }
            | LeadState::CallbackScheduled { .. }
            | LeadState::InProgress { .. }
            | LeadState::Suspended { .. } => {
                self.tracks.at(found.track).is_held = true;
                return self.wait(found, after.due().map_or(found.due_at, |(_, due_at)| due_at));
            }
        };
        self.settle(found.campaign, found.track, settled, now);
    }

    /// A lead waits in its place until it is due.
    fn wait(&mut self, found: &Found, due_at: Timestamp) {
        let lead_queue = &mut self.lineups[found.campaign];
        let zone = lead_queue.kinds[self.tracks.at(found.track).group as usize].zone;
        lead_queue.place(found.class, zone).push(due_at, found.track);
    }
}

/// How many leads a pass wants, over all campaigns.
fn wanted(due_queries: &DueQueries) -> usize {
    let mut last = None;
    let places = due_queries
        .places
        .iter()
        .filter(|one| last.replace((&one.campaign, one.channel)) != Some((&one.campaign, one.channel)));
    places.map(|opening| opening.want).sum()
}

/// The bits of an attempt's id.
fn entropy(attempt: u64) -> Entropy {
    let mut entropy = Entropy::default();
    entropy[2..].copy_from_slice(&attempt.to_be_bytes());
    entropy
}
