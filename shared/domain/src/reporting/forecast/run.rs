//! One run: the planner on a virtual clock.

use super::calendar::{Calendar, End};
use super::lead_queue::{LeadQueue, Tracks};
use super::log::{Log, Settled, ZoneLog};
use super::open_windows::Look;
use super::scenario::stage;
use super::{CallStatistics, Outlook, TextStatistics};
use crate::base::channel::Channel;
use crate::base::ids::{CallerNumberId, CampaignId};
use crate::base::outcome::AttemptOutcome;
use crate::base::rng::SplitMix64;
use crate::base::time::{DAY_MS, SECOND_MS, Timestamp};
use crate::calling::outcome;
use crate::planning::{Candidates, MAX_CLAIMS, PlanningSnapshot, SlotUsage, turns_at, usable_in};
use crate::policy::cadence::Cadence;
use crate::policy::retry::{Ended, Next};
use crate::records::campaign::CampaignStatus;
use crate::records::lead::{DueClass, Lead};

/// Most days that a forecast looks ahead.
pub const MAX_DAYS: u32 = 90;
/// How soon a plan follows a call's end if one was made just before, in milliseconds: ends that come
/// together are taken together.
const PLAN_AFTER_MS: i64 = SECOND_MS;

/// How a run differs from the outlook.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variation {
    pub(super) number: u64,
    /// One lead, line and call a minute of so many is left.
    pub(super) one_in: u64,
}

pub(super) struct Run {
    pub(super) snapshot: PlanningSnapshot,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) held: SlotUsage,
    /// Of each campaign of the snapshot, in its order.
    pub(super) lineups: Vec<LeadQueue>,
    pub(super) experiences: Vec<CallStatistics>,
    /// How its texts go.
    pub(super) text_statistics: Vec<TextStatistics>,
    pub(super) tracks: Tracks,
    pub(super) calendar: Calendar,
    pub(super) random: SplitMix64,
    pub(super) campaigns: Vec<CampaignId>,
    pub(super) callers: Vec<CallerNumberId>,
    pub(super) target: usize,
    pub(super) log: Log,
    /// Attempts so far; their ids are made from it.
    pub(super) attempts: u64,
    pub(super) candidates: Candidates,
    /// Stand-ins that are not on stage, of each campaign by their places in a pass.
    pub(super) blanks: Vec<[Option<Lead>; MAX_CLAIMS]>,
}

/// What comes of an outlook, or of a variation of it.
pub(super) fn run(outlook: &Outlook<'_>, variation: Option<Variation>) -> Log {
    let mut run = Run::new(outlook, variation);
    loop {
        run.end_calls();
        run.start_scheduled();
        run.round();
        if run.lineups[run.target].waiting == 0 {
            break;
        }
        match run.next_at() {
            Some(next_at) if next_at < run.end => run.snapshot.now = next_at,
            Some(_) | None => break,
        }
    }
    run.log
}

impl Run {
    fn new(outlook: &Outlook<'_>, variation: Option<Variation>) -> Self {
        let Variation { number, one_in } = variation.unwrap_or(Variation { number: 0, one_in: 1 });
        let mut random = SplitMix64::new(outlook.seed.wrapping_add(number));
        let snapshot = stage(outlook, one_in);
        let start = snapshot.now;
        let end = start.plus_ms(i64::from(outlook.days.clamp(1, MAX_DAYS)) * DAY_MS);
        let target = snapshot.campaigns.iter().position(|one| one.campaign.id == *outlook.campaign);
        let mut run = Self {
            start,
            end,
            held: SlotUsage::default(),
            lineups: Vec::new(),
            experiences: Vec::new(),
            text_statistics: Vec::new(),
            tracks: Tracks::default(),
            calendar: Calendar::default(),
            campaigns: snapshot.campaigns.iter().map(|one| one.campaign.id.clone()).collect(),
            callers: Vec::new(),
            target: target.unwrap_or_default(),
            log: Log::new(start),
            attempts: 0,
            candidates: Candidates::default(),
            blanks: vec![[const { None }; MAX_CLAIMS]; snapshot.campaigns.len()],
            snapshot,
            random: SplitMix64::new(0),
        };
        for one in &run.snapshot.campaigns {
            let population = outlook
                .crowds
                .get(&one.campaign.id)
                .map(|population| population.scaled(one_in))
                .unwrap_or_default();
            let over_at = one.campaign.over_at().map_or(end, |over_at| over_at.min(end));
            let from = one.campaign.begins_at(start).unwrap_or(start);
            run.lineups.push(LeadQueue::new(&run.snapshot, one, &population, (from, over_at)));
            run.text_statistics.push(population.text_statistics);
            let call_statistics = population.call_statistics;
            run.experiences.push(if number == 0 {
                call_statistics
            } else {
                call_statistics.resampled(&mut random)
            });
        }
        run.random = random;
        let zones = run.lineups[run.target].zones.iter().map(|line| {
            let log = ZoneLog {
                leads: line.left,
                left: line.left,
                is_ever_open: line.is_ever_open,
                ..ZoneLog::default()
            };
            (line.zone.clone(), log)
        });
        run.log.zones = zones.collect();
        let over_at = run.snapshot.campaigns.get(run.target).and_then(|own| own.campaign.over_at());
        run.log.over_at = over_at.filter(|over_at| *over_at <= end);
        run.take_over(outlook.snapshot);
        run
    }

    /// Calls that are up when the run begins hold their slots for as long as a conversation lasts.
    fn take_over(&mut self, snapshot: &PlanningSnapshot) {
        for active_attempt in
            snapshot.active_attempts.iter().filter(|active_attempt| active_attempt.holds_slot())
        {
            self.held.add(&active_attempt.campaign, &active_attempt.caller_number);
            let campaign = place_of(&mut self.campaigns, &active_attempt.campaign);
            let talk_secs = self.experiences.get(usize::from(campaign)).map(|own| own.talk_secs);
            let talk_ms = talk_secs.unwrap_or(super::ASSUMED_TALK_SECS) * 1_000.0;
            let caller = place_of(&mut self.callers, &active_attempt.caller_number);
            self.calendar.push(End { at: self.start.plus_ms(talk_ms as i64), lead: None, campaign, caller });
        }
    }

    fn start_scheduled(&mut self) {
        let now = self.snapshot.now;
        for one in &mut self.snapshot.campaigns {
            if matches!(one.campaign.status, CampaignStatus::Scheduled { start_at } if start_at <= now) {
                one.campaign.status = CampaignStatus::Running;
                one.campaign.running_since = Some(now);
            }
        }
    }

    fn end_calls(&mut self) {
        while let Some(end) = self.calendar.pop(self.snapshot.now) {
            let campaign = &self.campaigns[usize::from(end.campaign)];
            if end.frees_slot() {
                self.held.remove(campaign, &self.callers[usize::from(end.caller)]);
            }
            if let Some((track, outcome)) = end.lead {
                self.end_attempt(usize::from(end.campaign), track, outcome, end.at);
            }
        }
    }

    fn end_attempt(&mut self, campaign: usize, place: u32, outcome: AttemptOutcome, at: Timestamp) {
        let own = &self.snapshot.campaigns[campaign].campaign;
        let track = self.tracks.at(place);
        let ended = Ended {
            outcome,
            qualification: None,
            attempts: u32::from(track.attempts),
            taken_back: u32::from(track.failed),
            others_get_through: true,
            has_other_number: false,
        };
        let due_at = match outcome::following(own, track.step, ended, at) {
            Next::Retry { due_at, counted } => {
                if !counted {
                    track.attempts = track.attempts.saturating_sub(1);
                    track.failed = track.failed.saturating_add(1);
                }
                due_at
            }
            Next::Step { step, due_at } => {
                (track.step, track.attempts, track.failed) = (step, 0, 0);
                due_at
            }
            Next::Callback { at } => at,
            Next::Completed => return self.settle(campaign, place, Settled::Reached, at),
            Next::Exhausted | Next::DoNotCall => {
                return self.settle(campaign, place, Settled::Exhausted, at);
            }
            Next::Failed => return self.settle(campaign, place, Settled::Failed, at),
        };
        track.is_held = false;
        let class = match own.spec.cadence.channel(track.step) {
            Channel::Call => DueClass::Retry,
            Channel::Sms => DueClass::Text,
        };
        let zone = self.lineups[campaign].kinds[track.group as usize].zone;
        self.lineups[campaign].place(class, zone).push(due_at, place);
    }

    /// Nothing more is done for a lead.
    pub(super) fn settle(&mut self, campaign: usize, place: u32, settled: Settled, at: Timestamp) {
        let lead_queue = &mut self.lineups[campaign];
        let zone = lead_queue.kinds[self.tracks.at(place).group as usize].zone;
        lead_queue.waiting -= 1;
        lead_queue.zones[zone].left -= 1;
        if campaign == self.target {
            self.log.note_settled(zone, settled, at);
        }
        self.tracks.forget(place);
    }

    /// The next moment at which anything can happen.
    fn next_at(&mut self) -> Option<Timestamp> {
        let now = self.snapshot.now;
        let ends_at = self.calendar.first().map(|at| at.max(now.plus_ms(PLAN_AFTER_MS)));
        let mut next_at = ends_at.into_iter().collect::<Vec<_>>();
        for campaign in 0..self.lineups.len() {
            next_at.extend(self.next_of(campaign));
        }
        next_at.into_iter().min().map(|at| at.max(now.plus_ms(1)))
    }

    fn next_of(&mut self, campaign: usize) -> Option<Timestamp> {
        let now = self.snapshot.now;
        let own = &self.snapshot.campaigns[campaign];
        if let CampaignStatus::Scheduled { start_at } = own.campaign.status {
            return Some(start_at);
        }
        if self.lineups[campaign].waiting == 0 || !own.campaign.status.is_running() {
            return None;
        }
        let turns_at = turns_at(&self.snapshot, own);
        if !own.is_calling(now) {
            return turns_at;
        }
        let cadence = self.snapshot.campaigns[campaign].campaign.spec.cadence.clone();
        let has_texts = cadence.uses(Channel::Sms);
        let channels = Channel::ALL.into_iter().filter(|channel| *channel == Channel::Call || has_texts);
        let moments = channels.flat_map(|channel| self.next_in(campaign, channel, &cadence));
        moments.chain([turns_at]).flatten().min()
    }

    /// When somebody can be reached in a channel, by the zones and by the pace.
    fn next_in(&mut self, campaign: usize, channel: Channel, cadence: &Cadence) -> [Option<Timestamp>; 2] {
        let (workable, opens_at) = self.look_at_zones(campaign, channel, cadence);
        let usable_at = workable.and_then(|zone| {
            let own = &mut self.snapshot.campaigns[campaign];
            own.zones.clear();
            own.zones.push(self.lineups[campaign].zones[zone].zone.clone());
            usable_in(&self.snapshot, &self.held, &self.snapshot.campaigns[campaign], channel)
        });
        [opens_at, usable_at]
    }

    /// A zone in which somebody can be reached now, and when there may be another.
    fn look_at_zones(
        &mut self,
        campaign: usize,
        channel: Channel,
        cadence: &Cadence,
    ) -> (Option<usize>, Option<Timestamp>) {
        let (now, end) = (self.snapshot.now, self.end);
        let own = &self.snapshot.campaigns[campaign];
        let lead_queue = &mut self.lineups[campaign];
        let urgent_at = lead_queue.urgent_at(channel, cadence);
        let (mut workable, mut next_at) = (None, None::<Timestamp>);
        for (line, place) in lead_queue.zones.iter_mut().zip(0..) {
            let Some(head) = line.head(channel, cadence).into_iter().chain(urgent_at).min() else { continue };
            let at = match line.look(own, &self.snapshot.rules, channel, (now, end)) {
                Look::Open { .. } if head <= now => {
                    workable = workable.or(Some(place));
                    continue;
                }
                Look::Open { .. } => head,
                Look::Closed { until } => until.max(head),
            };
            next_at = Some(next_at.map_or(at, |known| known.min(at)));
        }
        (workable, next_at)
    }
}

/// The place of an id in a list; it is added if it is new.
pub(super) fn place_of<Id: Clone + PartialEq>(list: &mut Vec<Id>, id: &Id) -> u16 {
    let place = list.iter().position(|known| known == id).unwrap_or_else(|| {
        list.push(id.clone());
        list.len() - 1
    });
    u16::try_from(place).unwrap_or(u16::MAX)
}
