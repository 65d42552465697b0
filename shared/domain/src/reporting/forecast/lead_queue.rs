//! The leads of a campaign while a forecast runs: by place of the due index, one by one only once they
//! were called or put off.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::Population;
use super::open_windows::{Look, OpenWindows, first_open};
use crate::base::channel::Channel;
use crate::base::phone::E164;
use crate::base::time::{SECOND_MS, Timestamp};
use crate::base::zone::Zone;
use crate::planning::{CampaignSnapshot, MAX_CLAIMS, PlanningSnapshot};
use crate::policy::cadence::Cadence;
use crate::policy::rules::Rulebook;
use crate::records::lead::DueClass;

/// As many of a lead's calls are remembered for the caps.
pub(super) const REMEMBERED: usize = 5;
/// No caller number is known.
pub(super) const NO_CALLER: u16 = u16::MAX;

/// What is known of a lead that was called or put off. There may be millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Track {
    /// When it was called, the latest last, in seconds after the start and one more; 0 stands for none.
    called_secs: [u32; REMEMBERED],
    pub(super) group: u32,
    /// The number of its last call, by its place.
    pub(super) caller: u16,
    pub(super) attempts: u8,
    pub(super) failed: u8,
    pub(super) step: u8,
    pub(super) is_held: bool,
}

impl Track {
    pub(super) fn note_call(&mut self, start: Timestamp, at: Timestamp) {
        self.called_secs.rotate_left(1);
        let secs = u32::try_from(at.since_ms(start) / SECOND_MS + 1).unwrap_or(u32::MAX);
        self.called_secs[REMEMBERED - 1] = secs;
    }

    pub(super) fn calls(&self, start: Timestamp) -> impl Iterator<Item = Timestamp> {
        let called = self.called_secs.into_iter().filter(|secs| *secs > 0);
        called.map(move |secs| start.plus_ms((i64::from(secs) - 1) * SECOND_MS))
    }

    pub(super) const fn was_called(&self) -> bool {
        self.called_secs[REMEMBERED - 1] > 0
    }
}

/// The tracks of all campaigns.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    list: Vec<Track>,
    unused: Vec<u32>,
}

impl Tracks {
    fn add(&mut self, track: Track) -> u32 {
        if let Some(place) = self.unused.pop() {
            *self.at(place) = track;
            return place;
        }
        self.list.push(track);
        u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn at(&mut self, place: u32) -> &mut Track {
        &mut self.list[place as usize]
    }

    pub(super) fn forget(&mut self, place: u32) {
        self.unused.push(place);
    }
}

/// Leads of one group that fall due together.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    due_at: Timestamp,
    group: u32,
    attempts: u8,
    step: u8,
    left: u64,
}

/// A place of the due index.
#[derive(Debug, Default)]
pub(super) struct Place {
    untouched: VecDeque<Bucket>,
    touched: BinaryHeap<Reverse<(Timestamp, u32)>>,
}

impl Place {
    /// When the first of its leads falls due.
    pub(super) fn head(&self) -> Option<Timestamp> {
        let touched = self.touched.peek().map(|Reverse((due_at, _))| *due_at);
        touched.into_iter().chain(self.untouched.front().map(|bucket| bucket.due_at)).min()
    }

    pub(super) fn push(&mut self, due_at: Timestamp, track: u32) {
        self.touched.push(Reverse((due_at, track)));
    }

    /// Takes out the first lead, if it is due.
    pub(super) fn pop(&mut self, now: Timestamp, tracks: &mut Tracks) -> Option<(Timestamp, u32)> {
        let head = self.head().filter(|head| *head <= now)?;
        if let Some(Reverse(touched)) = self.touched.peek().copied()
            && touched.0 == head
        {
            self.touched.pop();
            return Some(touched);
        }
        let bucket = self.untouched.front_mut()?;
        bucket.left -= 1;
        let (group, attempts, step) = (bucket.group, bucket.attempts, bucket.step);
        if bucket.left == 0 {
            self.untouched.pop_front();
        }
        let (called_secs, caller) = ([0; REMEMBERED], NO_CALLER);
        let track = Track { called_secs, group, caller, attempts, failed: 0, step, is_held: false };
        Some((head, tracks.add(track)))
    }
}

/// A zone of a campaign.
#[derive(Debug)]
pub(super) struct ZoneLine {
    pub(super) zone: Zone,
    /// By the channel.
    gates: [OpenWindows; Channel::ALL.len()],
    /// How many of its leads are not settled.
    pub(super) left: u64,
    /// Whether it has an allowed moment before the end; else its leads are in no place.
    pub(super) is_ever_open: bool,
    retry: Place,
    fresh: Place,
    text: Place,
}

impl ZoneLine {
    /// When the first of its leads that wait by zone for this channel falls due.
    pub(super) fn head(&self, channel: Channel, cadence: &Cadence) -> Option<Timestamp> {
        let places =
            [(DueClass::Retry, &self.retry), (DueClass::Fresh, &self.fresh), (DueClass::Text, &self.text)];
        let theirs = places.into_iter().filter(|(class, _)| class.channel(cadence) == channel);
        theirs.filter_map(|(_, place)| place.head()).min()
    }

    /// Whether a call, or a text, may be placed there now.
    pub(super) fn look(
        &mut self,
        campaign: &CampaignSnapshot,
        rules: &Rulebook,
        channel: Channel,
        (now, end): (Timestamp, Timestamp),
    ) -> Look {
        let hours = campaign.campaign.hours_for(channel, &self.zone, rules);
        let gate = match channel {
            Channel::Call => &mut self.gates[0],
            Channel::Sms => &mut self.gates[1],
        };
        gate.look(&hours, campaign.window_in(channel), now, end)
    }
}

/// A group, as far as its leads share it.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) zone: usize,
    /// Whether a cap may hold its leads back.
    pub(super) is_capped: bool,
    /// Numbers that stand in for theirs in one pass.
    pub(super) numbers: Vec<E164>,
}

/// The leads of a campaign.
#[derive(Debug, Default)]
pub(super) struct LeadQueue {
    pub(super) kinds: Vec<Kind>,
    pub(super) zones: Vec<ZoneLine>,
    pub(super) first: Place,
    pub(super) callback: Place,
    /// How many are not settled and can be called.
    pub(super) waiting: u64,
}

impl LeadQueue {
    /// The leads of a population; `from` and `end` are when calls can begin and end.
    pub(super) fn new(
        snapshot: &PlanningSnapshot,
        campaign: &CampaignSnapshot,
        population: &Population,
        (from, end): (Timestamp, Timestamp),
    ) -> Self {
        let mut lead_queue = Self::default();
        let mut buckets = Vec::new();
        for (group, place) in population.groups.iter().zip(0..) {
            let zone = lead_queue.zone_of(snapshot, campaign, &group.zone, (from, end));
            let line = &mut lead_queue.zones[zone];
            line.left += group.leads();
            let hours = campaign.campaign.hours_first(&group.zone, &snapshot.rules);
            let is_capped = campaign.campaign.spec.min_gap_minutes > 0
                || snapshot.workspace.contact_budget.is_some()
                || !hours.caps(from).is_empty();
            if line.is_ever_open {
                lead_queue.waiting += group.leads();
                let attempts = u8::try_from(group.attempts).unwrap_or(u8::MAX);
                // Which of them is not told apart.
                let cadence = &campaign.campaign.spec.cadence;
                let step = match group.class {
                    DueClass::FirstSubmission | DueClass::Fresh | DueClass::Callback => None,
                    DueClass::Retry | DueClass::Text => cadence.first_step(group.class.channel(cadence)),
                };
                let step = step.unwrap_or_default();
                let due = group.due.iter().filter(|due| due.leads > 0);
                buckets.extend(due.map(|due| {
                    let bucket = Bucket { due_at: due.at, group: place, attempts, step, left: due.leads };
                    (group.class, zone, bucket)
                }));
            }
            let numbers = stand_ins(campaign, group.sample.as_ref());
            lead_queue.kinds.push(Kind { zone, is_capped, numbers });
        }
        buckets.sort_by_key(|(_, _, bucket)| bucket.due_at);
        for (class, zone, bucket) in buckets {
            lead_queue.place(class, zone).untouched.push_back(bucket);
        }
        lead_queue
    }

    /// The place of a class and zone.
    pub(super) fn place(&mut self, class: DueClass, zone: usize) -> &mut Place {
        match class {
            DueClass::FirstSubmission => &mut self.first,
            DueClass::Callback => &mut self.callback,
            DueClass::Retry => &mut self.zones[zone].retry,
            DueClass::Fresh => &mut self.zones[zone].fresh,
            DueClass::Text => &mut self.zones[zone].text,
        }
    }

    /// When the first of those falls due that wait in one place for this channel.
    pub(super) fn urgent_at(&self, channel: Channel, cadence: &Cadence) -> Option<Timestamp> {
        let places = [(DueClass::FirstSubmission, &self.first), (DueClass::Callback, &self.callback)];
        let theirs = places.into_iter().filter(|(class, _)| class.channel(cadence) == channel);
        theirs.filter_map(|(_, place)| place.head()).min()
    }

    fn zone_of(
        &mut self,
        snapshot: &PlanningSnapshot,
        campaign: &CampaignSnapshot,
        zone: &Zone,
        (from, end): (Timestamp, Timestamp),
    ) -> usize {
        if let Some(known) = self.zones.iter().position(|line| line.zone == *zone) {
            return known;
        }
        let hours = campaign.campaign.hours_first(zone, &snapshot.rules);
        self.zones.push(ZoneLine {
            zone: zone.clone(),
            gates: [OpenWindows::UNKNOWN; Channel::ALL.len()],
            left: 0,
            is_ever_open: first_open(&hours, from, end).is_some(),
            retry: Place::default(),
            fresh: Place::default(),
            text: Place::default(),
        });
        self.zones.len() - 1
    }
}

/// Made-up numbers near a sample, or near the campaign's own: one for each lead of a pass.
fn stand_ins(campaign: &CampaignSnapshot, sample: Option<&E164>) -> Vec<E164> {
    const DIGITS: usize = 2;
    let near = sample.or_else(|| campaign.numbers.first().map(|number| &number.number));
    let Some(near) = near else { return Vec::new() };
    let stem = &near.as_str()[..near.as_str().len().saturating_sub(DIGITS)];
    (0..MAX_CLAIMS).filter_map(|place| format!("{stem}{place:0DIGITS$}").parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_leads_are_small() {
        assert!(size_of::<Track>() <= 32, "{}", size_of::<Track>());
        assert!(size_of::<Reverse<(Timestamp, u32)>>() <= 16);
    }

    #[test]
    fn the_latest_calls_are_remembered() {
        let mut track = Track {
            called_secs: [0; REMEMBERED],
            group: 0,
            caller: NO_CALLER,
            attempts: 0,
            failed: 0,
            step: 0,
            is_held: false,
        };
        let start = Timestamp::from_millis(1_000_000);
        assert!(!track.was_called());
        for call in 0..7 {
            track.note_call(start, start.plus_ms(call * 60_000));
        }
        let calls: Vec<i64> = track.calls(start).map(|at| at.since_ms(start) / 60_000).collect();
        assert_eq!(calls, [2, 3, 4, 5, 6]);
    }
}
