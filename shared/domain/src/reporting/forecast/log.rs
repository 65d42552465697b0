//! What happened in a run.

use std::collections::BTreeMap;

use super::call_statistics::Drawn;
use crate::base::time::{HOUR_MS, Timestamp};
use crate::base::zone::Zone;
use crate::records::lead::SkipReason;

/// How a lead is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    Reached,
    Exhausted,
    Failed,
    Skipped(SkipReason),
}

/// What happened in one zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ZoneLog {
    pub(super) leads: u64,
    pub(super) left: u64,
    pub(super) is_ever_open: bool,
    pub(super) reached: u64,
    pub(super) exhausted: u64,
    pub(super) failed: u64,
    pub(super) calls: u64,
    pub(super) texts: u64,
    pub(super) first_call_at: Option<Timestamp>,
    pub(super) last_call_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
}

/// What happened to one campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    /// The full hour in which the run begins.
    pub(super) hours_from: Timestamp,
    /// Calls of each hour from then on.
    pub(super) hours: Vec<u64>,
    pub(super) zones: Vec<(Zone, ZoneLog)>,
    pub(super) skipped: BTreeMap<SkipReason, u64>,
    pub(super) talk_ms: i64,
    /// What texts cost, in millionths of a US dollar.
    pub(super) text_micros: u64,
    /// When the campaign's period ends, if that is within the run: who is left then is skipped.
    pub(super) over_at: Option<Timestamp>,
}

impl Log {
    pub(super) const fn new(start: Timestamp) -> Self {
        let hour = start.as_millis().div_euclid(HOUR_MS) * HOUR_MS;
        Self {
            hours_from: Timestamp::from_millis(hour),
            hours: Vec::new(),
            zones: Vec::new(),
            skipped: BTreeMap::new(),
            talk_ms: 0,
            text_micros: 0,
            over_at: None,
        }
    }

    pub(super) fn note_call(&mut self, zone: usize, at: Timestamp, drawn: &Drawn) {
        let hour = usize::try_from(at.since_ms(self.hours_from) / HOUR_MS).unwrap_or_default();
        if hour >= self.hours.len() {
            self.hours.resize(hour + 1, 0);
        }
        self.hours[hour] += 1;
        self.talk_ms += drawn.talk_ms;
        let zone = &mut self.zones[zone].1;
        zone.calls += 1;
        zone.first_call_at = Some(zone.first_call_at.map_or(at, |first| first.min(at)));
        zone.last_call_at = zone.last_call_at.max(Some(at));
    }

    pub(super) fn note_text(&mut self, zone: usize, price_micros: u64) {
        self.zones[zone].1.texts += 1;
        self.text_micros += price_micros;
    }

    pub(super) fn note_settled(&mut self, zone: usize, settled: Settled, at: Timestamp) {
        let zone = &mut self.zones[zone].1;
        match settled {
            Settled::Reached => zone.reached += 1,
            Settled::Exhausted => zone.exhausted += 1,
            Settled::Failed => zone.failed += 1,
            Settled::Skipped(reason) => *self.skipped.entry(reason).or_default() += 1,
        }
        zone.left = zone.left.saturating_sub(1);
        zone.finished_at = zone.finished_at.max(Some(at));
    }

    /// When each zone was done, and all of them; none if it never was. Leads that can never be called
    /// don't count.
    pub(super) fn finishes(&self) -> Vec<Option<Timestamp>> {
        let open = || self.zones.iter().map(|(_, zone)| zone).filter(|zone| zone.is_ever_open);
        let is_all_done = self.over_at.is_some() || open().all(|zone| zone.left == 0);
        let all = open().filter_map(|zone| self.done_at(zone)).max().filter(|_| is_all_done);
        self.zones.iter().map(|(_, zone)| self.done_at(zone)).chain([all]).collect()
    }

    /// When everybody in a zone was settled: by their calls, or at the end of the period.
    fn done_at(&self, zone: &ZoneLog) -> Option<Timestamp> {
        if zone.left == 0 {
            return zone.finished_at;
        }
        self.over_at
            .filter(|_| zone.is_ever_open)
            .map(|over_at| over_at.max(zone.finished_at.unwrap_or(over_at)))
    }

    pub(super) fn texts(&self) -> u64 {
        self.zones.iter().map(|(_, zone)| zone.texts).sum()
    }

    pub(super) fn calls(&self) -> u64 {
        self.zones.iter().map(|(_, zone)| zone.calls).sum()
    }
}
