//! Campaigns, before they start.

use std::collections::BTreeSet;

use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::{DAY_MS, Timestamp};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::policy::cadence::{Cadence, Step};
use carillon_domain::policy::caller_pool::Selection;
use carillon_domain::policy::hours::{HalfHour, HoursZone, WeeklyHours, Window};
use carillon_domain::policy::retry::{Miss, RetryPolicy};
use carillon_domain::policy::schedule::{Period, Recurrence, local_date};
use carillon_domain::records::campaign::{
    AnalysisSettings, Campaign, CampaignSpec, FirstSubmissionAction, OnDuplicate,
};
use carillon_domain::records::interaction::InteractionStatus;

use crate::bug::Bug;
use crate::rng::Rng;

/// A do-not-call list that counts in some campaigns.
pub(crate) const PARTNERS: &str = "partners";

/// Campaigns of this weight say something that can't be said to one number in ten.
const UNSPEAKABLE_WEIGHT: u32 = 10;
const UNSPEAKABLE: &str = "{% if phone_number[-1] == '7' %}{{ 'nothing' | int }}{% endif %}Hello";

/// What is texted; to one number in ten it can't be made.
const TEXT: &str = "{% if phone_number[-1] == '3' %}{{ 'nothing' | int }}{% endif %}Hello, call us back";

/// When campaigns run again, but for how often.
const RECURRENCES: [&str; 4] = [
    r#"{"frequency":"daily","at":"10:30","takes":"unreached","max_runs":3}"#,
    r#"{"frequency":"daily","every":2,"at":"07:00","takes":"all","max_runs":2}"#,
    r#"{"frequency":"weekly","on":["monday","thursday"],"at":"13:15","takes":"unreached","max_runs":3}"#,
    r#"{"frequency":"daily","at":"16:00","takes":"new","max_runs":2}"#,
];

/// A campaign that calls through one provider, from some of these numbers.
pub(super) fn draft(
    rng: &Rng,
    now: Timestamp,
    assistants: &[Assistant],
    numbers: &[CallerNumber],
    bug: Option<Bug>,
) -> Campaign {
    let first = rng.place(numbers.len());
    let provider = numbers[first].provider;
    let assistant = assistants.iter().find(|one| one.provider == provider).expect("one for each provider");
    let numbers = numbers[first..].iter().filter(|number| number.provider == provider).take(1 + rng.place(3));
    let time_zone = rng.pick(&["Europe/Berlin", "America/New_York", "Asia/Tokyo"]).parse().expect("a zone");
    let date = |days: i64| local_date(time_zone, now.plus_ms(days * DAY_MS));
    let (start, end) = (rng.between(0, 1), rng.between(2, 12));
    let whether = |one_in: u64| rng.below(one_in) == 0;
    let mut spec = CampaignSpec {
        test_assistant_id: None,
        name: "Autumn".to_owned(),
        description: None,
        goal: "To sell".to_owned(),
        analysis: AnalysisSettings::default(),
        assistant_id: assistant.id.clone(),
        caller_number_ids: numbers.map(|number| number.id.clone()).collect(),
        hours: hours(rng),
        hours_zone: *rng.pick(&[HoursZone::Recipient, HoursZone::Recipient, HoursZone::Campaign]),
        time_zone,
        default_country: None,
        except_dates: if whether(6) { BTreeSet::from([date(0), date(2)]) } else { BTreeSet::new() },
        period: Period::new(whether(4).then(|| date(start)), whether(4).then(|| date(end)))
            .expect("a period"),
        recurrence: whether(4).then(|| recurrence(rng)),
        retry: retry(rng),
        min_gap_minutes: *rng.pick(&[0, 0, 10, 60, 240]),
        cadence: cadence(rng),
        priority: *rng.pick(&[5, 5, 5, 2, 9]),
        weight: *rng.pick(&[1, 1, 3, UNSPEAKABLE_WEIGHT]),
        caller_selection: *rng.pick(&[Selection::RoundRobin, Selection::LeastUsed]),
        local_presence: whether(2),
        same_number_for_retries: whether(4),
        ramp_up_minutes: *rng.pick(&[0, 0, 30, 240]),
        keep_open: whether(6),
        requires_consent: whether(8),
        on_duplicate: OnDuplicate::Skip,
        first_submission_action: whether(3).then_some(FirstSubmissionAction::Call),
        suppression_lists: whether(3).then(|| PARTNERS.parse().expect("a list")).into_iter().collect(),
        concurrent_limit: *rng.pick(&[1, 5, 15, 60]),
        rate_limit_per_minute: *rng.pick(&[None, None, None, Some(20)]),
        sms_rate_limit_per_minute: None,
        ringing_timeout_secs: 40,
        machine_detection: true,
        on_voicemail: None,
        recording_retention: None,
        welcome_message_template: None,
        agenda_template: None,
        end_call_message_template: None,
        voicemail_message_template: None,
        sms_message_template: None,
        variables: Default::default(),
        tags: Vec::new(),
    };
    // Where a bug is sought that has nothing to do with them, texts would only make it rarer.
    let may_text = bug.map_or_else(|| whether(3), Bug::is_of_texts);
    if may_text {
        (spec.cadence, spec.sms_message_template) = (texting(rng), Some(TEXT.to_owned()));
        spec.sms_rate_limit_per_minute = *rng.pick(&[None, None, Some(30)]);
    }
    if spec.weight == UNSPEAKABLE_WEIGHT {
        spec.welcome_message_template = Some(UNSPEAKABLE.to_owned());
    }
    match bug {
        Some(Bug::RestartsWhoTalks | Bug::RunBeginsTwice | Bug::WalkStopsShort) => {
            spec.recurrence = Some(recurrence(rng));
        }
        Some(Bug::WebhookNotFenced | Bug::NumberVersionNotChecked | Bug::ListsDialledNumberOnly) => {
            spec.retry = RetryPolicy { max_attempts: 5, delay_minutes: 1, ..RetryPolicy::default() };
            spec.min_gap_minutes = 0;
        }
        Some(Bug::ListsOfCampaignIgnored) => {
            spec.suppression_lists = [PARTNERS.parse().expect("a list")].into();
        }
        _ => {}
    }
    Campaign::draft(CampaignId::new(now, rng.entropy()), spec, now)
}

fn hours(rng: &Rng) -> WeeklyHours {
    let window = |from, to| {
        let hour = |hour| HalfHour::new(hour, 0).expect("on the hour");
        Window::new(hour(from), hour(to)).expect("forwards")
    };
    let days = match rng.below(4) {
        0 => return WeeklyHours::default(),
        1 => [(); 7].map(|()| vec![window(8, 21)]),
        2 => [(); 7].map(|()| vec![window(6, 23)]),
        _ => [(); 7].map(|()| vec![window(9, 12), window(14, 20)]),
    };
    WeeklyHours::new(days).expect("hours")
}

fn recurrence(rng: &Rng) -> Recurrence {
    serde_json::from_str(rng.pick::<&str>(&RECURRENCES)).expect("a recurrence")
}

fn retry(rng: &Rng) -> RetryPolicy {
    let mut policy = RetryPolicy {
        max_attempts: *rng.pick(&[1, 2, 3, 5]),
        delay_minutes: *rng.pick(&[1, 5, 30, 120]),
        ..RetryPolicy::default()
    };
    if rng.below(2) == 0 {
        policy.on.insert(Miss::Incomplete);
    }
    if rng.below(3) == 0 {
        policy.delays.insert(Miss::Busy, vec![2, 15]);
        policy.delays.insert(Miss::Voicemail, vec![240]);
    }
    policy
}

/// Some campaigns try again another way: here, with other calls.
fn cadence(rng: &Rng) -> Cadence {
    use InteractionStatus as S;
    let step = |delay_minutes, after: &[S]| Step {
        channel: Channel::Call,
        delay_minutes,
        after: after.iter().copied().collect(),
    };
    let steps = match rng.below(5) {
        0 => vec![step(0, &[]), step(180, &[S::NoAnswer, S::Voicemail])],
        1 => vec![step(0, &[]), step(0, &[S::Busy, S::Error]), step(30, &[S::NoAnswer, S::Completed])],
        _ => return Cadence::default(),
    };
    Cadence::try_from(steps).expect("a sequence")
}

/// Some campaigns text: alone, first, or where nobody answers.
fn texting(rng: &Rng) -> Cadence {
    use InteractionStatus as S;
    let step = |channel, delay_minutes, after: &[S]| Step {
        channel,
        delay_minutes,
        after: after.iter().copied().collect(),
    };
    let (call, text) = (Channel::Call, Channel::Sms);
    let steps = match rng.below(3) {
        0 => vec![step(text, 0, &[])],
        1 => vec![
            step(text, 0, &[]),
            step(call, 60, &[S::NoReply, S::Undelivered]),
            step(call, 0, &[S::Replied]),
        ],
        _ => vec![
            step(call, 0, &[]),
            step(text, 5, &[S::NoAnswer, S::Voicemail, S::Busy]),
            step(call, 120, &[S::NoReply, S::Error]),
        ],
    };
    Cadence::try_from(steps).expect("a sequence")
}
