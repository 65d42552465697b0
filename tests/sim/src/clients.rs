//! What clients will ask for in the course of a run, drawn by its seed.

mod request;

pub(crate) use request::Reply;

use carillon_domain::base::ids::{CallerNumberId, CampaignId, LeadId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::ActiveAttempt;
use carillon_domain::records::campaign::{Campaign, Command, PauseReason};
use serde_json::{Value, json};

use crate::bug::Bug;
use crate::event_queue::Event;
use crate::executor::{Delivery, Job};
use crate::rng::Rng;
use crate::scenario::{PARTNERS, Person, Tenant};
use crate::simulation::Simulation;

/// How long faults strike, in milliseconds.
pub(crate) const STORM_MS: i64 = DAY_MS;
/// How soon after a claim somebody meddles, at most, in milliseconds: before its dial, or while
/// the call is up.
const MEDDLING_MS: [i64; 2] = [150, MINUTE_MS];
/// Most people of a file, and most that a client adds at once.
const MAX_IN_FILE: usize = 400;
const MAX_ADDED: usize = 20;
/// How soon after its pause a campaign goes on, at most, in milliseconds.
const PAUSE_MS: i64 = HOUR_MS;
/// What is paid in at once, in US dollars.
const TOP_UPS_USD: [u32; 3] = [1, 5, 40];
/// What is paid in once it is calm, in US dollars: enough for all.
const BIG_TOP_UP_USD: u32 = 10_000;

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    Command(CampaignId, Command),
    Edit(CampaignId, Change),
    /// A file of people is dropped into the bucket, under this name.
    Drop(CampaignId, String, Vec<Person>),
    /// One more person.
    Add(CampaignId, Person),
    /// A call now, from this number if one is named; the number tells this wish from others.
    Call(LeadId, Option<CallerNumberId>, u64),
    CallBack(LeadId, Timestamp),
    OptOut(ListName, E164),
    OptOutMany(ListName, Vec<E164>),
    /// A person may be called again.
    Forgive(ListName, E164),
    /// Somebody learns all numbers of a person.
    Learn(LeadId, Vec<E164>),
    /// Something is done to many leads, in the background; the number tells this wish from others.
    Bulk(CampaignId, Value, u64),
    /// Somebody pays in so many US dollars.
    TopUp(u32, u64),
}

/// What is changed in a campaign's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    FewerAttempts,
    LongerGap,
    /// No more calls today.
    NotToday,
    /// Another part of the workspace's capacity.
    Share {
        priority: u8,
        weight: u32,
    },
    /// So many calls a minute.
    Rate(u32),
    /// So many calls at once.
    Limit(u32),
    /// No more calls after today.
    LastDay,
}

/// Puts everything that clients will ask for into the queue of events; answers with the people that come
/// when a campaign is about to end.
pub(crate) fn plan(run: &Simulation, tenants: Vec<Tenant>) -> Vec<Latecomers> {
    let mut latecomers = Vec::new();
    for (ws, tenant) in tenants.into_iter().enumerate() {
        if tenant.workspace.low_credits_micros.is_some() {
            top_up(run, ws);
        }
        if run.rng.below(3) == 0 {
            let some: Vec<_> = tenant.people.iter().filter(|_| run.rng.below(40) == 0).collect();
            let numbers = some.iter().flat_map(|person| person.numbers.iter().cloned()).collect();
            let sheet = Errand::OptOutMany(ListName::do_not_call(), numbers);
            ask(run, ws, run.rng.between(0, STORM_MS), sheet);
        }
        for (campaign, people) in tenant.campaigns {
            if !people.is_empty() {
                let waiting = Plan { run, ws, campaign: &campaign }.write(people);
                latecomers.push(Latecomers { ws, campaign: campaign.id, waiting });
            }
        }
    }
    latecomers
}

/// People that come when their campaign is about to end.
#[derive(Debug)]
pub(crate) struct Latecomers {
    ws: usize,
    campaign: CampaignId,
    waiting: Vec<Person>,
}

impl Latecomers {
    /// Some of them come, if it is their campaign.
    pub(crate) fn come(&mut self, run: &Simulation, campaign: &CampaignId) {
        if self.campaign != *campaign || run.is_calm() || self.waiting.is_empty() {
            return;
        }
        let kept = self.waiting.len().saturating_sub(1 + run.rng.place(MAX_ADDED));
        for person in self.waiting.split_off(kept) {
            let add = Errand::Add(campaign.clone(), person);
            ask(run, self.ws, run.rng.between(0, MEDDLING_MS[0]), add);
        }
    }
}

/// Somebody changes something just when this call is about to be made, or calls us.
pub(crate) fn meddle(run: &Simulation, ws: usize, active: &ActiveAttempt) {
    let rng = &run.rng;
    let soon_ms = rng.between(0, *rng.pick(&MEDDLING_MS));
    let campaign = || active.campaign.clone();
    let errand = match rng.below(14) {
        0..3 => {
            let person = run.checker.borrow().workspaces[ws].persons.get(&active.number).cloned();
            Errand::Learn(active.lead.clone(), person.map_or_else(Vec::new, |numbers| numbers.to_vec()))
        }
        3..6 => Errand::OptOut(ListName::do_not_call(), rng.pick(&active.person).clone()),
        6 => Errand::CallBack(active.lead.clone(), run.now().plus_ms(rng.between(0, HOUR_MS))),
        7..9 => Errand::Edit(campaign(), change(rng)),
        9..11 => {
            let resume = Errand::Command(campaign(), Command::Resume);
            ask(run, ws, soon_ms + MINUTE_MS, resume);
            Errand::Command(campaign(), Command::Pause { reason: PauseReason::Requested })
        }
        _ => {
            let caller = rng.pick(&active.person).clone();
            let ring = Event::Ring { ws, caller, called: active.caller_number.clone() };
            return run.events.add(soon_ms, ring);
        }
    };
    ask(run, ws, soon_ms, errand);
}

/// Somebody pays in.
pub(crate) fn top_up(run: &Simulation, ws: usize) {
    let usd = if run.is_calm() { BIG_TOP_UP_USD } else { *run.rng.pick(&TOP_UPS_USD) };
    ask(run, ws, 0, Errand::TopUp(usd, run.rng.below(u64::MAX)));
}

/// A client will ask for something.
pub(crate) fn ask(run: &Simulation, ws: usize, delay_ms: i64, errand: Errand) {
    run.deliver(Delivery::first(Job::Client { ws, errand }), delay_ms);
}

/// A change of a campaign's settings.
fn change(rng: &Rng) -> Change {
    match rng.below(20) {
        0..4 => Change::FewerAttempts,
        4..8 => Change::LongerGap,
        8 => Change::NotToday,
        9..14 => Change::Share { priority: *rng.pick(&[2, 5, 9]), weight: *rng.pick(&[1, 5, 50]) },
        14..16 => Change::Rate(*rng.pick(&[10, 30, 60])),
        16..19 => Change::Limit(*rng.pick(&[1, 3, 8, 30])),
        _ => Change::LastDay,
    }
}

struct Plan<'a> {
    run: &'a Simulation,
    ws: usize,
    campaign: &'a Campaign,
}

impl Plan<'_> {
    /// Answers with those who come when the campaign is about to end.
    fn write(&self, people: Vec<Person>) -> Vec<Person> {
        let rng = &self.run.rng;
        self.wishes(&people);
        let late = if rng.below(2) == 0 { people.len() / 3 } else { 0 };
        let (later, first) = people.split_at(late);
        self.bring(0, first);
        let mut latecomers = Vec::new();
        if rng.below(2) == 0 {
            latecomers = later.to_vec();
        } else {
            later.chunks(MAX_IN_FILE).for_each(|some| self.bring(rng.between(0, STORM_MS), some));
        }
        let start = match rng.below(6) {
            // It stays a draft: nobody is called but by hand.
            0 => {
                people.iter().filter(|_| rng.below(10) == 0).for_each(|person| self.call(person));
                return latecomers;
            }
            1 | 2 => Command::Schedule { start_at: self.run.now().plus_ms(rng.between(MINUTE_MS, DAY_MS)) },
            _ => Command::Start,
        };
        self.at(rng.between(0, 10 * MINUTE_MS), Errand::Command(self.id(), start));
        for _ in 0..rng.below(8) {
            self.rest();
        }
        if rng.below(8) == 0 {
            self.sometime(Errand::Command(self.id(), Command::Cancel));
        }
        for _ in 0..rng.below(4) {
            self.sometime(Errand::Edit(self.id(), change(rng)));
        }
        let many = if self.run.bug.is_some_and(Bug::is_of_jobs) { 12 } else { 3 };
        if self.run.bug.is_none_or(Bug::is_of_jobs) {
            for _ in 0..rng.below(many) {
                self.bulk();
            }
        }
        latecomers
    }

    /// People come in files, or one by one where that makes a difference.
    fn bring(&self, delay_ms: i64, people: &[Person]) {
        let (rng, spec) = (&self.run.rng, &self.campaign.spec);
        let comes_alone = |_: &&Person| {
            let is_first_submission = spec.first_submission_action.is_some() && rng.below(10) == 0;
            is_first_submission || (spec.requires_consent && rng.below(8) == 0)
        };
        let (alone, together): (Vec<&Person>, Vec<_>) = people.iter().partition(comes_alone);
        for some in together.chunks(MAX_IN_FILE) {
            let name = format!("{:016x}.csv", rng.below(u64::MAX));
            self.at(delay_ms, Errand::Drop(self.id(), name, some.iter().copied().cloned().collect()));
        }
        for person in alone {
            self.at(delay_ms + rng.between(0, HOUR_MS), Errand::Add(self.id(), person.clone()));
        }
    }

    /// What concerns single people.
    fn wishes(&self, people: &[Person]) {
        let rng = &self.run.rng;
        for person in people {
            match rng.below(60) {
                // A call that waits for a slot costs a plan every few seconds.
                0 if rng.below(3) == 0 => self.call(person),
                // Its lane is never empty.
                10..30 if self.run.has(Bug::ReservedLaneOnTop) => self.call(person),
                2 => {
                    self.sometime(Errand::OptOut(ListName::do_not_call(), rng.pick(&person.numbers).clone()));
                }
                3 => self.opt_out_for_a_while(person),
                4 | 5 => {
                    let known = self.run.checker.borrow();
                    let all = known.workspaces[self.ws].persons.get(&person.numbers[0]).cloned();
                    let all = all.map_or_else(Vec::new, |numbers| numbers.to_vec());
                    self.sometime(Errand::Learn(person.lead(&self.campaign.id), all));
                }
                6 => {
                    let at_ms = rng.between(0, STORM_MS);
                    let wished_at = self.run.now().plus_ms(at_ms + rng.between(0, 20 * HOUR_MS));
                    self.at(at_ms, Errand::CallBack(person.lead(&self.campaign.id), wished_at));
                }
                _ => {}
            }
        }
    }

    /// On a list that counts in some campaigns; most are taken off again.
    fn opt_out_for_a_while(&self, person: &Person) {
        let rng = &self.run.rng;
        let list: ListName = PARTNERS.parse().expect("a list");
        let number = rng.pick(&person.numbers).clone();
        let from_ms = rng.between(0, STORM_MS / 2);
        self.at(from_ms, Errand::OptOut(list.clone(), number.clone()));
        if rng.below(4) > 0 {
            self.at(from_ms + rng.between(2 * HOUR_MS, 10 * HOUR_MS), Errand::Forgive(list, number));
        }
    }

    fn call(&self, person: &Person) {
        let rng = &self.run.rng;
        let chosen = self.campaign.spec.caller_number_ids.first().filter(|_| rng.below(3) == 0).cloned();
        self.sometime(Errand::Call(person.lead(&self.campaign.id), chosen, rng.below(u64::MAX)));
    }

    /// A pause and its end.
    fn rest(&self) {
        let rng = &self.run.rng;
        let from_ms = rng.between(0, STORM_MS - PAUSE_MS);
        let pause = Command::Pause { reason: PauseReason::Requested };
        self.at(from_ms, Errand::Command(self.id(), pause));
        let until_ms = from_ms + rng.between(0, PAUSE_MS);
        self.at(until_ms, Errand::Command(self.id(), Command::Resume));
    }

    /// Something is done to many leads while the campaign runs; who is suspended goes on later.
    fn bulk(&self) {
        let rng = &self.run.rng;
        let some = format!("{:02}", rng.below(100));
        let from_ms = rng.between(0, STORM_MS - PAUSE_MS);
        let form = match rng.below(8) {
            _ if self.run.has(Bug::BulkRestartsWhoTalks) => json!({"action": "restart", "filter": {}}),
            0..4 => {
                json!({"action": "restart", "filter": {"status": rng.pick(&["exhausted", "failed", "completed"]), "search": some}})
            }
            4 => json!({"action": "restart", "filter": {}}),
            5 => json!({"action": "remove", "filter": {"search": some}}),
            6 => json!({"action": "add_tags", "tags": [some], "filter": {"search": some}}),
            _ => {
                let resume = json!({"action": "resume", "filter": {"status": "suspended"}});
                let until_ms = from_ms + rng.between(0, PAUSE_MS);
                self.at(until_ms, Errand::Bulk(self.id(), resume, rng.below(u64::MAX)));
                json!({"action": "suspend", "filter": {"search": some}})
            }
        };
        self.at(from_ms, Errand::Bulk(self.id(), form, rng.below(u64::MAX)));
    }

    fn id(&self) -> CampaignId {
        self.campaign.id.clone()
    }

    fn sometime(&self, errand: Errand) {
        self.at(self.run.rng.between(0, STORM_MS), errand);
    }

    fn at(&self, delay_ms: i64, errand: Errand) {
        ask(self.run, self.ws, delay_ms, errand);
    }
}
