//! What functions hold of the world outside: each port asks its thread's run.

mod spoil;
mod table;
pub(crate) mod written;

use std::pin::Pin;
use std::sync::Arc;

use carillon_adapters::clock::{Clock, Time};
use carillon_adapters::files::{Files, MemoryFiles};
use carillon_adapters::language_model::LanguageModels;
use carillon_adapters::provider::InquiryError;
use carillon_adapters::queue::{Message, Outbox, Queue, QueueError, Sending};
use carillon_adapters::random::Random;
use carillon_adapters::secrets::{MemorySecrets, Secret, Secrets};
use carillon_adapters::sms::{Sms, SmsInProcess, Sought};
use carillon_adapters::voice::{SoughtCall, Voice, VoiceInProcess};
use carillon_adapters::webhook_sender::{Reach, WebhookSender};
use carillon_domain::base::call::{
    CallOrder, CallReport, Inquiry, Outcome, Placement, ProviderCallId, VoiceEvent, VoiceProvider,
};
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::message::{MessageOrder, MessageProvider, MessageRefusal};
use carillon_domain::base::outcome::MessageReport;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_runtime::context::{
    Context, Queues, initiation_secret_name, provider_key_name, webhook_secrets_name,
};
use carillon_store::Store;
use serde_json::json;

use crate::bug::Bug;
use crate::carrier;
use crate::executor::{Delivery, Job};
use crate::fault_rates::MESSAGE_LATE_MS;
use crate::provider;
use crate::scenario::{PARTNERS, Person, Tenant};
use crate::simulation::{Simulation, pause, travel, with};

pub(crate) use table::SimulatedTable;

/// What the provider knows of each workspace, and each workspace of the provider.
pub(crate) const SECRET: &str = "secret";
const CARRIER: MessageProvider = MessageProvider::Twilio;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueueName {
    Plan,
    Dial,
    SipDial,
    Message,
    Import,
    Jobs,
}

/// The context that every invocation of a run gets.
pub(crate) fn context(store: &Store, seed: u64) -> Context {
    let queue = |name| Queue::Custom(Arc::new(SimulatedQueue(name)));
    let clock = Clock::Custom(Arc::new(SimulatedClock));
    Context {
        store: store.clone(),
        clock: clock.clone(),
        random: Random::seeded(seed),
        queues: Queues {
            plan: queue(QueueName::Plan),
            dial: queue(QueueName::Dial),
            sip_dial: queue(QueueName::SipDial),
            message: queue(QueueName::Message),
            import: queue(QueueName::Import),
            jobs: queue(QueueName::Jobs),
            // Nothing is told of here, so nothing is parked and nothing delivered.
            parked: queue(QueueName::Plan),
            delivery: queue(QueueName::Plan),
            analysis: Queue::Custom(Arc::new(Nobody)),
        },
        files: Files::Memory(MemoryFiles::new(clock)),
        secrets: Secrets::Memory(MemorySecrets::default()),
        voice: Voice::InProcess(Arc::new(SimulatedVoice)),
        sms: Sms::InProcess(Arc::new(SimulatedSms)),
        webhook_sender: WebhookSender::new(Reach::Public).expect("an HTTP client"),
        language_models: LanguageModels::new(Reach::Public).expect("an HTTP client"),
        public_url: Some(carrier::PUBLIC_URL.to_owned()),
        consumers: Vec::new(),
    }
}

/// Stores a workspace and what belongs to it; answers with its API key.
pub(crate) async fn set_up(context: &Context, tenant: &Tenant) -> String {
    let (store, workspace) = (&context.store, &tenant.workspace);
    let ws = &workspace.id;
    let (key, record) = carillon_api::first_api_key(ws, [9; 32], "sim", context.now());
    store.create_api_key(ws, &record).await.expect("nothing fails");
    store.create_workspace(workspace).await.expect("nothing fails");
    for assistant in &tenant.assistants {
        store.create_assistant(ws, assistant).await.expect("nothing fails");
    }
    for number in &tenant.numbers {
        store.create_caller_number(ws, number).await.expect("nothing fails");
    }
    for (campaign, _) in &tenant.campaigns {
        store.create_campaign(ws, campaign).await.expect("nothing fails");
    }
    store.add_list(ws, &PARTNERS.parse().expect("a list")).await.expect("nothing fails");
    let secret = Secret::from(SECRET);
    for provider in VoiceProvider::ALL {
        let (secrets, webhooks) = (&context.secrets, webhook_secrets_name(ws, provider));
        secrets.put(&provider_key_name(ws, provider), &secret).await.expect("nothing fails");
        secrets.put(&initiation_secret_name(ws, provider), &secret).await.expect("nothing fails");
        secrets.put_list(&webhooks, std::slice::from_ref(&secret)).await.expect("nothing fails");
    }
    context.secrets.put(&provider_key_name(ws, CARRIER), &secret).await.expect("nothing fails");
    context.secrets.put_list(&webhook_secrets_name(ws, CARRIER), &[secret]).await.expect("nothing fails");
    key
}

/// A file of people is dropped into the bucket, which tells of it.
pub(crate) async fn drop_file(
    context: Context,
    ws: usize,
    campaign: CampaignId,
    name: String,
    people: Vec<Person>,
) {
    let mut sheet = "phone,phone_2,phone_3,timezone\n".to_owned();
    for person in &people {
        let number = |place: usize| person.numbers.get(place).map_or("", |number| number.as_str());
        let zone = person.own_zone.unwrap_or_default();
        sheet += &format!("{},{},{},{zone}\n", number(0), number(1), number(2));
    }
    let id = with(|run| run.checker.borrow().workspaces[ws].tenant.id.clone());
    let key = format!("drops/{id}/{campaign}/{name}");
    context.files.write(&key, sheet.into_bytes()).await.expect("nothing fails");
    let object = json!({"key": key, "sequencer": "1"});
    let event = json!({"Records": [{"eventTime": context.now(), "s3": {"object": object}}]});
    with(|run| send(run, QueueName::Import, &Message::now(event.to_string())));
}

#[derive(Debug)]
struct SimulatedClock;

impl Time for SimulatedClock {
    fn now(&self) -> Timestamp {
        with(Simulation::clock)
    }

    fn sleep_until(&self, at: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(pause(at.since_ms(self.now()).max(0)))
    }
}

#[derive(Debug)]
struct SimulatedQueue(QueueName);

impl Outbox for SimulatedQueue {
    fn send<'a>(&'a self, messages: &'a [Message]) -> Sending<'a> {
        Box::pin(async move {
            travel().await;
            let unavailable =
                || QueueError::Unavailable { queue: format!("{:?}", self.0), source: "no answer".into() };
            with(|run| {
                if run.strikes(|rates| rates.throttled) {
                    return Err(unavailable());
                }
                messages.iter().for_each(|message| send(run, self.0, message));
                if run.strikes(|rates| rates.reply_lost) { Err(unavailable()) } else { Ok(()) }
            })
        })
    }
}

/// Takes what is to be read: no model reads the calls of a simulation.
#[derive(Debug)]
struct Nobody;

impl Outbox for Nobody {
    fn send<'a>(&'a self, _: &'a [Message]) -> Sending<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A message goes through a queue, which counts whole seconds, rounded down. A hint may be lost; word of a
/// file is not, once the queue has it.
fn send(run: &Simulation, queue: QueueName, message: &Message) {
    let is_of_file = queue == QueueName::Import && !message.body.contains("\"task\"");
    if !is_of_file && run.strikes(|rates| rates.message_lost) {
        run.tell(|| format!("lost: {queue:?} {}", message.body));
        return;
    }
    let held_ms = message.delay_ms.max(0) / SECOND_MS * SECOND_MS;
    let is_late = run.strikes(|rates| rates.message_late);
    let late_ms = if is_late { run.rng.between(0, MESSAGE_LATE_MS) } else { 0 };
    let delivery = Delivery::first(Job::Message(queue, message.body.clone()));
    if run.strikes(|rates| rates.message_doubled) {
        run.deliver(delivery.twin(), held_ms + run.rng.between(1, 20 * SECOND_MS));
    }
    run.deliver(delivery, held_ms + late_ms + run.rng.between(5, 60));
}

#[derive(Debug)]
struct SimulatedSms;

impl SmsInProcess for SimulatedSms {
    fn send<'a>(
        &'a self,
        order: &'a MessageOrder,
    ) -> Pin<Box<dyn Future<Output = Placement<MessageRefusal>> + Send + 'a>> {
        Box::pin(carrier::send(order))
    }

    fn inquire<'a>(
        &'a self,
        sought: Sought<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Inquiry<MessageReport>, InquiryError>> + Send + 'a>> {
        Box::pin(async move {
            carrier::inquire(sought).await.ok_or_else(|| InquiryError::Unanswered("no answer".into()))
        })
    }
}

#[derive(Debug)]
struct SimulatedVoice;

impl VoiceInProcess for SimulatedVoice {
    fn place<'a>(&'a self, order: &'a CallOrder) -> Pin<Box<dyn Future<Output = Placement> + Send + 'a>> {
        Box::pin(provider::place(order))
    }

    fn inquire<'a>(
        &'a self,
        sought: SoughtCall<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Inquiry, InquiryError>> + Send + 'a>> {
        Box::pin(async move {
            let known = provider::inquire(sought.attempt).await;
            Ok(match known.ok_or_else(|| InquiryError::Unanswered("no answer".into()))? {
                Inquiry::InProgress { call } if with(|run| run.has(Bug::GuessWhenLeaseIsOver)) => {
                    Inquiry::Ended { call, report: CallReport::bare(Outcome::NoAnswer, "a guess") }
                }
                known => known,
            })
        })
    }

    fn look_up<'a>(
        &'a self,
        _: VoiceProvider,
        _: &'a ProviderCallId,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<VoiceEvent>, InquiryError>> + Send + 'a>> {
        // All of its events come in the form that is read, so none is looked up.
        Box::pin(async { Err(InquiryError::Unanswered("no answer".into())) })
    }
}
