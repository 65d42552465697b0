//! What clients will ask for in the course of a run, drawn by its seed.

use carillon_domain::base::ids::{AttemptId, CampaignId, TopUpId};
use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::{Command, PauseReason};
use carillon_domain::records::lead::Lead;

use crate::cast::PARTNERS;
use crate::draw::Draw;
use crate::job::{Change, Delivery, Errand, Job};
use crate::world::World;

/// How long the storm lasts, in milliseconds.
pub(crate) const STORM_MS: i64 = DAY_MS;
/// How soon after a claim somebody meddles, at most, in milliseconds: before its dial, or while
/// the call is up.
const MEDDLING_MS: [i64; 2] = [150, MINUTE_MS];
/// Most leads that a client adds at once.
const MAX_ADDED: usize = 20;
/// How soon after its pause a campaign goes on, at most, in milliseconds.
const PAUSE_MS: i64 = HOUR_MS;
/// What is paid in at once, in millionths of a US dollar.
const TOP_UPS_MICROS: [i64; 3] = [1_000_000, 5_000_000, 40_000_000];
/// What is paid in once it is calm: enough for all.
const BIG_TOP_UP_MICROS: i64 = 10_000_000_000;

/// Puts everything that clients will ask for on the agenda.
pub(crate) fn plan(world: &World, leads: Vec<Vec<Vec<Lead>>>) {
    for (ws, campaigns) in leads.into_iter().enumerate() {
        if world.table.borrow().workspaces[ws].credits().is_some() {
            top_up(world, ws);
        }
        let ids: Vec<CampaignId> = world.table.borrow().workspaces[ws].campaigns.keys().cloned().collect();
        for id in ids {
            let of_campaign = |leads: &&Vec<Lead>| leads.first().is_some_and(|lead| lead.id.campaign() == id);
            let leads = campaigns.iter().find(of_campaign).cloned().unwrap_or_default();
            if !leads.is_empty() {
                Plan { world, ws, id }.write(leads);
            }
        }
    }
}

/// Somebody changes something just when this call is about to be made.
pub(crate) fn meddle(world: &World, ws: usize, active_attempt: &ActiveAttempt) {
    let campaign = || active_attempt.campaign.clone();
    let soon_ms = world.draw.between(0, *world.draw.pick(&MEDDLING_MS));
    let begin = |delay_ms, errand| world.begin(Delivery::first(Job::Errand { ws, errand }), delay_ms);
    match world.draw.below(12) {
        0..3 => begin(soon_ms, Errand::Settle(active_attempt.lead.clone())),
        3..6 => begin(soon_ms, Errand::Learn(active_attempt.lead.clone())),
        6..8 => begin(
            soon_ms,
            Errand::OptOut(ListName::do_not_call(), world.draw.pick(&active_attempt.person).clone()),
        ),
        8 => {
            let at = world.now().plus_ms(world.draw.between(0, HOUR_MS));
            begin(soon_ms, Errand::CallBack(active_attempt.lead.clone(), at));
        }
        9..11 => begin(soon_ms, Errand::Edit(campaign(), change(&world.draw))),
        _ => {
            let pause = Command::Pause { reason: PauseReason::Requested };
            begin(soon_ms, Errand::Command(campaign(), pause));
            begin(soon_ms + MINUTE_MS, Errand::Command(campaign(), Command::Resume));
        }
    }
}

/// A change of a campaign's settings.
fn change(draw: &Draw) -> Change {
    match draw.below(20) {
        0..4 => Change::FewerAttempts,
        4..8 => Change::LongerGap,
        8 => Change::NotToday,
        9..14 => Change::Share { priority: *draw.pick(&[2, 5, 9]), weight: *draw.pick(&[1, 5, 50]) },
        14..16 => Change::Rate(*draw.pick(&[10, 30, 60])),
        16..19 => Change::Limit(*draw.pick(&[1, 3, 8, 30])),
        _ => Change::LastDay,
    }
}

pub(crate) fn top_up(world: &World, ws: usize) {
    let micros = if world.is_calm() { BIG_TOP_UP_MICROS } else { *world.draw.pick(&TOP_UPS_MICROS) };
    let id = TopUpId::new(world.agenda.now(), world.draw.entropy());
    world.begin(Delivery::first(Job::Errand { ws, errand: Errand::TopUp(id, micros) }), 0);
}

/// Some more leads come just when their campaign is about to end.
pub(crate) fn come_late(world: &World, ws: usize, id: &CampaignId) {
    let mut latecomers = world.latecomers.borrow_mut();
    let Some(waiting) = latecomers.get_mut(id).filter(|waiting| !waiting.is_empty()) else { return };
    if !world.is_calm() {
        let some = waiting.split_off(waiting.len() - waiting.len().min(1 + world.draw.place(MAX_ADDED)));
        let errand = Errand::Add(some);
        world.begin(Delivery::first(Job::Errand { ws, errand }), world.draw.between(0, MEDDLING_MS[0]));
    }
}

struct Plan<'a> {
    world: &'a World,
    ws: usize,
    id: CampaignId,
}

impl Plan<'_> {
    fn write(&self, leads: Vec<Lead>) {
        let draw = &self.world.draw;
        self.people(&leads);
        let late = if draw.below(2) == 0 { leads.len() / 3 } else { 0 };
        let (later, first) = leads.split_at(late);
        first.chunks(MAX_ADDED).for_each(|leads| self.at(0, Errand::Add(leads.to_vec())));
        if draw.below(2) == 0 {
            self.world.latecomers.borrow_mut().insert(self.id.clone(), later.to_vec());
        } else {
            later.chunks(MAX_ADDED).for_each(|leads| self.sometime(Errand::Add(leads.to_vec())));
        }
        let start = match draw.below(6) {
            // It stays a draft: nobody is called but by hand.
            0 => return self.calls_by_hand(&leads),
            1 | 2 => Command::Schedule { start_at: self.world.agenda.now().plus_ms(draw.between(0, DAY_MS)) },
            _ => Command::Start,
        };
        self.at(draw.between(0, 10 * MINUTE_MS), Errand::Command(self.id.clone(), start));
        for _ in 0..draw.below(8) {
            self.rest();
        }
        if draw.below(8) == 0 {
            self.sometime(Errand::Command(self.id.clone(), Command::Cancel));
        }
        for _ in 0..draw.below(4) {
            self.sometime(Errand::Edit(self.id.clone(), change(draw)));
        }
    }

    fn people(&self, leads: &[Lead]) {
        let draw = &self.world.draw;
        for lead in leads {
            match draw.below(60) {
                0 | 1 => self.call(lead),
                2 => self.sometime(Errand::OptOut(ListName::do_not_call(), draw.pick(&lead.numbers).clone())),
                3 => self.opt_out_for_a_while(lead),
                4 => self.sometime(Errand::Settle(lead.id.clone())),
                5 | 6 => self.sometime(Errand::Learn(lead.id.clone())),
                7 => {
                    let at_ms = draw.between(0, STORM_MS);
                    let wished_at = self.world.agenda.now().plus_ms(at_ms + draw.between(0, 20 * HOUR_MS));
                    self.at(at_ms, Errand::CallBack(lead.id.clone(), wished_at));
                }
                _ => {}
            }
        }
    }

    /// On a list that counts in some campaigns; most are taken off again.
    fn opt_out_for_a_while(&self, lead: &Lead) {
        let draw = &self.world.draw;
        let list: ListName = PARTNERS.parse().expect("a list");
        let number = draw.pick(&lead.numbers).clone();
        let from_ms = draw.between(0, STORM_MS / 2);
        self.at(from_ms, Errand::OptOut(list.clone(), number.clone()));
        if draw.below(4) > 0 {
            self.at(from_ms + draw.between(2 * HOUR_MS, 10 * HOUR_MS), Errand::Forgive(list, number));
        }
    }

    fn calls_by_hand(&self, leads: &[Lead]) {
        leads.iter().filter(|_| self.world.draw.below(4) == 0).for_each(|lead| self.call(lead));
    }

    fn call(&self, lead: &Lead) {
        let delay_ms = self.world.draw.between(0, STORM_MS);
        let asked_at = self.world.agenda.now().plus_ms(delay_ms);
        let attempt = AttemptId::new(asked_at, self.world.draw.entropy());
        let table = self.world.table.borrow();
        let numbers = table.workspaces[self.ws].campaigns.get(&self.id);
        let numbers = numbers.map_or(&[][..], |campaign| &campaign.spec.caller_number_ids);
        let chosen = numbers.first().filter(|_| self.world.draw.below(3) == 0).cloned();
        self.at(delay_ms, Errand::Call(lead.id.clone(), attempt, chosen));
    }

    /// A pause and its end.
    fn rest(&self) {
        let draw = &self.world.draw;
        let from_ms = draw.between(0, STORM_MS - PAUSE_MS);
        let pause = Command::Pause { reason: PauseReason::Requested };
        self.at(from_ms, Errand::Command(self.id.clone(), pause));
        let until_ms = from_ms + draw.between(0, PAUSE_MS);
        self.at(until_ms, Errand::Command(self.id.clone(), Command::Resume));
    }

    fn sometime(&self, errand: Errand) {
        self.at(self.world.draw.between(0, STORM_MS), errand);
    }

    fn at(&self, delay_ms: i64, errand: Errand) {
        self.world.begin(Delivery::first(Job::Errand { ws: self.ws, errand }), delay_ms);
    }
}
