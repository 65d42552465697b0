//! The exchange: takes orders, keeps messages, says which webhooks are due. Time is an argument, and it does no input or
//! output: what it decides is an entry that the log keeps before the exchange applies it.

use std::collections::{BTreeMap, HashMap};

use carillon_domain::base::time::Timestamp;
use serde_json::{Value, json};

use super::answer::Answer;
use super::log::Entry;
use super::message::{Message, MessageRecord, Order, Post, RECEIPT_AFTER_MS, SENT_AFTER_MS};
use super::person::{self, Fate, Reception};
use super::settings::MessageSettings;
use super::webhook::{SignedForm, said_in};
use crate::draw::Draw;

/// How long after the first a doubled webhook comes at most, in milliseconds.
const DOUBLE_LAG_MAX_MS: i64 = 5_000;
/// How long one that is overtaken waits, in milliseconds.
const OVERTAKEN_MS: i64 = 4_000;
/// How long after a try that failed a webhook is sent again, in milliseconds.
const AGAIN_AFTER_MS: i64 = 5_000;
/// How often a webhook is sent, the first time included.
const MAX_TRIES: u32 = 6;
const SID_ALPHABET: &[u8] = b"0123456789abcdef";
const SID_DIGITS: usize = 32;

/// A webhook that waits.
#[derive(Debug, Clone)]
struct Waiting {
    sid: String,
    status: Option<String>,
    tries: u32,
}

/// The state of the simulated carrier.
pub struct Exchange {
    settings: MessageSettings,
    messages: HashMap<String, Message>,
    records: Vec<MessageRecord>,
    /// How often each number was texted, refused orders included.
    texted: HashMap<String, u32>,
    waiting: BTreeMap<(Timestamp, u64), Waiting>,
    on_their_way: HashMap<u64, Waiting>,
    replies: BTreeMap<(Timestamp, String), (String, String, String)>,
    forms: u64,
}

impl Exchange {
    pub(super) fn new(settings: MessageSettings) -> Self {
        Self {
            settings,
            messages: HashMap::new(),
            records: Vec::new(),
            texted: HashMap::new(),
            waiting: BTreeMap::new(),
            on_their_way: HashMap::new(),
            replies: BTreeMap::new(),
            forms: 0,
        }
    }

    pub(super) fn tell_inbound_to(&mut self, url: String) {
        self.settings.inbound_url = url;
    }

    pub(super) fn records(&self) -> Vec<MessageRecord> {
        self.records.clone()
    }

    /// Judges an order, and says what is to be noted before the answer goes out.
    pub(super) fn decide(&self, now: Timestamp, order: &Order) -> (Answer, Entry) {
        let nth = self.texted.get(&order.to).copied().unwrap_or_default();
        let MessageSettings { seed, magic_numbers, .. } = self.settings;
        let (fate, is_answered) = match person::reception(seed, &order.to, nth, magic_numbers) {
            Reception::Taken(fate) => (fate, true),
            Reception::Unanswered(fate) => (fate, false),
            Reception::Refused(status, code) => {
                let refused = Entry::Refused { at: now, to: order.to.clone() };
                return (Answer::refusal(status, code), refused);
            }
        };
        let message = self.message(now, order, fate, nth);
        let answer = if is_answered { message.taken(&self.settings.account.sid) } else { Answer::broken() };
        (answer, Entry::Message(Box::new(message)))
    }

    fn message(&self, now: Timestamp, order: &Order, fate: Fate, nth: u32) -> Message {
        let MessageSettings { seed, magic_numbers, haste, .. } = self.settings;
        let key = [order.from.as_str(), &order.to, &nth.to_string(), &now.as_millis().to_string()];
        let mut draw = Draw::keyed(seed, &key);
        let sid = format!("SM{}", draw.text(SID_ALPHABET, SID_DIGITS));
        let hasty = |ms: i64| ms / i64::from(haste.get());
        let sent_at = now.plus_ms(hasty(draw.between(SENT_AFTER_MS)).max(1));
        let over_at = sent_at.plus_ms(hasty(draw.between(RECEIPT_AFTER_MS)).max(1));
        let end = match fate {
            Fate::Delivered => Some("delivered".to_owned()),
            Fate::Undelivered(code) => Some(format!("undelivered {code}")),
            Fate::Silent => None,
        };
        let told = [(sent_at, Some("sent".to_owned())), (over_at, end)];
        let told = told.into_iter().filter(|(_, status)| status.is_some() && order.status_url.is_some());
        let posts = told.flat_map(|(at, status)| self.copies(&mut draw, at, status)).collect();
        let reply = person::reply(seed, &order.to, nth, magic_numbers)
            .filter(|_| fate == Fate::Delivered && self.settings.replies)
            .map(|(words, after_ms)| (words.to_owned(), over_at.plus_ms(hasty(after_ms).max(1))));
        Message {
            sid,
            at: now,
            from: order.from.clone(),
            to: order.to.clone(),
            text: order.text.clone(),
            status_url: order.status_url.clone(),
            fate: Some(fate),
            is_inbound: false,
            answers: None,
            posts,
            reply,
        }
    }

    /// The copies of a webhook that are sent.
    fn copies(&self, draw: &mut Draw, at: Timestamp, status: Option<String>) -> Vec<Post> {
        let faults = self.settings.faults;
        let is_lost = draw.happens(faults.lose_permille);
        let is_doubled = draw.happens(faults.double_permille);
        let lag_ms = draw.between(0..=DOUBLE_LAG_MAX_MS);
        let delay_ms =
            if draw.happens(faults.delay_permille) { draw.between(0..=faults.delay_max_ms) } else { 0 };
        let overtaken_ms = if draw.happens(faults.disorder_permille) { OVERTAKEN_MS } else { 0 };
        let first = at.plus_ms(delay_ms + overtaken_ms);
        let copies = if is_lost {
            vec![]
        } else if is_doubled {
            vec![0, lag_ms]
        } else {
            vec![0]
        };
        copies.into_iter().map(|lag_ms| Post { at: first.plus_ms(lag_ms), status: status.clone() }).collect()
    }

    /// A text of a person to one of our numbers.
    pub(super) fn text_from(&self, now: Timestamp, from: &str, to: &str, text: &str) -> Entry {
        self.inbound(now, (from, to), text, None)
    }

    fn inbound(
        &self,
        now: Timestamp,
        (from, to): (&str, &str),
        text: &str,
        answers: Option<String>,
    ) -> Entry {
        let key = ["in", from, to, &now.as_millis().to_string(), &self.records.len().to_string()];
        let mut draw = Draw::keyed(self.settings.seed, &key);
        let sid = format!("SM{}", draw.text(SID_ALPHABET, SID_DIGITS));
        // A person's own text is not lost: nobody could ask for it.
        let at = now.plus_ms(1);
        let mut posts = vec![Post { at, status: None }];
        if draw.happens(self.settings.faults.double_permille) {
            posts.push(Post { at: at.plus_ms(draw.between(0..=DOUBLE_LAG_MAX_MS)), status: None });
        }
        Entry::Message(Box::new(Message {
            sid,
            at: now,
            from: from.to_owned(),
            to: to.to_owned(),
            text: text.to_owned(),
            status_url: None,
            fate: None,
            is_inbound: true,
            answers,
            posts,
            reply: None,
        }))
    }

    /// Whether a webhook was taken out and not tried yet.
    pub(super) fn is_telling(&self) -> bool {
        !self.on_their_way.is_empty()
    }

    /// When a webhook is due next, or a person replies.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let first = self.waiting.keys().next().map(|(at, _)| *at);
        first.into_iter().chain(self.replies.keys().next().map(|(at, _)| *at)).min()
    }

    /// The first reply that is due by now: a message that is to be noted.
    pub(super) fn due_reply(&self, now: Timestamp) -> Option<Entry> {
        let ((at, sid), (from, to, text)) =
            self.replies.first_key_value().filter(|((at, _), _)| *at <= now)?;
        Some(self.inbound(*at, (from, to), text, Some(sid.clone())))
    }

    /// The webhooks that are due by now, signed.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<SignedForm> {
        let mut due = Vec::new();
        while let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= now) {
            let ((_, form), waiting) = first.remove_entry();
            let message = self.messages.get(&waiting.sid);
            due.extend(message.and_then(|message| {
                SignedForm::of(&self.settings, message, waiting.status.as_deref(), form)
            }));
            self.on_their_way.insert(form, waiting);
        }
        due
    }

    /// What came of a webhook; one that was not taken comes again, a few times.
    pub(super) fn tried(&self, now: Timestamp, form: &SignedForm, answer: Option<(u16, &str)>) -> Entry {
        let waiting = self.on_their_way.get(&form.form);
        let is_inbound = waiting.is_some_and(|waiting| waiting.status.is_none());
        let taken = answer.is_some_and(|(status, _)| (200..300).contains(&status));
        if let (true, true, Some((_, body))) = (taken, is_inbound, answer)
            && let Some((text, message)) = said_in(body).zip(self.messages.get(&form.sid))
        {
            let (from, to) = (message.to.clone(), message.from.clone());
            return Entry::Answered { at: now, form: form.form, from, to, text };
        }
        let may_again = waiting.is_some_and(|waiting| waiting.tries + 1 < MAX_TRIES);
        let again_at = (!taken && may_again).then(|| now.plus_ms(AGAIN_AFTER_MS));
        Entry::Tried { at: now, form: form.form, again_at, taken }
    }

    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Message(message) => self.keep(message),
            Entry::Refused { to, .. } => *self.texted.entry(to.clone()).or_default() += 1,
            Entry::Tried { form, again_at, .. } => {
                let waiting = self.on_their_way.remove(form).or_else(|| self.take_waiting(*form));
                if let (Some(at), Some(waiting)) = (again_at, waiting) {
                    let again = Waiting { tries: waiting.tries + 1, ..waiting };
                    self.waiting.insert((*at, *form), again);
                }
            }
            Entry::Answered { at, form, from, to, text } => {
                self.on_their_way.remove(form);
                self.take_waiting(*form);
                self.records.push(MessageRecord {
                    at: *at,
                    from: from.clone(),
                    to: to.clone(),
                    text: text.clone(),
                    attempt: None,
                    fate: None,
                    is_inbound: false,
                    is_answer: true,
                });
            }
        }
    }

    /// A webhook that was tried before the restart.
    fn take_waiting(&mut self, form: u64) -> Option<Waiting> {
        let key = self.waiting.keys().find(|(_, own)| *own == form).copied()?;
        self.waiting.remove(&key)
    }

    fn keep(&mut self, message: &Message) {
        if let Some(answered) = &message.answers {
            self.replies.remove(&(message.at, answered.clone()));
        }
        if !message.is_inbound {
            *self.texted.entry(message.to.clone()).or_default() += 1;
        }
        for post in &message.posts {
            let waiting = Waiting { sid: message.sid.clone(), status: post.status.clone(), tries: 0 };
            self.waiting.insert((post.at, self.forms), waiting);
            self.forms += 1;
        }
        if let Some((text, at)) = &message.reply {
            let reply = (message.to.clone(), message.from.clone(), text.clone());
            self.replies.insert((*at, message.sid.clone()), reply);
        }
        self.records.push(MessageRecord {
            at: message.at,
            from: message.from.clone(),
            to: message.to.clone(),
            text: message.text.clone(),
            attempt: message.attempt(),
            fate: message.fate,
            is_inbound: message.is_inbound,
            is_answer: false,
        });
        self.messages.insert(message.sid.clone(), message.clone());
    }

    /// The messages to a number, as the provider lists them.
    pub(super) fn list(&self, now: Timestamp, to: &str) -> Value {
        let mut theirs: Vec<&Message> =
            self.messages.values().filter(|message| message.to == to && !message.is_inbound).collect();
        theirs.sort_by_key(|message| std::cmp::Reverse(message.at));
        let listed: Vec<Value> = theirs.into_iter().map(|message| message.listed(now)).collect();
        json!({ "messages": listed, "next_page_uri": null, "page": 0 })
    }
}
