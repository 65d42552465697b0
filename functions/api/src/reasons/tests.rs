use std::collections::BTreeSet;
use std::fmt::Debug;

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::numbering::NumberClass;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::policy::caps::Cap;
use carillon_domain::records::campaign::StatusName;
use carillon_domain::records::lead::LeadStatus;
use carillon_domain::records::text_fault::{Text, TextFault};
use carillon_domain::reporting::explain::Lasts;
use carillon_domain::reporting::forecast::{Assumption, Note, SampledLeads};
use chrono_tz::Tz;

use super::*;

const AT: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const PLACE: Tz = Tz::Europe__Berlin;

fn capped(per_minutes: u32, source: CapSource) -> Capped {
    Capped { cap: Cap { max: 1, per_minutes, source }, until: AT }
}

fn attempt(campaign_name: Option<&str>) -> Attempt {
    let number = "+4930901820".parse().expect("a number");
    let campaign = "cmp_01ARYZ6S41TSV4RRFFQ69G5FAV".parse().expect("a campaign");
    let lead = LeadId::derive(&campaign, &number);
    Attempt { number, lead, campaign, campaign_name: campaign_name.map(str::to_owned) }
}

fn closed() -> Vec<Closed> {
    let (rule, date) = ("fr@2026-08-11".to_owned(), "2026-12-24".parse().expect("a date"));
    vec![
        Closed::Date { place: PLACE, date },
        Closed::Hours { place: PLACE },
        Closed::Rule { place: PLACE, rule: rule.clone(), holiday: None },
        Closed::Rule { place: PLACE, rule, holiday: Some("Bastille Day".to_owned()) },
    ]
}

fn closings() -> impl Iterator<Item = Closing> {
    closed().into_iter().map(Closing::By).chain([Closing::AboutToEnd, Closing::JustBegun])
}

fn not_running() -> impl Iterator<Item = Cause> {
    use PauseReason as P;
    let pauses = [
        P::Requested,
        P::ProviderRefused,
        P::RequestsRejected,
        P::NoProviderKey,
        P::AssistantUnusable,
        P::LowCredits,
        P::TooManyFailures,
    ];
    let others = [
        NotRunning::Draft,
        NotRunning::StartsAt(AT),
        NotRunning::Starting(AT),
        NotRunning::BeingChecked,
        NotRunning::Completed,
        NotRunning::Cancelled,
    ];
    pauses.map(NotRunning::Paused).into_iter().chain(others).map(Cause::NotRunning)
}

fn settled() -> impl Iterator<Item = Cause> {
    use SkipReason as S;
    let skipped = [S::DoNotCall, S::PeriodOver, S::NoConsent, S::NumberClass]
        .map(|reason| LeadState::Skipped { reason });
    let others = [LeadState::Completed, LeadState::Exhausted, LeadState::Failed];
    let states = skipped.into_iter().chain(others);
    let faults = states.map(|state| (state, None)).chain([(LeadState::Failed, Some(fault()))]);
    faults.flat_map(|(state, fault)| {
        [None, Some(AT)].map(|taken_again_at| Cause::Settled {
            state: state.clone(),
            fault: fault.clone(),
            taken_again_at,
        })
    })
}

fn fault() -> TextFault {
    TextFault { text: Text::Prompt, line: Some(2), column: Some(7), reason: "no number".into() }
}

fn no_callers() -> impl Iterator<Item = Cause> {
    let no_callers = [
        NoCaller::None,
        NoCaller::Busy,
        NoCaller::Rate { until: AT },
        NoCaller::Resting { until: AT },
        NoCaller::DailyCap { until: AT },
        NoCaller::CircuitBreaker { until: Some(AT) },
        NoCaller::CircuitBreaker { until: None },
    ];
    no_callers.into_iter().map(Cause::NoCaller)
}

fn of_the_campaign() -> impl Iterator<Item = Cause> {
    let credits = LowCredits { balance_micros: -1_250_000, threshold_micros: 5_000_000 };
    let (own, slots) = (3, Use { limit: 5, held: 5 });
    let causes = [
        Cause::RunningLimit { start_at: AT, running: 3, limit: 3 },
        Cause::LowCredits { credits, start_at: None },
        Cause::LowCredits { credits, start_at: Some(AT) },
        Cause::PeriodNotBegun(AT),
        Cause::PeriodOver,
        Cause::NoLeads,
        Cause::AllSettled { leads: 7 },
        Cause::NobodyDue { next_due_at: None },
        Cause::NobodyDue { next_due_at: Some(AT) },
        Cause::ZonesClosed { opens_at: None },
        Cause::ZonesClosed { opens_at: Some(AT) },
        Cause::WorkspaceFull { slots, own },
        Cause::CampaignFull { slots, at_most: 5 },
        Cause::CampaignFull { slots, at_most: 9 },
        Cause::CampaignRate { until: AT, per_minute: Some(10) },
        Cause::CampaignBreaker { until: None },
        Cause::CampaignBreaker { until: Some(AT) },
    ];
    causes.into_iter().chain(not_running()).chain(no_callers())
}

fn of_the_lead() -> impl Iterator<Item = Cause> {
    let budget = || CapSource::Budget;
    let list = || "partners".parse().expect("a name");
    let waits = [NotDue::Cap(budget()), NotDue::Hours, NotDue::Callback, NotDue::Retry, NotDue::Turn];
    let causes = [
        Cause::Suspended,
        Cause::InProgress,
        Cause::Claimed { attempt: attempt(None), dial_at: AT, until: AT },
        Cause::PersonBusy(attempt(None)),
        Cause::PersonBusy(attempt(Some("Autumn"))),
        Cause::AttemptsUsedUp { attempts: 3 },
        Cause::NoConsent,
        Cause::NumberClass { class: NumberClass::PremiumRate, number: attempt(None).number },
        Cause::DoNotCall { list: list(), number: None },
        Cause::DoNotCall { list: list(), number: Some(attempt(None).number) },
        Cause::Capped(capped(480, budget())),
        Cause::Capped(capped(90, budget())),
        Cause::Capped(capped(480, CapSource::Gap)),
        Cause::Capped(capped(480, CapSource::Rule("fr@2026-08-11".to_owned()))),
        Cause::NotInSight(AT),
        Cause::NeverOpen { closing: Closing::AboutToEnd, places: vec![PLACE; 2], is_lawful: true },
        Cause::NeverOpen { closing: Closing::AboutToEnd, places: vec![PLACE; 2], is_lawful: false },
        Cause::NeverOpen { closing: Closing::AboutToEnd, places: vec![PLACE], is_lawful: false },
    ];
    let places = || vec![PLACE];
    let hours = closings().flat_map(move |closing| {
        let never = Cause::NeverOpen { closing: closing.clone(), places: places(), is_lawful: true };
        [Cause::OutsideHours { closing, places: places(), opens_at: AT }, never]
    });
    let waits = waits.into_iter().map(|why| Cause::NotDue { due_at: AT, why, places: Vec::new() });
    causes.into_iter().chain(settled()).chain(waits).chain(hours)
}

fn refusals() -> Vec<DialRefusal> {
    let hours = |opens_at, closed| Refusal::OutsideHours { opens_at, closed };
    let refusals = [
        Refusal::CampaignNotRunning(StatusName::Paused),
        Refusal::PeriodNotBegun(AT),
        Refusal::PeriodOver,
        Refusal::Settled(LeadStatus::Completed),
        Refusal::Suspended,
        Refusal::InProgress,
        Refusal::NotDue(AT),
        Refusal::AttemptsUsedUp,
        Refusal::NoConsent,
        Refusal::NumberClass(NumberClass::Satellite),
        Refusal::TextFails(fault()),
        Refusal::DoNotCall("partners".parse().expect("a name")),
        Refusal::Capped(capped(480, CapSource::Gap)),
        hours(None, None),
        hours(Some(AT), None),
        hours(Some(AT), closed().pop()),
    ];
    let of_the_dial = [
        DialRefusal::SlotOver,
        DialRefusal::NoSlotInTime,
        DialRefusal::LeadGone,
        DialRefusal::NumbersChanged,
        DialRefusal::StepChanged,
        DialRefusal::AssistantUnusable,
        DialRefusal::NoProviderKey,
        DialRefusal::ProviderCongested,
    ];
    refusals.into_iter().map(DialRefusal::Refused).chain(of_the_dial).collect()
}

fn assumptions() -> Vec<Assumption> {
    vec![
        Assumption::CallsAreAssumed,
        Assumption::CallsGoOn { calls: 40 },
        Assumption::Lengths { talk_secs: 61.4, ringing_secs: 12.0 },
        Assumption::Spread { runs: 9 },
        Assumption::StartsNow { status: StatusName::Draft },
        Assumption::OthersAreIdle { campaigns: 2 },
        Assumption::LiveCallsEnd,
        Assumption::TextsAreDelivered,
        Assumption::TextsGoOn { texts: 60 },
        Assumption::OneRun,
        Assumption::CapsStartEmpty { calls: 5 },
        Assumption::NothingUnusual,
    ]
}

fn notes() -> Vec<Note> {
    let sampled = |of| Note::Sampled { of, looked_at: 2_000, leads: 12_000 };
    vec![
        Note::RoughTimes { looked_at: 100 },
        Note::LongLists { read: 100 },
        sampled(SampledLeads::Urgent),
        sampled(SampledLeads::Retries),
        sampled(SampledLeads::Fresh),
        Note::CampaignsLeftOut { looked_at: 20, campaign_ids: vec![attempt(None).campaign] },
        Note::ScheduledRetriesStay,
        Note::OnlyPaceChanges,
    ]
}

/// Each of them says something of its own, in words and not in the code's.
fn check<T: Message + Debug>(all: impl IntoIterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for one in all {
        let message = one.message();
        assert!(message.len() > 10, "{one:?}: {message}");
        let is_of_the_code = |word: &str| word.contains("::") || word.contains('{') || word.contains("Some(");
        let leaks = message.split(' ').any(is_of_the_code) || message.contains(&format!("{one:?}"));
        assert!(!leaks, "{one:?}: {message}");
        assert!(seen.insert(message), "{one:?} says what another one says");
    }
}

#[test]
fn everything_has_words_of_its_own() {
    check(of_the_campaign().chain(of_the_lead()));
    check(refusals());
    check([RequestRefusal::LiveCall, RequestRefusal::AlreadyRequested]);
    check(closed());
    check(assumptions());
    check(notes());
}

#[test]
fn no_code_is_left_out() {
    let causes = of_the_campaign().chain(of_the_lead()).map(|cause| cause.code());
    let told: BTreeSet<ReasonCode> = causes.chain(refusals().iter().map(DialRefusal::code)).collect();
    assert!(ReasonCode::ALL.iter().all(|code| told.contains(code)), "{told:?}");
}

#[test]
fn what_ends_at_a_known_moment_says_when() {
    for cause in of_the_campaign().chain(of_the_lead()) {
        if cause.lasts() == Lasts::Until(AT) {
            assert!(cause.message().contains(&AT.to_string()), "{}", cause.message());
        }
    }
}

#[test]
fn words_carry_the_data() {
    let credits = LowCredits { balance_micros: -1_250_000, threshold_micros: 5_000_000 }.message();
    assert!(credits.contains("-1.250000") && credits.contains("5.000000"), "{credits}");
    let budget = Cause::Capped(capped(480, CapSource::Budget)).message();
    assert!(budget.contains("contact budget allows 1 call(s) to one person in 8 hours"), "{budget}");
    let list =
        Cause::DoNotCall { list: "partners".parse().expect("a name"), number: Some(attempt(None).number) };
    assert!(list.message().contains("the do-not-call list partners holds +4930901820"));
    assert!(Cause::PersonBusy(attempt(Some("Autumn"))).message().contains("\"Autumn\""));
    let wide = Cause::NeverOpen { closing: Closing::JustBegun, places: vec![PLACE; 9], is_lawful: true };
    assert!(wide.message().contains("any of 9 time zones") && wide.message().contains("set the lead's"));
}

#[test]
fn a_code_stands_beside_its_data_and_its_words() {
    let told = serde_json::to_value(Explained::from(Assumption::CallsGoOn { calls: 40 })).expect("JSON");
    let message = "calls go as the 40 that have ended did";
    assert_eq!(told, serde_json::json!({"code": "calls_go_on", "calls": 40, "message": message}));
}
