//! Who looks for broken invariants, by what was committed and what the provider knows.

mod breakers;
mod caps;
mod claims;
mod dials;
mod jobs;
mod runs;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use carillon_domain::base::call::{CallOrder, Outcome};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AttemptId, CallerNumberId, CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::outcome::MessageOutcome;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::active_attempt::{ActiveAttempt, DialCause};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::reporting::invariants::Invariant;
use carillon_store::table::ItemWrite;

use crate::ports::written::{Written, workspace_of};
use breakers::Failing;
use caps::Calls;
use claims::{Day, Probes};
pub(crate) use jobs::told_once;
pub(crate) use workspace::Workspace;

/// A broken invariant.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
    /// What the story is to be about, as it is spelt in it.
    pub(crate) subjects: Vec<String>,
}

impl Alarm {
    pub(crate) fn new(invariant: Invariant, what: impl Into<String>, subjects: &[&dyn ToString]) -> Self {
        let subjects = subjects.iter().map(|subject| subject.to_string()).collect();
        Self { invariant, what: what.into(), subjects }
    }
}

/// Makes an alarm of a broken invariant.
fn about(active: &ActiveAttempt, what: impl Into<String>) -> impl FnOnce(Invariant) -> Alarm {
    let what = what.into();
    move |invariant| {
        let what = format!("{what}: {} to {}", active.attempt, active.number);
        Alarm::new(invariant, what, &[&active.attempt, &active.lead, &active.number])
    }
}

/// One round over the steps of one lead.
type Round = (LeadId, u32, u8);

/// The judges, and what they judge.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) workspaces: Vec<Workspace>,
    watch: Watch,
}

/// What others may want to know of a commit.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) ws: usize,
    pub(crate) claims: Vec<Rc<ActiveAttempt>>,
    /// A campaign that is about to end.
    pub(crate) completing: Option<CampaignId>,
}

/// What is true, whatever the table says.
#[derive(Debug, Default)]
struct Watch {
    /// When the latest call ends with somebody who is known to have this number.
    busy_until: BTreeMap<E164, Timestamp>,
    /// When the latest call with a lead ends.
    talks_until: BTreeMap<LeadId, Timestamp>,
    /// When the calls that a campaign has up in its turn end.
    up: BTreeMap<CampaignId, Vec<Timestamp>>,
    /// The same for a workspace, whatever its calls are due to.
    up_in: BTreeMap<WorkspaceId, Vec<Timestamp>>,
    /// The same for a caller number.
    up_from: BTreeMap<CallerNumberId, Vec<Timestamp>>,
    /// When calls, or texts, were placed from a number; the latest of them.
    from_number: BTreeMap<(CallerNumberId, Channel), Vec<Timestamp>>,
    /// The same for a campaign, with the rate that it then had.
    of_campaign: BTreeMap<(CampaignId, Channel), (u32, Vec<Timestamp>)>,
    /// Where a caller number's days are counted, and its dials on the latest.
    days: BTreeMap<CallerNumberId, Day>,
    failing: Failing,
    dialled: BTreeMap<AttemptId, Dialled>,
    arrived: BTreeSet<AttemptId>,
    /// Calls that came in and were answered as these attempts.
    answered: BTreeSet<AttemptId>,
    /// Attempts in the campaign's turn that counted, as the provider knows them.
    spent: BTreeMap<Round, u32>,
    by_hand: BTreeMap<Round, u32>,
    /// Requests to be called back.
    called_back: BTreeMap<Round, u32>,
    calls: Calls,
    probes: Probes,
    /// Campaigns whose pause or cancellation was acknowledged.
    stopped: BTreeSet<CampaignId>,
    /// Numbers whose opt-out was acknowledged, with the list that they are on.
    opted_out: BTreeSet<(ListName, E164)>,
    /// Campaigns as clients know them.
    acknowledged: BTreeMap<CampaignId, Rc<Campaign>>,
    /// The invocation that changed a campaign last.
    changed_by: BTreeMap<CampaignId, u64>,
    /// Most calls at once that a campaign ever might have.
    limits: BTreeMap<CampaignId, u32>,
}

/// A committed dial.
#[derive(Debug)]
struct Dialled {
    at: Timestamp,
    ws: usize,
    active: Rc<ActiveAttempt>,
    round: Round,
    /// The campaign as it was stored then.
    stored: Rc<Campaign>,
    /// The campaign as clients knew it then.
    known: Rc<Campaign>,
    /// Attempts in its turn that the lead might have.
    allowed: u32,
    /// Whether the person or a client had wished for it.
    is_wished: bool,
}

impl Dialled {
    /// Whether something holds by the campaign's terms. Those that were known count, and those that
    /// were stored just before they could be known.
    fn permits(&self, holds: impl Fn(&Campaign) -> bool) -> bool {
        holds(&self.stored) || holds(&self.known)
    }
}

impl Checker {
    /// A workspace is set up.
    pub(crate) fn add(&mut self, workspace: Workspace) {
        for campaign in workspace.campaigns.values() {
            self.watch.acknowledge(campaign, false);
        }
        self.workspaces.push(workspace);
    }

    /// Calls that were placed so far.
    pub(crate) fn calls(&self) -> usize {
        self.watch.arrived.len()
    }

    /// The workspace that dialled an attempt, and the dial.
    pub(crate) fn dial_of(&self, attempt: &AttemptId) -> Option<(usize, &ActiveAttempt)> {
        self.watch.dialled.get(attempt).map(|dialled| (dialled.ws, &*dialled.active))
    }

    /// An invocation's writes were done together: they are judged by what stood before, then they stand.
    /// Answers with what others may want to know of.
    pub(crate) fn committed(&mut self, writes: &[ItemWrite], by: u64, now: Timestamp) -> Result<News, Alarm> {
        let Some(ws) = writes.first().and_then(|first| self.place_of(first)) else {
            return Ok(News::default());
        };
        let written: Vec<Written> = writes.iter().filter_map(Written::of).collect();
        let (watch, workspace) = (&mut self.watch, &mut self.workspaces[ws]);
        let judged = watch.committing(ws, workspace, &written, now);
        for write in &written {
            if let Written::Campaign(campaign) = write {
                watch.changed_by.insert(campaign.id.clone(), by);
            }
        }
        let news = News { ws, ..workspace.apply(written) };
        judged?;
        if !news.claims.is_empty() {
            watch.claimed(workspace, &news.claims, now)?;
        }
        Ok(news)
    }

    fn place_of(&self, write: &ItemWrite) -> Option<usize> {
        let key = write.key();
        let id: WorkspaceId = workspace_of(&key).parse().ok()?;
        self.workspaces.iter().position(|workspace| workspace.tenant.id == id)
    }

    /// A client is told what its request made of a campaign, unless somebody has changed it again; `is_stop`
    /// says that nobody is to be dialled any more.
    pub(crate) fn acknowledged(&mut self, ws: usize, id: &CampaignId, by: u64, is_stop: bool) {
        if let Some(campaign) = self.workspaces[ws].campaigns.get(id)
            && self.watch.changed_by.get(id) == Some(&by)
        {
            self.watch.acknowledge(campaign, is_stop);
        }
    }

    /// An opt-out is acknowledged, if it still stands.
    pub(crate) fn opted_out(&mut self, ws: usize, list: &ListName, number: &E164) {
        let entry = (list.clone(), number.clone());
        if self.workspaces[ws].listed.contains(&entry) {
            self.watch.opted_out.insert(entry);
        }
    }

    /// V6 on a text with which somebody asks for no more, once it is taken: they are on the list, or were until somebody took
    /// them off.
    pub(crate) fn asked_to_stop(&mut self, ws: usize, number: &E164) -> Result<(), Alarm> {
        let list = ListName::do_not_call();
        if !self.workspaces[ws].ever_listed.contains(&(list.clone(), number.clone())) {
            let what = format!("{number} asked for no more, and was not listed");
            return Err(Alarm::new(Invariant::NoForbiddenDial, what, &[number]));
        }
        self.opted_out(ws, &list, number);
        Ok(())
    }

    /// V6 on a call, or a text, that is about to start: it is the one whose dial was committed.
    pub(crate) fn starting(&self, attempt: &AttemptId, to: &E164, now: Timestamp) -> Result<(), Alarm> {
        let Some(dialled) = self.watch.dialled.get(attempt).filter(|it| it.active.number == *to) else {
            let subjects: &[&dyn ToString] = &[attempt, to];
            let what = format!("without a committed dial: {attempt} to {to}");
            return Err(Alarm::new(Invariant::NoForbiddenDial, what, subjects));
        };
        dialled.starting(now)
    }

    /// V2, V4 and V5 on a dial that reaches the provider.
    pub(crate) fn arriving(&mut self, attempt: &AttemptId, now: Timestamp) -> Result<(), Alarm> {
        let Some(ws) = self.watch.dialled.get(attempt).map(|dialled| dialled.ws) else {
            return Ok(());
        };
        self.watch.arriving(&self.workspaces[ws], attempt, now)
    }

    /// V3 and V4 on a text that the carrier has taken; `end` is what will become of it.
    pub(crate) fn texted(
        &mut self,
        attempt: &AttemptId,
        end: MessageOutcome,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let Some(ws) = self.watch.dialled.get(attempt).map(|dialled| dialled.ws) else {
            return Ok(());
        };
        self.watch.texted(&self.workspaces[ws], attempt, end, now)
    }

    /// V5 on a dial that the provider refuses at once.
    pub(crate) fn failed_at_once(
        &mut self,
        order: &CallOrder,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), Alarm> {
        let Some(dialled) = self.watch.dialled.get(&order.attempt) else { return Ok(()) };
        let workspace = &self.workspaces[dialled.ws];
        self.watch.failing.refused(workspace, &dialled.active, outcome, now)
    }

    /// V3, V4 and V5 on a call that the provider has made; `first` is what it will say of it.
    pub(crate) fn placed(
        &mut self,
        order: &CallOrder,
        first: Outcome,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), Alarm> {
        let Some(ws) = self.watch.dialled.get(&order.attempt).map(|dialled| dialled.ws) else {
            return Ok(());
        };
        self.watch.placed(&self.workspaces[ws], &order.attempt, first, now, ends_at)
    }

    /// Somebody who called us is on the line, and we have answered that it is this attempt.
    pub(crate) fn came_in(&mut self, ws: usize, attempt: &AttemptId, caller: &E164, ends_at: Timestamp) {
        self.watch.came_in(&self.workspaces[ws], attempt, caller, ends_at);
    }
}

impl Watch {
    fn acknowledge(&mut self, campaign: &Campaign, is_stop: bool) {
        self.acknowledged.insert(campaign.id.clone(), Rc::new(campaign.clone()));
        self.widen(campaign);
        if is_stop {
            self.stopped.insert(campaign.id.clone());
        }
    }

    fn committing(
        &mut self,
        ws: usize,
        workspace: &Workspace,
        written: &[Written],
        now: Timestamp,
    ) -> Result<(), Alarm> {
        for write in written {
            match write {
                Written::Attempt(active) if workspace.is_dial(active) => {
                    self.dialling(ws, workspace, written, active, now)?;
                }
                Written::Lead(lead) => {
                    self.learn(lead, now);
                    self.changing(workspace, written, lead)?;
                }
                Written::Campaign(campaign) => {
                    self.widen(campaign);
                    if campaign.status.is_running() {
                        self.stopped.remove(&campaign.id);
                    }
                    runs::changing(workspace, written, campaign, now)?;
                }
                Written::LeadRemoved(lead) => self.leaving(workspace, written, lead)?,
                Written::Job(job) => jobs::stepping(workspace, written, job)?,
                Written::Unlisted(list, number) => {
                    self.opted_out.remove(&(list.clone(), number.clone()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn widen(&mut self, campaign: &Campaign) {
        let limit = self.limits.entry(campaign.id.clone()).or_default();
        *limit = campaign.spec.concurrent_limit.max(*limit);
    }
}

/// Whether the campaign makes the call in its turn.
fn is_in_turn(active: &ActiveAttempt) -> bool {
    !matches!(active.cause, DialCause::Manual | DialCause::Inbound)
}
