//! What must be true of a campaign that has ended, whatever happened on the way.

use std::collections::BTreeMap;

use carillon_domain::base::call::{Line, Outcome, VoiceProvider};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AttemptId, CampaignId, InteractionId};
use carillon_domain::base::interaction_status::InteractionStatus;
use carillon_domain::base::outcome::{MessageOutcome, ToldBy};
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::policy::schedule::local_date;
use carillon_domain::records::interaction::{Direction, Interaction};
use carillon_domain::records::lead::{Lead, LeadState};
use carillon_domain::reporting::breakdown::By;
use carillon_domain::reporting::invariants;
use carillon_local::message_simulator::MessageRecord;
use carillon_local::message_simulator::person::Fate;
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_local::provider_simulator::call::CallResult;
use carillon_local::provider_simulator::failure::Failure;

use crate::harness::Harness;

/// Whether a campaign has ended, for [`Harness::run_until`].
pub fn has_ended(campaign: &CampaignId) -> impl AsyncFnMut(&Harness) -> bool {
    let campaign = campaign.clone();
    async move |harness: &Harness| {
        let stored = harness.context.store.campaign(&harness.keys.workspace, &campaign).await;
        stored.expect("a table").expect("a campaign").status.is_ended()
    }
}

/// Ended interactions that are read at once.
const PAGE: usize = 100;
/// How long a silence may last and be nobody's answer, in seconds.
const MOMENT_SECS: i64 = 2;

/// The record of the only campaign equals the network's truth, and the counters equal the record.
pub async fn record_is_true(harness: &Harness, campaign: &CampaignId) {
    records_are_true(harness, std::slice::from_ref(campaign)).await;
}

/// The records of all campaigns together equal the network's truth, and the counters of each equal its record.
pub async fn records_are_true(harness: &Harness, campaigns: &[CampaignId]) {
    let mut ended = BTreeMap::new();
    for campaign in campaigns {
        ended.extend(counters_are_true(harness, campaign).await);
    }
    for call in harness.network.calls() {
        let attempt: AttemptId = call.attempt.as_deref().and_then(|id| id.parse().ok()).expect("our attempt");
        let interaction = ended.get(&InteractionId::of(&attempt)).expect("every call has ended on record");
        let recorded = interaction.outcome.expect("it has ended");
        // Of a call that is put through, time and money are known however we learned of it.
        let told = Told::of(&call);
        let is_asked = interaction.told_by == Some(ToldBy::Inquiry);
        assert_eq!(recorded, truth(&call, told.is_momentary, is_asked).into(), "{call:?}");
        assert_eq!(interaction.is_placed(), interaction.direction == Direction::Outbound, "{call:?}");
        let picked_up_at = told.picked_up_at.map(|at| at.max(interaction.started_at));
        assert_eq!(interaction.answered_at, picked_up_at, "{call:?}");
        assert_eq!(i64::from(interaction.duration_secs), told.talk_secs, "{call:?}");
    }
}

/// What a provider tells of the times of a call.
struct Told {
    picked_up_at: Option<Timestamp>,
    talk_secs: i64,
    /// Whether they were connected for a moment only.
    is_momentary: bool,
}

impl Told {
    fn of(call: &CallRecord) -> Self {
        let talk_ms = call.answered_at.map_or(0, |answered_at| call.ended_at.since_ms(answered_at));
        let (talk_secs, is_broken) = (talk_ms / SECOND_MS, call.result == CallResult::Broken);
        if call.result == CallResult::NotConnected {
            return Self { picked_up_at: None, talk_secs: 0, is_momentary: true };
        }
        match call.provider {
            // Whole seconds, and none of a conversation that broke.
            VoiceProvider::ElevenLabs => Self {
                picked_up_at: call.answered_at.map(|at| Timestamp::from_millis(at.as_secs() * SECOND_MS)),
                talk_secs: if is_broken { 0 } else { talk_secs },
                is_momentary: talk_secs <= MOMENT_SECS,
            },
            // Milliseconds; its reasons for what broke don't say that anybody was reached.
            VoiceProvider::Retell => Self {
                picked_up_at: call.answered_at.filter(|_| !is_broken),
                talk_secs,
                is_momentary: talk_ms <= MOMENT_SECS * SECOND_MS,
            },
        }
    }
}

/// The counters of a campaign equal its record, which is answered.
async fn counters_are_true(harness: &Harness, campaign: &CampaignId) -> BTreeMap<InteractionId, Interaction> {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let leads = store.all_leads(ws, campaign).await.expect("a table");
    let counters = store.counters(ws, campaign).await.expect("a table");
    assert_eq!(invariants::counters_agree(&counters, &leads), Ok(()));
    assert!(leads.iter().all(|lead| lead.state.is_settled()), "everybody is settled");
    for lead in &leads {
        assert!(lead.attempts <= 3, "{lead:?}");
    }

    let ended = ended(harness, campaign).await;
    last_attempts_say_so(&leads, &ended);
    let counted: Vec<_> = counters.iter().collect();
    assert_eq!(invariants::ends_agree(&counters, ended.values()), Ok(()), "{counted:?}");
    ended
}

/// The last attempt at whoever was never reached says that nobody will be, and no other does.
fn last_attempts_say_so(leads: &[Lead], ended: &BTreeMap<InteractionId, Interaction>) {
    let missed = [Outcome::NoAnswer, Outcome::Declined, Outcome::Busy].map(|one| Some(one.into()));
    let exhausted = leads.iter().filter(|lead| lead.state == LeadState::Exhausted);
    let last: BTreeMap<InteractionId, &Lead> =
        exhausted.filter_map(|lead| Some((InteractionId::of(&lead.last.as_ref()?.attempt), lead))).collect();
    for (id, one) in ended {
        let is_last = last.contains_key(id) && missed.contains(&one.outcome);
        // What was told otherwise first was the last attempt for another reason.
        let may_differ = one.first_outcome.is_some();
        let says_so = one.status == InteractionStatus::NoContact;
        assert!(says_so == is_last || (is_last && may_differ), "{one:?}");
    }
}

/// How soon a reply comes that counts for the text before it, in milliseconds.
const REPLY_WITHIN_MS: i64 = 30 * MINUTE_MS;

/// The record of the texts of all campaigns equals what the carrier did with them: each is there once, and ended as it did. Where no receipt
/// came in time it counts as sent, and where the person replied soon, as replied to.
pub async fn texts_are_true(harness: &Harness, campaigns: &[CampaignId]) {
    let messages = harness.messages.messages();
    let is_replied_to = |text: &MessageRecord| {
        let is_soon = |one: &MessageRecord| (0..=REPLY_WITHIN_MS).contains(&one.at.since_ms(text.at));
        let is_between = |other: &MessageRecord, reply: &MessageRecord| {
            other.attempt.is_some() && other.to == text.to && other.at > text.at && other.at <= reply.at
        };
        // It is the latest text that is replied to.
        let is_for_it = |reply: &MessageRecord| !messages.iter().any(|other| is_between(other, reply));
        messages.iter().any(|one| one.is_inbound && one.from == text.to && is_soon(one) && is_for_it(one))
    };
    let mut recorded = BTreeMap::new();
    for campaign in campaigns {
        recorded.extend(ended(harness, campaign).await);
    }
    recorded.retain(|_, one| one.channel == Channel::Sms);
    for text in messages.iter().filter(|text| !text.is_answer) {
        let Some(attempt) = &text.attempt else {
            let theirs = |one: &Interaction| {
                one.direction == Direction::Inbound && one.text.as_deref() == Some(&text.text)
            };
            let is_of =
                |one: &Interaction| one.number.as_ref().is_some_and(|number| number.as_str() == text.from);
            let place = recorded.iter().find(|(_, one)| theirs(one) && is_of(one)).map(|(id, _)| id.clone());
            recorded.remove(&place.unwrap_or_else(|| panic!("{text:?} is kept with its lead")));
            continue;
        };
        let attempt: AttemptId = attempt.parse().expect("our attempt");
        let interaction = recorded.remove(&InteractionId::of(&attempt)).expect("it is recorded, once");
        let end = match text.fate.expect("one of ours") {
            _ if is_replied_to(text) => MessageOutcome::Replied,
            Fate::Delivered => MessageOutcome::Delivered,
            Fate::Undelivered(30_003) => MessageOutcome::Undelivered,
            Fate::Undelivered(30_006) => MessageOutcome::NotTextable,
            Fate::Undelivered(_) => MessageOutcome::Filtered,
            Fate::Silent => MessageOutcome::Sent,
        };
        // A step that waited for a reply has begun without one.
        let in_vain =
            end == MessageOutcome::Delivered && interaction.outcome == Some(MessageOutcome::NoReply.into());
        let is_true = in_vain || interaction.outcome == Some(end.into());
        let of_them: Vec<_> =
            messages.iter().filter(|one| one.from == text.to || one.to == text.to).collect();
        assert!(is_true && interaction.text.as_deref() == Some(&text.text), "{interaction:?}: {of_them:?}");
    }
    // What is left never left us.
    for one in recorded.values() {
        let is_nothing = one.outcome.is_none_or(|outcome| {
            [MessageOutcome::NotSent, MessageOutcome::Unconfirmed].iter().any(|it| outcome == (*it).into())
        });
        assert!(is_nothing, "{one:?}");
    }
}

/// The sums by day, hour and caller number equal the record, once all changes were told of.
pub async fn breakdown_is_true(harness: &Harness, campaign: &CampaignId) {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let tz = store.campaign(ws, campaign).await.expect("a table").expect("a campaign").spec.time_zone;
    let days = local_date(tz, Timestamp::from_millis(0))..=local_date(tz, harness.context.now());
    let sums = store.breakdown(ws, campaign, tz, &days).await.expect("a table");
    let ended = ended(harness, campaign).await;
    assert_eq!(invariants::breakdown_agrees(&sums, ended.values(), tz), Ok(()), "{:?}", sums.rows(By::Hour));
}

/// The ended interactions of a campaign.
async fn ended(harness: &Harness, campaign: &CampaignId) -> BTreeMap<InteractionId, Interaction> {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let (mut ended, mut after) = (BTreeMap::new(), None);
    loop {
        let page = store.ended_interactions(ws, campaign, after.as_deref(), PAGE).await.expect("a table");
        for interaction in page.interactions {
            let id = interaction.id.clone();
            assert!(ended.insert(id.clone(), interaction).is_none(), "{id} is listed once");
        }
        match page.next {
            None => return ended,
            next => after = next,
        }
    }
}

/// The outcome that a call has, whether a webhook tells of it or we ask: a moment of silence is no answer.
fn truth(call: &CallRecord, is_momentary: bool, is_asked: bool) -> Outcome {
    let is_own = call.line == Line::OwnTwilio;
    match call.result {
        // On the way of a call of our own account any refusal is a network's, and says nothing of us.
        CallResult::Failed(Failure::Forbidden) if is_own => Outcome::Failed,
        // Twilio's list of calls does not tell why one has failed.
        CallResult::Failed(failure) if is_own && is_asked && failure.twilio_status() == "failed" => {
            Outcome::Failed
        }
        CallResult::HungUp | CallResult::Silent if is_momentary => Outcome::NoAnswer,
        CallResult::Talked | CallResult::Asked(_) => Outcome::Completed,
        CallResult::HungUp | CallResult::Silent => Outcome::Incomplete,
        CallResult::Voicemail => Outcome::Voicemail,
        CallResult::Broken | CallResult::NotConnected => Outcome::Error,
        CallResult::Failed(Failure::Busy) => Outcome::Busy,
        CallResult::Failed(Failure::NoAnswer) => Outcome::NoAnswer,
        CallResult::Failed(Failure::Declined) => Outcome::Declined,
        CallResult::Failed(Failure::NotFound) => Outcome::InvalidNumber,
        CallResult::Failed(Failure::Blocked) => Outcome::Blocked,
        CallResult::Failed(Failure::Forbidden) => Outcome::AccountRefused,
        CallResult::Failed(Failure::TrunkDown) => Outcome::Failed,
    }
}
