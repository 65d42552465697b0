//! Texts through AWS End User Messaging SMS: what became of them, and what people reply, comes by a queue.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use carillon_adapters::provider::InquiryError;
use carillon_adapters::sms::{OptedOutPage, Sms, SmsInProcess, Sought};
use carillon_domain::base::call::{Inquiry, Placement, ProviderCallId};
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::message::{MessageOrder, MessageProvider, MessageRefusal, ReplyOrder};
use carillon_domain::base::outcome::{AttemptOutcome, MessageOutcome, MessageReport};
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS};
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::sms_sender::{KeywordsAnsweredBy, SmsSender};
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_store::SenderGrant;
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use chrono_tz::Tz;
use serde_json::{Value, json};

/// Our number.
const OURS: &str = "+493023125099";
const THEIRS: &str = "+4930231121001";
/// Whom no campaign has.
const STRANGER: &str = "+4930231121999";
const STOPPED: &str =
    "Acme: you are unsubscribed and will get no more calls or messages. Reply START to come back.";

/// AWS in this process: notes what is asked of it, and answers as it is told, or that it has the text.
#[derive(Debug, Default)]
struct Aws {
    sent: Mutex<Vec<MessageOrder>>,
    replies: Mutex<Vec<ReplyOrder>>,
    answers: Mutex<VecDeque<Placement<MessageRefusal>>>,
    /// Those who have opted out, by list.
    opted_out: Mutex<BTreeMap<String, Vec<String>>>,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl SmsInProcess for Aws {
    fn send<'a>(&'a self, order: &'a MessageOrder) -> Answer<'a, Placement<MessageRefusal>> {
        self.sent.lock().expect("a list").push(order.clone());
        Box::pin(async { self.next() })
    }

    fn inquire<'a>(&'a self, _: Sought<'a>) -> Answer<'a, Result<Inquiry<MessageReport>, InquiryError>> {
        Box::pin(async { panic!("AWS answers no questions") })
    }

    /// Two on a page, behind as many as the token says.
    fn opted_out<'a>(
        &'a self,
        list: &'a str,
        after: Option<&'a str>,
    ) -> Answer<'a, Result<OptedOutPage, InquiryError>> {
        let all = self.opted_out.lock().expect("a list").get(list).cloned();
        let at: usize = after.map_or(0, |after| after.parse().expect("a token of ours"));
        Box::pin(async move {
            let all = all.ok_or(InquiryError::Refused { status: 400, reason: "no such list".to_owned() })?;
            let page = &all[at..all.len().min(at + 2)];
            let numbers = page.iter().filter_map(|number| number.parse().ok()).collect::<Vec<_>>();
            let unreadable = (page.len() - numbers.len()) as u64;
            let next = (at + 2 < all.len()).then(|| (at + 2).to_string());
            Ok(OptedOutPage { numbers, unreadable, next })
        })
    }

    fn reply<'a>(&'a self, order: &'a ReplyOrder) -> Answer<'a, Placement<MessageRefusal>> {
        self.replies.lock().expect("a list").push(order.clone());
        Box::pin(async { self.next() })
    }
}

impl Aws {
    fn next(&self) -> Placement<MessageRefusal> {
        let accepted = Placement::Accepted { calls: vec![ProviderCallId("862a8790".to_owned())] };
        self.answers.lock().expect("a list").pop_front().unwrap_or(accepted)
    }

    fn answers(&self, answer: Placement<MessageRefusal>) {
        self.answers.lock().expect("a list").push_back(answer);
    }

    fn sent(&self) -> Vec<MessageOrder> {
        self.sent.lock().expect("a list").clone()
    }

    fn replies(&self) -> Vec<String> {
        self.replies.lock().expect("a list").iter().map(|one| one.text.clone()).collect()
    }
}

/// A system whose number sends through AWS, and a campaign with one person that has begun.
async fn texted(answers: Vec<Placement<MessageRefusal>>) -> (Harness, Arc<Aws>, CampaignId) {
    let mut harness = Harness::start(Options::at(MONDAY_AT_NINE)).await;
    let aws = Arc::new(Aws::default());
    answers.into_iter().for_each(|answer| aws.answers(answer));
    harness.context.sms = Sms::InProcess(Arc::clone(&aws) as Arc<dyn SmsInProcess>);
    send_through_aws(&harness, KeywordsAnsweredBy::Carillon).await;
    let mut spec = people::texting(&harness.keys);
    spec.retry.max_attempts = 2;
    let people = [(THEIRS.to_owned(), Tz::Europe__Berlin)];
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people).await;
    run(&mut harness, MINUTE_MS).await;
    (harness, aws, campaign)
}

async fn send_through_aws(harness: &Harness, keywords: KeywordsAnsweredBy) {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let number = store.caller_number(ws, &harness.keys.caller_number).await.expect("a table");
    let number = number.expect("a number");
    let sender =
        SmsSender { provider: MessageProvider::Aws, keywords, ..number.sms.clone().expect("it sends") };
    let number = CallerNumber { version: number.version + 1, sms: Some(sender), ..number };
    assert!(store.update_caller_number(ws, &number).await.expect("a table"));
    let grant = SenderGrant {
        number: OURS.parse().expect("a number"),
        workspace: ws.clone(),
        identity: None,
        opt_out_list: "Default".to_owned(),
    };
    assert!(store.grant_sender(MessageProvider::Aws, &grant).await.expect("a table"));
}

async fn run(harness: &mut Harness, for_ms: i64) {
    let end = harness.context.now().plus_ms(for_ms);
    harness.run_until(end, async |_| false).await;
}

/// An event of a text, as AWS tells it.
fn event(ws: &WorkspaceId, order: &MessageOrder, event_type: &str) -> Value {
    json!({
        "eventType": event_type,
        "eventVersion": "1.0",
        "eventTimestamp": 1_795_420_860_000_i64,
        "isFinal": true,
        "originationPhoneNumber": OURS,
        "destinationPhoneNumber": order.to,
        "messageId": "862a8790",
        "messageStatusDescription": "Message has been accepted by phone",
        "context": {"workspace": ws, "attempt": order.attempt, "lead": order.lead},
        "totalMessageParts": 1,
        "totalMessagePrice": 0.0581,
        "totalCarrierFee": 0.003
    })
}

fn inbound(id: &str, text: &str) -> Value {
    json!({
        "originationNumber": THEIRS,
        "destinationNumber": OURS,
        "messageKeyword": "KEYWORD_493023125099",
        "messageBody": text,
        "inboundMessageId": id,
        "previousPublishedMessageId": "862a8790"
    })
}

async fn lead(harness: &Harness, campaign: &CampaignId) -> Lead {
    let id = LeadId::derive(campaign, &THEIRS.parse().expect("a number"));
    harness.context.store.lead(&harness.keys.workspace, &id).await.expect("a table").expect("a lead")
}

async fn ended(harness: &Harness, campaign: &CampaignId) -> Vec<Interaction> {
    let (store, ws) = (&harness.context.store, &harness.keys.workspace);
    let page = store.ended_interactions(ws, campaign, None, 100).await.expect("a table");
    let mut ended = page.interactions;
    ended.sort_by_key(|one| one.started_at);
    ended
}

async fn outcomes(harness: &Harness, campaign: &CampaignId) -> Vec<&'static str> {
    let ended = ended(harness, campaign).await;
    ended.iter().map(|one| one.outcome.map_or("open", AttemptOutcome::name)).collect()
}

async fn is_listed(harness: &Harness) -> bool {
    lists(harness, THEIRS).await
}

async fn lists(harness: &Harness, number: &str) -> bool {
    let numbers = [number.parse().expect("a number")];
    let records = harness.context.store.number_records(&harness.keys.workspace, &numbers).await;
    let mut records = records.expect("a table").into_iter();
    records.any(|record| record.lists.contains_key(&ListName::do_not_call()))
}

#[tokio::test]
async fn a_text_is_sent_without_a_key_and_settled_by_what_aws_tells() {
    let (mut harness, aws, campaign) = texted(Vec::new()).await;
    let [order] = &aws.sent()[..] else { panic!("one text: {:?}", aws.sent()) };
    assert_eq!((order.from.as_str(), order.to.as_str()), (OURS, THEIRS));
    let ws = harness.keys.workspace.clone();
    for event_type in ["TEXT_QUEUED", "TEXT_SUCCESSFUL"] {
        harness.aws_tells(&event(&ws, order, event_type));
    }
    run(&mut harness, MINUTE_MS).await;
    assert_eq!(
        lead(&harness, &campaign).await.state.name(),
        "in_progress",
        "the carrier has it, the person may not"
    );
    for _ in 0..2 {
        harness.aws_tells(&event(&ws, order, "TEXT_DELIVERED"));
        run(&mut harness, MINUTE_MS).await;
    }
    assert_eq!(lead(&harness, &campaign).await.state.name(), "completed");
    let [one] = &ended(&harness, &campaign).await[..] else { panic!("one text") };
    assert_eq!((one.outcome, one.cost_micros), (Some(MessageOutcome::Delivered.into()), Some(61_100)));
    // Events come in any order: what was there before changes nothing.
    harness.aws_tells(&event(&ws, order, "TEXT_SUCCESSFUL"));
    run(&mut harness, HOUR_MS).await;
    assert_eq!((outcomes(&harness, &campaign).await, aws.sent().len()), (vec!["delivered"], 1));
    assert_eq!(harness.untaken_of_aws(), 0);
}

#[tokio::test]
async fn a_text_that_aws_has_and_of_which_nothing_more_is_told_was_sent() {
    let (mut harness, aws, campaign) = texted(Vec::new()).await;
    harness.aws_tells(&event(&harness.keys.workspace, &aws.sent()[0], "TEXT_SUCCESSFUL"));
    run(&mut harness, HOUR_MS).await;
    assert_eq!(lead(&harness, &campaign).await.state.name(), "completed");
    assert_eq!(ended(&harness, &campaign).await[0].cost_micros, Some(61_100), "it is paid for all the same");
    assert_eq!(
        (outcomes(&harness, &campaign).await, aws.sent().len()),
        (vec!["sent"], 1),
        "nobody is texted twice"
    );
    // The word of the third day that nobody knows takes nothing back; one that it was blocked does.
    let (ws, order) = (harness.keys.workspace.clone(), aws.sent().remove(0));
    harness.aws_tells(&event(&ws, &order, "TEXT_UNKNOWN"));
    run(&mut harness, MINUTE_MS).await;
    assert_eq!(outcomes(&harness, &campaign).await, ["sent"]);
    harness.aws_tells(&event(&ws, &order, "TEXT_CARRIER_BLOCKED"));
    run(&mut harness, MINUTE_MS).await;
    assert_eq!(outcomes(&harness, &campaign).await, ["filtered"]);
}

#[tokio::test]
async fn whether_a_text_left_is_open_until_aws_tells_of_it() {
    let lost = || vec![Placement::Unknown { reason: "no answer within 15 s".to_owned() }];
    // Nothing is told: after twenty minutes it counts as one that nobody can confirm, and is tried again.
    let (mut harness, aws, campaign) = texted(lost()).await;
    run(&mut harness, 30 * MINUTE_MS).await;
    assert_eq!(outcomes(&harness, &campaign).await, ["unconfirmed"]);
    run(&mut harness, 4 * HOUR_MS).await;
    assert_eq!((outcomes(&harness, &campaign).await, aws.sent().len()), (vec!["unconfirmed", "sent"], 2));
    // It was queued after all.
    let (mut harness, aws, campaign) = texted(lost()).await;
    harness.aws_tells(&event(&harness.keys.workspace, &aws.sent()[0], "TEXT_QUEUED"));
    run(&mut harness, 4 * HOUR_MS).await;
    assert_eq!((outcomes(&harness, &campaign).await, aws.sent().len()), (vec!["sent"], 1));
}

#[tokio::test]
async fn who_replies_stop_is_listed_and_answered_once_however_often_it_comes() {
    let (mut harness, aws, campaign) = texted(Vec::new()).await;
    let order = aws.sent().remove(0);
    harness.aws_tells(&event(&harness.keys.workspace, &order, "TEXT_DELIVERED"));
    for _ in 0..3 {
        harness.aws_tells(&inbound("in-1", "STOP"));
        run(&mut harness, MINUTE_MS).await;
    }
    assert!(is_listed(&harness).await);
    assert_eq!(aws.replies(), [STOPPED]);
    // They were reached before they said so.
    assert_eq!(lead(&harness, &campaign).await.state.name(), "completed");
    assert_eq!(outcomes(&harness, &campaign).await, ["replied", "received"]);
    let reply = aws.replies.lock().expect("a list")[0].clone();
    assert_eq!((reply.from.as_str(), reply.to.as_str()), (OURS, THEIRS));
    // Another STOP is no news; START takes it back.
    harness.aws_tells(&inbound("in-2", "stop"));
    run(&mut harness, MINUTE_MS).await;
    assert_eq!(aws.replies().len(), 1);
    for _ in 0..2 {
        harness.aws_tells(&inbound("in-3", "START"));
        run(&mut harness, MINUTE_MS).await;
    }
    assert!(!is_listed(&harness).await);
    assert_eq!(aws.replies().len(), 2);
    assert_eq!(harness.untaken_of_aws(), 0);
}

#[tokio::test]
async fn an_opt_in_that_comes_again_does_not_undo_an_opt_out_that_came_between() {
    let (mut harness, aws, _) = texted(Vec::new()).await;
    // Nobody whom we wrote to: nothing of what they say is recorded.
    let stranger = |id: &str, text: &str| {
        let mut told = inbound(id, text);
        told["originationNumber"] = STRANGER.into();
        told
    };
    for (id, text, is_listed) in [
        ("in-1", "STOP", true),
        ("in-2", "START", false),
        ("in-3", "STOP", true),
        ("in-2", "START", true),
        ("in-4", "START", false),
    ] {
        harness.aws_tells(&stranger(id, text));
        run(&mut harness, MINUTE_MS).await;
        assert_eq!(lists(&harness, STRANGER).await, is_listed, "{id} {text}");
    }
    assert_eq!(aws.replies().len(), 4, "each is answered once");
}

#[tokio::test]
async fn a_number_that_is_taken_back_sends_nothing_more() {
    let (mut harness, aws, _) = texted(Vec::new()).await;
    assert_eq!(aws.sent().len(), 1);
    let ours = OURS.parse().expect("a number");
    harness.context.store.revoke_sender(MessageProvider::Aws, &ours).await.expect("a table");
    let spec = people::texting(&harness.keys);
    let people = [("+4930231121778".to_owned(), Tz::Europe__Berlin)];
    let campaign = people::start_campaign(&harness.context, &harness.keys, spec, &people).await;
    run(&mut harness, HOUR_MS).await;
    assert_eq!(aws.sent().len(), 1, "nobody else's number is used");
    let stored = harness.context.store.campaign(&harness.keys.workspace, &campaign).await.expect("a table");
    assert_eq!(stored.expect("a campaign").status.shown().as_str(), "paused", "somebody has to see to it");
}

#[tokio::test]
async fn where_aws_answers_keywords_we_do_not() {
    let (mut harness, aws, _) = texted(Vec::new()).await;
    send_through_aws(&harness, KeywordsAnsweredBy::Provider).await;
    harness.aws_tells(&inbound("in-1", "STOP"));
    run(&mut harness, MINUTE_MS).await;
    assert!(is_listed(&harness).await, "it counts all the same");
    assert_eq!(aws.replies(), Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_waits_for_room_and_one_that_may_be_on_its_way_is_not_sent_again() {
    let (mut harness, aws, _) = texted(Vec::new()).await;
    aws.answers(Placement::Congested);
    aws.answers(Placement::Unknown { reason: "no answer within 15 s".to_owned() });
    for _ in 0..2 {
        harness.aws_tells(&inbound("in-1", "STOP"));
        run(&mut harness, MINUTE_MS).await;
    }
    assert_eq!(aws.replies(), [STOPPED, STOPPED], "once there was no room, and then nobody knows");
}

#[tokio::test]
async fn what_is_none_of_ours_is_let_go_and_what_nobody_can_read_is_kept() {
    let (mut harness, aws, campaign) = texted(Vec::new()).await;
    let order = aws.sent().remove(0);
    let (ours, other) = (harness.keys.workspace.clone(), WorkspaceId::new(MONDAY_AT_NINE, [8; 10]));
    // What else is due now is done.
    harness.run_to(harness.context.now().plus_ms(1)).await;
    let before = written(&harness);
    let mut stranger = event(&ours, &order, "TEXT_UNREACHABLE");
    stranger["context"] = json!({"account": "bar"});
    harness.aws_tells(&stranger);
    harness.aws_tells(&event(&other, &order, "TEXT_UNREACHABLE"));
    let mut elsewhere = inbound("in-1", "STOP");
    elsewhere["destinationNumber"] = "+493023125098".into();
    harness.aws_tells(&elsewhere);
    harness.run_to(harness.context.now().plus_ms(1)).await;
    assert_eq!(written(&harness), before, "nothing is written");
    harness.aws_tells(&event(&ours, &order, "TEXT_EVAPORATED"));
    harness.aws_tells(&json!({"Type": "Notification"}));
    run(&mut harness, HOUR_MS).await;
    // The opt-out that came to a number which nobody has among them.
    assert_eq!(harness.untaken_of_aws(), 3);
    assert_eq!(outcomes(&harness, &campaign).await, ["sent"]);
}

/// What was written to the table so far.
fn written(harness: &Harness) -> f64 {
    harness.table.meter().snapshot().total().write_units
}

#[tokio::test]
async fn every_night_who_has_opted_out_with_aws_is_put_on_our_list() {
    let (mut harness, aws, campaign) = texted(Vec::new()).await;
    let api = Api::of(&harness);
    let known = "+4930231121777";
    for number in [known, "+4930231121888"] {
        api.post("/do-not-call/do_not_call/numbers", json!({"number": number})).await.ok(201);
    }
    let theirs = ["+4930231121555", known, "40404", THEIRS, "+4930231121666"];
    let theirs = theirs.map(str::to_owned).to_vec();
    aws.opted_out.lock().expect("a list").insert("Default".to_owned(), theirs);
    for _ in 0..2 {
        harness.aws_tells(&json!({"task": "compare_opt_outs"}));
        run(&mut harness, MINUTE_MS).await;
    }
    let jobs = api.get("/jobs?kind=compare_opt_outs").await.ok(200);
    let [job] = &jobs["items"].as_array().expect("jobs")[..] else { panic!("one job a day: {jobs}") };
    assert_eq!((&job["status"], &job["list"]), (&json!("completed"), &json!("do_not_call")), "{job}");
    assert_eq!(job["counts"], json!({"done": 4, "refused": 1, "total": 5}));
    assert_eq!(job["opt_outs"], json!({"theirs": 4, "ours": 5, "added": 3}));
    assert_eq!(job["requested_by"], json!({"id": "carillon", "name": "Carillon, every night"}));
    assert!(is_listed(&harness).await);
    let listed = api.get(&format!("/do-not-call/do_not_call/numbers/{THEIRS}")).await.ok(200);
    assert!(listed.to_string().contains("provider_opt_out"), "{listed}");
    let listed = api.get(&format!("/do-not-call/do_not_call/numbers/{known}")).await.ok(200);
    assert!(!listed.to_string().contains("provider_opt_out"), "{listed}");
    let log = api.get("/audit?actor=carillon").await.ok(200);
    assert!(!log["items"].as_array().expect("entries").is_empty(), "{log}");
    // A list that is not there any more: the job says so, and ends.
    aws.opted_out.lock().expect("a list").clear();
    run(&mut harness, 24 * HOUR_MS).await;
    harness.aws_tells(&json!({"task": "compare_opt_outs"}));
    run(&mut harness, HOUR_MS).await;
    let jobs = api.get("/jobs?kind=compare_opt_outs&status=failed").await.ok(200);
    assert_eq!(jobs["items"][0]["error"], "the provider refused to tell: no such list", "{jobs}");
    assert_eq!(harness.untaken_of_aws(), 0);
    assert_eq!(outcomes(&harness, &campaign).await.len(), 1, "nobody is texted after that");
}
