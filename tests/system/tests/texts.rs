//! Texts: campaigns that send them, alone or beside calls, what people reply, and what becomes of both.

use axum::body::Body;
use axum::http::Request;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::outcome::{AttemptOutcome, MessageOutcome, ToldBy};
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS};
use carillon_domain::policy::cadence::{Cadence, Step};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::interaction::{Direction, Interaction, InteractionStatus};
use carillon_domain::records::lead::Lead;
use carillon_local::message_simulator::MessageRecord;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use chrono_tz::Tz;
use tower::ServiceExt;

/// Our number.
const OURS: &str = "+493023125099";

fn step(channel: Channel, delay_minutes: u32, after: &[InteractionStatus]) -> Step {
    Step { channel, delay_minutes, after: after.iter().copied().collect() }
}

fn cadence(steps: Vec<Step>) -> Cadence {
    Cadence::try_from(steps).expect("a cadence")
}

async fn system() -> Harness {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.messages.magic_numbers = true;
    options.network.magic_numbers = true;
    Harness::start(options).await
}

/// Numbers of Berlin that end so.
fn people_of(ends: &[&str]) -> Vec<(String, Tz)> {
    ends.iter().map(|end| (format!("+493023112{end}"), Tz::Europe__Berlin)).collect()
}

async fn lead(harness: &Harness, campaign: &CampaignId, end: &str) -> Lead {
    let id = LeadId::derive(campaign, &format!("+493023112{end}").parse().expect("a number"));
    harness.context.store.lead(&harness.keys.workspace, &id).await.expect("a table").expect("a lead")
}

/// What is recorded of a lead, the earliest first.
async fn thread(harness: &Harness, campaign: &CampaignId, end: &str) -> Vec<Interaction> {
    let ws = &harness.keys.workspace;
    let lead = lead(harness, campaign, end).await;
    let page = harness.context.store.ended_interactions(ws, campaign, None, 500).await.expect("a table");
    let mut theirs: Vec<_> = page.interactions.into_iter().filter(|one| one.lead == lead.id).collect();
    theirs.sort_by_key(|one| one.started_at);
    theirs
}

fn kinds(thread: &[Interaction]) -> Vec<(Channel, Direction, &'static str)> {
    let kind =
        |one: &Interaction| (one.channel, one.direction, one.outcome.map_or("open", AttemptOutcome::name));
    thread.iter().map(kind).collect()
}

fn of_number(messages: &[MessageRecord], end: &str) -> Vec<MessageRecord> {
    let number = format!("+493023112{end}");
    messages.iter().filter(|one| one.to == number || one.from == number).cloned().collect()
}

async fn run(harness: &mut Harness, for_ms: i64) {
    let end = harness.context.now().plus_ms(for_ms);
    harness.run_until(end, async |_| false).await;
}

#[tokio::test]
async fn a_campaign_of_texts_settles_each_lead_by_what_became_of_its_text() {
    let mut harness = system().await;
    let ends = ["1001", "0002", "0003", "0006", "0007", "0008", "0010", "0029"];
    let mut spec = people::texting(&harness.keys);
    spec.retry.max_attempts = 2;
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people_of(&ends)).await;
    run(&mut harness, 2 * HOUR_MS).await;
    for (end, state, outcome) in [
        ("1001", "completed", MessageOutcome::Delivered),
        ("0002", "exhausted", MessageOutcome::Undelivered),
        ("0003", "completed", MessageOutcome::Sent),
        ("0006", "failed", MessageOutcome::NotTextable),
        ("0007", "failed", MessageOutcome::NotTextable),
        ("0008", "failed", MessageOutcome::Filtered),
        ("0010", "completed", MessageOutcome::Delivered),
        ("0029", "skipped", MessageOutcome::Filtered),
    ] {
        let lead = lead(&harness, &campaign, end).await;
        let last = thread(&harness, &campaign, end).await.pop().expect("an attempt");
        assert_eq!((lead.state.name(), last.outcome), (state, Some(outcome.into())), "{end}");
    }
    let messages = harness.messages.messages();
    assert_eq!(of_number(&messages, "1001").len(), 1, "nobody is texted twice");
    assert_eq!(of_number(&messages, "0010").len(), 1, "though the answer was lost");
    assert_eq!(of_number(&messages, "0002").len(), 2, "tried again");
    let [one] = &thread(&harness, &campaign, "1001").await[..] else { panic!("one text") };
    let text = "Hi there, your order A-1 is ready\nReply STOP to opt out.";
    assert_eq!((one.text.as_deref(), of_number(&messages, "1001")[0].text.as_str()), (Some(text), text));
    assert_eq!(
        one.attempt().to_string(),
        of_number(&messages, "1001")[0].attempt.clone().expect("an attempt")
    );
    let stored = harness.context.store.campaign(&harness.keys.workspace, &campaign).await;
    assert_eq!(stored.expect("a table").expect("a campaign").status.shown().as_str(), "completed");
}

#[tokio::test]
async fn a_call_that_nobody_answers_is_followed_by_a_text_and_a_reply_ends_it() {
    let mut harness = system().await;
    use InteractionStatus as S;
    let mut spec = people::texting(&harness.keys);
    spec.retry.max_attempts = 1;
    spec.cadence = cadence(vec![
        step(Channel::Call, 0, &[]),
        step(Channel::Sms, 5, &[S::NoAnswer, S::Voicemail]),
        step(Channel::Call, 60, &[S::NoReply]),
    ]);
    // They leave the phone ringing, and write back.
    let people = people_of(&["0003"]);
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people).await;
    run(&mut harness, 30 * MINUTE_MS).await;
    let texted = lead(&harness, &campaign, "0003").await;
    assert_eq!((texted.step, texted.state.name()), (2, "retry_scheduled"), "it waits for a reply");
    harness.messages.person_texts("+4930231120003", OURS, "Bin im Urlaub, danke").expect("a log");
    run(&mut harness, 3 * HOUR_MS).await;
    assert_eq!(lead(&harness, &campaign, "0003").await.state.name(), "completed");
    use Direction::{Inbound, Outbound};
    let thread = thread(&harness, &campaign, "0003").await;
    assert_eq!(
        kinds(&thread),
        [
            (Channel::Call, Outbound, "no_answer"),
            (Channel::Sms, Outbound, "replied"),
            (Channel::Sms, Inbound, "received"),
        ]
    );
    assert_eq!(thread[2].text.as_deref(), Some("Bin im Urlaub, danke"));
    assert!(thread[1].started_at.since_ms(thread[0].ended_at.expect("ended")) >= 5 * MINUTE_MS);
}

#[tokio::test]
async fn who_does_not_reply_is_called_and_who_does_is_called_if_a_step_says_so() {
    let mut harness = system().await;
    use InteractionStatus as S;
    let mut spec = people::texting(&harness.keys);
    spec.cadence = cadence(vec![
        step(Channel::Sms, 0, &[]),
        step(Channel::Call, 90, &[S::NoReply]),
        step(Channel::Call, 0, &[S::Replied]),
    ]);
    let people = people_of(&["1001", "0026"]);
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people).await;
    run(&mut harness, 20 * MINUTE_MS).await;
    let replied = thread(&harness, &campaign, "0026").await;
    let told: Vec<_> = kinds(&replied).into_iter().map(|(_, _, outcome)| outcome).collect();
    assert_eq!((told[0], told[1], replied[2].channel), ("replied", "received", Channel::Call));
    assert_eq!(thread(&harness, &campaign, "1001").await.len(), 1, "an hour and a half is left");
    run(&mut harness, 2 * HOUR_MS).await;
    let quiet = thread(&harness, &campaign, "1001").await;
    assert_eq!(quiet[1].channel, Channel::Call);
    assert_eq!(kinds(&quiet)[0].2, "no_reply");
    assert_eq!((quiet[0].status, quiet[0].told_by), (S::NoReply, Some(ToldBy::Deadline)));
    assert!(quiet[1].started_at.since_ms(quiet[0].ended_at.expect("ended")) >= 90 * MINUTE_MS);
}

#[tokio::test]
async fn stop_ends_calls_and_texts_and_is_confirmed_once() {
    let mut harness = system().await;
    use InteractionStatus as S;
    let mut spec = people::texting(&harness.keys);
    spec.cadence =
        cadence(vec![step(Channel::Sms, 0, &[]), step(Channel::Call, 10, &[S::NoReply, S::Replied])]);
    let people = people_of(&["0027", "0028"]);
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people).await;
    run(&mut harness, HOUR_MS).await;
    for end in ["0027", "0028"] {
        assert_eq!(lead(&harness, &campaign, end).await.state.name(), "skipped", "{end}");
        let messages = of_number(&harness.messages.messages(), end);
        let answers: Vec<_> =
            messages.iter().filter(|one| one.is_answer).map(|one| one.text.as_str()).collect();
        let stop =
            "Acme: you are unsubscribed and will get no more calls or messages. Reply START to come back.";
        assert_eq!(answers, [stop], "{end}");
        let told: Vec<_> =
            kinds(&thread(&harness, &campaign, end).await).into_iter().map(|one| one.2).collect();
        assert_eq!(told, ["replied", "received"], "nobody calls {end}");
    }
    // Once more: nothing is answered.
    let number = "+4930231120027";
    harness.messages.person_texts(number, OURS, "stop").expect("a log");
    run(&mut harness, MINUTE_MS).await;
    let answers = |harness: &Harness| harness.messages.messages().iter().filter(|one| one.is_answer).count();
    assert_eq!(answers(&harness), 2);
    harness.messages.person_texts(number, OURS, "HELP").expect("a log");
    harness.messages.person_texts(number, OURS, "Start").expect("a log");
    run(&mut harness, MINUTE_MS).await;
    assert_eq!(answers(&harness), 4);
    let ws = &harness.keys.workspace.clone();
    let records = harness.context.store.number_records(ws, &[number.parse().expect("a number")]).await;
    assert!(!records.expect("a table")[0].lists.contains_key(&ListName::do_not_call()));
    // Whoever is in a hurry is told once.
    for _ in 0..2 {
        harness.messages.person_texts(number, OURS, "STOP").expect("a log");
        run(&mut harness, 10 * SECOND_MS).await;
    }
    assert_eq!(answers(&harness), 5);
    // A stranger's opt-out counts, too.
    harness.messages.person_texts("+4930231129999", OURS, "Please stop texting me").expect("a log");
    run(&mut harness, MINUTE_MS).await;
    let stranger =
        harness.context.store.number_records(ws, &["+4930231129999".parse().expect("a number")]).await;
    assert!(stranger.expect("a table")[0].lists.contains_key(&ListName::do_not_call()));
}

#[tokio::test]
async fn a_form_that_the_carrier_did_not_sign_changes_nothing() {
    let mut harness = system().await;
    let spec = people::texting(&harness.keys);
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people_of(&["0003"])).await;
    run(&mut harness, MINUTE_MS).await;
    let attempt = harness.messages.messages()[0].attempt.clone().expect("an attempt");
    let lead_id = lead(&harness, &campaign, "0003").await.id;
    let ws = harness.keys.workspace.clone();
    let path = format!("/api/v1/webhooks/twilio/{ws}/status?attempt={attempt}&lead={lead_id}");
    let form = "To=%2B4930231120003&MessageStatus=undelivered&ErrorCode=30003&MessageSid=SM1";
    for (path, signature, status) in [
        (path.as_str(), Some("bm8="), 401),
        (path.as_str(), None, 401),
        ("/api/v1/webhooks/twilio/ws_none/status?attempt=a&lead=b", Some("bm8="), 401),
        ("/api/v1/webhooks/carrier/ws_none/messages", Some("bm8="), 404),
    ] {
        let mut request = Request::post(path);
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        let request = request.body(Body::from(form)).expect("a request");
        let Ok(response) = carillon_webhooks::router(harness.context.clone()).oneshot(request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
    assert_eq!(lead(&harness, &campaign, "0003").await.state.name(), "in_progress");
}
