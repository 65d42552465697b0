//! The carrier of texts: sends them, tells what became of them, carries what people reply, and remembers the truth.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Request, header};
use carillon_adapters::sms::Sought;
use carillon_adapters::twilio;
use carillon_domain::base::call::{Inquiry, Placement, ProviderCallId};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::message::{MessageOrder, MessageRefusal};
use carillon_domain::base::outcome::{MessageOutcome, MessageReport};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, SECOND_MS, Timestamp};
use carillon_domain::base::timing::MAX_WAY_MS;

use crate::bug::Bug;
use crate::executor::{Delivery, Job};
use crate::fault_rates::WEBHOOK_LATE_MS;
use crate::ports::SECRET;
use crate::simulation::{Simulation, pause, travel, with};

/// Where the world reaches us, as the carrier knows it.
pub(crate) const PUBLIC_URL: &str = "https://carillon.example";
/// How long a messenger waits for an answer, in milliseconds.
const PATIENCE_MS: i64 = 15 * SECOND_MS;
/// How often, in a hundred texts, each end comes; the rest is delivered.
const MIX: [(u64, MessageOutcome); 4] = [
    (8, MessageOutcome::Undelivered),
    (3, MessageOutcome::Filtered),
    (5, MessageOutcome::Sent),
    (2, MessageOutcome::NotSent),
];
/// One in so many numbers takes no texts.
const DEAF_ONE_IN: u32 = 20;
/// One in so many texts that were delivered is replied to.
const REPLIES_ONE_IN: u64 = 5;
const WORDS: [&str; 6] =
    ["Yes", "STOP", "Stop. Thank you", "Who is this?", "please stop texting me", "Tomorrow"];

#[derive(Debug, Default)]
pub(crate) struct Carrier {
    /// Every text that left us.
    pub(crate) texts: BTreeMap<AttemptId, Text>,
    /// Every order that was refused.
    pub(crate) refused: BTreeMap<AttemptId, MessageOutcome>,
    /// The attempts whose text was replied to, as far as that was taken.
    pub(crate) replied: BTreeSet<AttemptId>,
    /// To whom each text was tried, whether it arrived or not.
    tried: BTreeMap<AttemptId, E164>,
    /// Texts that people sent.
    sent_by_people: usize,
}

/// A text that left us.
#[derive(Debug)]
pub(crate) struct Text {
    from: E164,
    to: E164,
    words: String,
    sent_at: Timestamp,
    listed_at: Timestamp,
    /// When it comes to its end, if it does.
    over_at: Timestamp,
    end: MessageOutcome,
}

impl Text {
    fn report(&self) -> MessageReport {
        MessageReport { outcome: self.end, end_reason: status(self.end).0, cost_micros: None, request: None }
    }
}

/// A form that goes out to our webhooks.
#[derive(Debug)]
pub(crate) struct Form {
    /// The path below the workspace, with its query.
    path: String,
    fields: Vec<(String, String)>,
    /// Whether it is sent until it is taken.
    pub(crate) insists: bool,
    /// Whose opt-out it is.
    stops: Option<E164>,
    /// The text that it replies to.
    answers: Option<AttemptId>,
}

/// The words of the carrier for an end, and its code.
fn status(end: MessageOutcome) -> (String, Option<u32>) {
    let (status, code) = match end {
        MessageOutcome::Delivered => ("delivered", None),
        MessageOutcome::Filtered => ("undelivered", Some(30_007)),
        MessageOutcome::NotTextable => ("undelivered", Some(30_006)),
        MessageOutcome::NotSent => ("failed", Some(30_022)),
        _ => ("undelivered", Some(30_003)),
    };
    (status.to_owned(), code)
}

/// Asks for a text, once.
pub(crate) async fn send(order: &MessageOrder) -> Placement<MessageRefusal> {
    let unknown = |reason: &str| Placement::Unknown { reason: reason.to_owned() };
    let is_lost = with(|run| {
        run.tell(|| format!("texts {} for {}", order.to, order.attempt));
        run.raise(run.checker.borrow().starting(&order.attempt, &order.to, run.now()));
        run.carrier.borrow_mut().tried.insert(order.attempt.clone(), order.to.clone());
        run.strikes(|rates| rates.dial_lost)
    });
    if is_lost {
        pause(PATIENCE_MS).await;
        return unknown("the order was lost");
    }
    pause(with(|run| run.rng.between(20, MAX_WAY_MS))).await;
    let placement = with(|run| run.take_text(order));
    if with(|run| run.strikes(|rates| rates.answer_lost)) {
        pause(PATIENCE_MS).await;
        if with(|run| run.has(Bug::TextSentAgain)) {
            return with(|run| run.take_text(order));
        }
        return unknown("the answer was lost");
    }
    pause(with(|run| run.rng.between(30, 400))).await;
    placement
}

/// Asks what became of a text; nothing if no answer came.
pub(crate) async fn inquire(sought: Sought<'_>) -> Option<Inquiry<MessageReport>> {
    travel().await;
    with(|run| {
        if run.strikes(|rates| rates.inquiry_lost) {
            return None;
        }
        let carrier = run.carrier.borrow();
        let is_it = |text: &&Text| {
            text.to == *sought.to
                && text.from == *sought.from
                && text.listed_at <= run.now()
                && text.sent_at.since_ms(sought.sent_at).abs() <= PATIENCE_MS + MAX_WAY_MS
                && sought.text.is_none_or(|words| words == text.words)
        };
        let call = ProviderCallId("SM".to_owned());
        let apart_ms = |text: &&Text| text.sent_at.since_ms(sought.sent_at).abs();
        let known = match carrier.texts.values().filter(is_it).min_by_key(apart_ms) {
            None => Inquiry::NotFound,
            Some(text) if text.end != MessageOutcome::Sent && text.over_at <= run.now() => {
                Inquiry::Ended { call, report: text.report() }
            }
            Some(_) => Inquiry::InProgress { call },
        };
        run.tell(|| format!("the carrier knows of a text to {}: {known:?}", sought.to));
        Some(known)
    })
}

/// A form was taken, or will not be sent again: what it asked for holds from now on.
pub(crate) fn taken(run: &Simulation, ws: usize, form: &Form) {
    if let Some(number) = &form.stops {
        let asked = run.checker.borrow_mut().asked_to_stop(ws, number);
        run.raise(asked);
    }
    if let Some(attempt) = &form.answers {
        // Nobody can tell to which of the texts so far somebody replies, or whether one had arrived of which nothing is known.
        let carrier = &mut *run.carrier.borrow_mut();
        let to = carrier.tried.get(attempt).cloned();
        let theirs = carrier.tried.iter().filter(|(_, tried)| Some(*tried) == to.as_ref());
        carrier.replied.extend(theirs.map(|(attempt, _)| attempt.clone()));
        carrier.replied.insert(attempt.clone());
    }
}

impl Simulation {
    /// An order has arrived.
    fn take_text(&self, order: &MessageOrder) -> Placement<MessageRefusal> {
        let now = self.now();
        self.raise(self.checker.borrow_mut().arriving(&order.attempt, now));
        if self.strikes(|rates| rates.congested) {
            return Placement::Congested;
        }
        if self.is_broken() || self.strikes(|rates| rates.refused) {
            let rare = [MessageOutcome::TextRejected, MessageOutcome::SenderRefused];
            let outcome =
                if self.rng.below(7) == 0 { *self.rng.pick(&rare) } else { MessageOutcome::NotSent };
            self.carrier.borrow_mut().refused.insert(order.attempt.clone(), outcome);
            let refusal = MessageRefusal { outcome, request: None };
            return Placement::Refused { outcome: refusal, reason: "refused".to_owned() };
        }
        let end = self.end_of_text(&order.to);
        self.raise(self.checker.borrow_mut().texted(&order.attempt, end, now));
        let text = Text {
            from: order.from.clone(),
            to: order.to.clone(),
            words: order.text.clone(),
            sent_at: now,
            listed_at: now.plus_ms(self.rng.between(0, self.rates().listing_lag_ms)),
            over_at: now.plus_ms(self.rng.between(300, 20 * SECOND_MS)),
            end,
        };
        self.tell(|| format!("{} reaches the carrier: {end:?}", order.attempt));
        let ws = self.checker.borrow().dial_of(&order.attempt).map_or(0, |(ws, _)| ws);
        self.announce_text(ws, order, &text);
        self.carrier.borrow_mut().texts.insert(order.attempt.clone(), text);
        Placement::Accepted { calls: vec![ProviderCallId("SM".to_owned())] }
    }

    fn end_of_text(&self, number: &E164) -> MessageOutcome {
        let sum = number.digits().bytes().fold(3_u32, |sum, digit| sum.wrapping_mul(37) ^ u32::from(digit));
        if (sum >> 3) % DEAF_ONE_IN == 0 {
            return MessageOutcome::NotTextable;
        }
        let mut left = self.rng.below(100);
        for (share, end) in MIX {
            match left.checked_sub(share) {
                Some(rest) => left = rest,
                None => return end,
            }
        }
        MessageOutcome::Delivered
    }

    /// Sends out what the carrier tells of a text by itself, and what its person replies.
    fn announce_text(&self, ws: usize, order: &MessageOrder, text: &Text) {
        let path = format!("/status?attempt={}&lead={}", order.attempt, order.lead);
        let told = |status: &str, code: Option<u32>| {
            let mut fields = vec![
                ("MessageSid".to_owned(), format!("SM{}", order.attempt.body())),
                ("MessageStatus".to_owned(), status.to_owned()),
                ("To".to_owned(), order.to.to_string()),
            ];
            fields.extend(code.map(|code| ("ErrorCode".to_owned(), code.to_string())));
            Form { path: path.clone(), fields, insists: false, stops: None, answers: None }
        };
        self.post_form(ws, told("sent", None), self.rng.between(50, 900));
        if text.end != MessageOutcome::Sent {
            let (status, code) = status(text.end);
            self.post_form(ws, told(&status, code), text.over_at.since_ms(self.now()));
        }
        let is_answered = text.end == MessageOutcome::Delivered && self.rng.below(REPLIES_ONE_IN) == 0;
        if is_answered && !self.is_calm() {
            let words = *self.rng.pick(&WORDS);
            let later_ms = self.rng.between(5 * SECOND_MS, HOUR_MS);
            self.reply(ws, order, words, text.over_at.since_ms(self.now()) + later_ms);
        }
    }

    /// A person replies: their form is sent until it is taken.
    fn reply(&self, ws: usize, order: &MessageOrder, words: &str, delay_ms: i64) {
        let mut carrier = self.carrier.borrow_mut();
        let sid = format!("SMin{}", carrier.sent_by_people);
        carrier.sent_by_people += 1;
        drop(carrier);
        let fields = [
            ("Body", words.to_owned()),
            ("From", order.to.to_string()),
            ("MessageSid", sid),
            ("To", order.from.to_string()),
        ];
        let form = Form {
            path: "/messages".to_owned(),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            insists: true,
            stops: words.to_lowercase().contains("stop").then(|| order.to.clone()),
            answers: Some(order.attempt.clone()),
        };
        self.post_form(ws, form, delay_ms);
    }

    fn post_form(&self, ws: usize, form: Form, delay_ms: i64) {
        if !form.insists && self.strikes(|rates| rates.webhook_lost) {
            self.tell(|| format!("lost: {form:?}"));
            return;
        }
        let is_late = self.strikes(|rates| rates.webhook_late);
        let late_ms = if is_late { self.rng.between(0, *self.rng.pick(&WEBHOOK_LATE_MS)) } else { 0 };
        let delivery = Delivery::first(Job::Form { ws, form });
        if self.strikes(|rates| rates.webhook_doubled) {
            self.deliver(delivery.twin(), delay_ms + self.rng.between(0, 400 * SECOND_MS));
        }
        self.deliver(delivery, delay_ms + late_ms);
    }
}

impl Form {
    /// As the carrier signs and sends it.
    pub(crate) fn request(&self, run: &Simulation, ws: usize) -> Request<Body> {
        let id = run.checker.borrow().workspaces[ws].tenant.id.clone();
        let path = format!("/api/v1/webhooks/twilio/{id}{}", self.path);
        let mut fields = self.fields.clone();
        if run.has(Bug::StopNotUnderstood) && self.stops.is_some() {
            fields
                .iter_mut()
                .filter(|(name, _)| name == "Body")
                .for_each(|(_, value)| "Hello".clone_into(value));
        }
        let signature = twilio::signature(SECRET, &format!("{PUBLIC_URL}{path}"), &fields, false);
        let body = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
        Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(twilio::HEADER, signature)
            .body(Body::from(body.collect::<Vec<_>>().join("&")))
            .expect("a request")
    }
}

/// A value of a form; all that is sent here besides letters and digits.
fn escaped(value: &str) -> String {
    value.replace('+', "%2B").replace(' ', "+").replace('?', "%3F")
}

/// Whether a record of a text is what the carrier knows, or what may be held of one that it never had. A reply counts
/// for it if nothing was tried since.
pub(crate) fn is_true(carrier: &Carrier, attempt: &AttemptId, recorded: Option<MessageOutcome>) -> bool {
    use MessageOutcome as M;
    let is_replied = recorded == Some(M::Replied) && carrier.replied.contains(attempt);
    // A step that waited for a reply has begun without one.
    let in_vain = |end| recorded == Some(M::NoReply) && end == M::Delivered;
    match (carrier.texts.get(attempt), carrier.refused.get(attempt)) {
        // Nobody asks for ever where nobody answers.
        _ if is_replied => true,
        (Some(text), _) => in_vain(text.end) || [Some(text.end), Some(M::Unconfirmed)].contains(&recorded),
        (None, Some(refused)) => [Some(*refused), Some(M::NotSent), Some(M::Unconfirmed)].contains(&recorded),
        (None, None) => matches!(recorded, None | Some(M::NotSent | M::Unconfirmed)),
    }
}
