use super::exchange::Exchange;
use super::log::{Entry, MessageLog};
use super::message::Order;
use super::person::Fate;
use super::*;
use crate::webhook_faults::WebhookFaults;

const NOW: Timestamp = Timestamp::from_millis(1_795_252_200_000);
const LATER_MS: i64 = 600_000;

fn order(to: &str) -> Order {
    Order {
        to: to.to_owned(),
        from: "+12025550100".to_owned(),
        text: "Hi".to_owned(),
        status_url: Some("https://us.example/status?attempt=att_1&lead=lead_1#rc=5&rp=all".to_owned()),
    }
}

fn placed(exchange: &mut Exchange, to: &str) -> u16 {
    let (answer, entry) = exchange.decide(NOW, &order(to));
    exchange.apply(&entry);
    answer.status
}

/// The webhooks that are due, once people have replied.
fn due(exchange: &mut Exchange, now: Timestamp) -> Vec<SignedForm> {
    while let Some(reply) = exchange.due_reply(now) {
        exchange.apply(&reply);
    }
    exchange.take_due(now)
}

/// What is told of a text, in the order of telling.
fn told(exchange: &mut Exchange) -> Vec<String> {
    let forms = due(exchange, NOW.plus_ms(LATER_MS));
    let status = |form: &SignedForm| {
        let fields: std::collections::HashMap<_, _> = form_urlencoded::parse(form.body.as_bytes()).collect();
        let of = |name: &str| fields.get(name).map(|value| value.to_string()).unwrap_or_default();
        format!("{}{}{}", of("MessageStatus"), of("ErrorCode"), of("Body"))
    };
    forms.iter().map(status).collect()
}

#[test]
fn numbers_of_the_table_do_what_it_says() {
    for (to, status, expected) in [
        ("+14155550002", 201, vec!["sent", "undelivered30003"]),
        ("+14155550003", 201, vec!["sent"]),
        ("+14155550006", 201, vec!["sent", "undelivered30006"]),
        ("+14155550007", 400, vec![]),
        ("+14155550009", 429, vec![]),
        ("+14155550010", 503, vec!["sent", "delivered"]),
        ("+14155550026", 201, vec!["sent", "delivered", "Yes, please call me"]),
        ("+14155550027", 201, vec!["sent", "delivered", "STOP"]),
        ("+14155550029", 400, vec![]),
    ] {
        let mut exchange = Exchange::new(MessageSettings::default());
        assert_eq!(
            (placed(&mut exchange, to), told(&mut exchange)),
            (status, expected.into_iter().map(str::to_owned).collect()),
            "{to}"
        );
    }
    let mut exchange = Exchange::new(MessageSettings::default());
    assert_eq!((placed(&mut exchange, "+14155550009"), placed(&mut exchange, "+14155550009")), (429, 201));
}

#[test]
fn faults_lose_double_and_disorder_what_is_told() {
    let count = |faults: WebhookFaults| {
        let settings =
            MessageSettings { faults, magic_numbers: false, replies: false, ..MessageSettings::default() };
        let mut exchange = Exchange::new(settings);
        (0..200).for_each(|n| {
            placed(&mut exchange, &format!("+1415555{n:04}"));
        });
        told(&mut exchange).len()
    };
    let usual = count(WebhookFaults::default());
    assert!((380..=400).contains(&usual), "{usual}");
    assert!(count(WebhookFaults { lose_permille: 500, ..WebhookFaults::default() }) < 250);
    assert!(count(WebhookFaults { double_permille: 500, ..WebhookFaults::default() }) > 500);
}

#[test]
fn what_was_told_is_told_once_over_a_restart_and_what_was_not_taken_comes_again() {
    let mut first = Exchange::new(MessageSettings::default());
    let (_, entry) = first.decide(NOW, &order("+14155550027"));
    first.apply(&entry);
    let forms = first.take_due(NOW.plus_ms(10_000));
    let [sent, delivered] = &forms[..] else { panic!("{forms:?}") };
    let lines = [
        first.tried(NOW, sent, Some((200, ""))),
        first.tried(NOW.plus_ms(10_000), delivered, Some((503, ""))),
    ];
    let mut again = Exchange::new(MessageSettings::default());
    [&entry, &lines[0], &lines[1]].into_iter().for_each(|entry| again.apply(entry));
    assert_eq!(told(&mut again), ["delivered", "STOP"]);
    assert_eq!(again.records().iter().map(|one| one.fate).collect::<Vec<_>>(), [Some(Fate::Delivered), None]);
    assert_eq!(again.records()[0].attempt.as_deref(), Some("att_1"));
}

#[test]
fn a_reply_comes_once_over_a_restart_and_later_webhooks_keep_their_places() {
    let (mut first, mut entries) = (Exchange::new(MessageSettings::default()), Vec::new());
    let mut note = |first: &mut Exchange, entry: Entry| {
        first.apply(&entry);
        entries.push(entry);
    };
    let (_, text) = first.decide(NOW, &order("+14155550027"));
    note(&mut first, text);
    let later = NOW.plus_ms(LATER_MS);
    let reply = first.due_reply(later).expect("they say STOP");
    note(&mut first, reply);
    let (_, second) = first.decide(later, &order("+14155550001"));
    note(&mut first, second);
    for form in first.take_due(later.plus_ms(LATER_MS)) {
        let tried = first.tried(later, &form, Some((200, "")));
        note(&mut first, tried);
    }
    let mut again = Exchange::new(MessageSettings::default());
    entries.iter().for_each(|entry| again.apply(entry));
    assert_eq!((told(&mut again), again.records()), (vec![], first.records()));
}

#[tokio::test]
async fn requests_without_the_accounts_token_are_refused() {
    let clock = Clock::manual(NOW);
    let log = MessageLog::in_memory();
    let network = MessageNetwork::start(MessageSettings::default(), clock, log, 0).await.expect("a port");
    let url = format!(
        "{}/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json",
        network.base_url()
    );
    let client = reqwest::Client::new();
    let form = [("To", "+14155550001"), ("From", "+12025550100"), ("Body", "Hi")];
    let send = |token: &str| {
        client.post(&url).basic_auth("AC00000000000000000000000000000000", Some(token)).form(&form)
    };
    assert_eq!(send("wrong").send().await.expect("an answer").status(), 401);
    assert_eq!(send("token_local").send().await.expect("an answer").status(), 201);
    let textless = client.post(&url).basic_auth("AC00000000000000000000000000000000", Some("token_local"));
    let textless = textless.form(&form[..2]).send().await.expect("an answer");
    let refusal: serde_json::Value =
        serde_json::from_slice(&textless.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(refusal["code"], 21_602);
    assert!(matches!(network.messages()[..], [MessageRecord { is_inbound: false, .. }]));
}
