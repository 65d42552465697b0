//! The payloads of `events/`: each is decoded as Lambda decodes it and handed to its function, at the
//! moment of which it speaks.

mod decode;
mod stage;

use std::collections::BTreeSet;

use aws_lambda_events::event::dynamodb;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::s3::S3Event;
use axum::http::header;
use carillon_adapters::consumers::{Consumer, EventLog};
use carillon_adapters::webhook_sender::{SECRET_BYTES, secret_of};
use carillon_domain::base::call::{CallReport, Outcome, ProviderCallId, Role, Turn};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{ImportId, InteractionId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::analysis::GoalResult;
use carillon_domain::records::audit::{Act, Actor};
use carillon_domain::records::import::ImportStatus;
use carillon_domain::records::interaction::{Interaction, StartedBy};
use carillon_domain::records::job::{Chosen, Job, JobKind, JobStatus};
use carillon_domain::records::lead::{LeadAction, LeadFilter};
use carillon_domain::records::webhook_endpoint::{EndpointStatus, WebhookEndpoint};
use carillon_domain::reporting::deliveries::test_delivery;
use carillon_domain::transaction::{Transaction, Write};
use carillon_local::wiring::{DIAL, PARKED, PLAN};
use carillon_runtime::context::{body, endpoint_secret_name};
use carillon_runtime::messages::{AnalyseCall, DeliveryMessage, DialMessage, DialTask, JobMessage, PlanHint};
use carillon_store::Lease;
use carillon_system_tests::model::{Model, verdict};
use carillon_system_tests::receiver::Receiver;
use carillon_system_tests::scratch::Scratch;
use serde_json::Value;

use decode::{batch, bodies, folder, read, request, send};
use stage::Stage;

/// How many payloads there are.
const EVENTS: usize = 15;
/// The conversation of which the webhooks speak.
const CONVERSATION: &str = "conv_7401k5m9x2p8ec3rqv6dtnhb0fzw";
/// The file of which the bucket tells.
const FILE: &str = "phone;name\n030 23125042;Änne\n+49 30 23125043;Jörg\n12;Niemand\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_taken_by_its_function() {
    let files = std::fs::read_dir(folder()).expect("a folder");
    let mut names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
    names.sort();
    for name in &names {
        match name.to_str().expect("a plain name") {
            "analyst.json" => a_call_is_read_once_and_only_if_it_has_ended().await,
            "api.json" => the_api_lists_campaigns_for_who_has_a_key().await,
            "courier.json" => an_event_is_delivered_once().await,
            "dialer.json" => a_call_is_placed_once_and_only_if_it_is_claimed().await,
            "importer.json" => a_dropped_file_becomes_leads().await,
            "importer-bucket-test.json" => the_test_of_the_bucket_touches_nothing().await,
            "listener.json" => what_aws_tells_of_a_text_settles_its_lead().await,
            "messenger.json" => a_text_is_sent_once_and_only_if_it_is_claimed().await,
            "planner.json" => who_is_due_is_dialled_and_the_lease_given_back().await,
            "sip-dialer.json" => a_call_of_which_nothing_is_heard_is_asked_about().await,
            "stream.json" => what_changed_is_told_and_what_cant_be_is_parked().await,
            "tick.json" => a_workspace_that_is_due_gets_a_hint().await,
            "worker.json" => a_job_is_done_step_by_step().await,
            "webhooks.json" => an_end_that_comes_before_its_call_is_kept().await,
            "webhooks-base64.json" => an_end_in_base_64_settles_its_lead().await,
            other => panic!("events/{other} has no case here"),
        }
    }
    assert_eq!(names.len(), EVENTS, "each case has its event: {names:?}");
}

async fn the_api_lists_campaigns_for_who_has_a_key() {
    let (sent, now) = request("api.json");
    let stage = Stage::at(now).await;
    let (status, problem) = send(carillon_api::router(stage.context.clone()), "api.json").await;
    assert_eq!((status, &problem["code"]), (401, &"invalid_api_key".into()), "{problem}");

    let bearer = sent.headers()[header::AUTHORIZATION].to_str().expect("a text");
    let key = carillon_api::first_key_record(bearer.trim_start_matches("Bearer "), "example", now);
    stage.context.store.create_api_key(&stage.keys.workspace, &key).await.expect("a table");
    let (status, page) = send(carillon_api::router(stage.context.clone()), "api.json").await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(page["items"][0]["id"], stage.message.lead.campaign().as_str(), "{page}");
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
}

async fn a_workspace_that_is_due_gets_a_hint() {
    let event: EventBridgeEvent = read("tick.json");
    assert_eq!((event.source.as_str(), event.detail_type.as_str()), ("aws.events", "Scheduled Event"));
    let now = Timestamp::from_millis(event.time.expect("a time").timestamp_millis());
    let stage = Stage::at(now).await;
    stage.sent(PLAN);
    assert_eq!(carillon_tick::handle(&stage.context).await.expect("a table"), 1);
    // What the tick sends is what the planner's event carries.
    let (event, _) = batch("planner.json");
    assert_eq!(Some(stage.sent(PLAN)), event.records[0].body.clone().map(|hint| vec![hint]));
}

async fn who_is_due_is_dialled_and_the_lease_given_back() {
    let (event, now) = batch("planner.json");
    let hints: Vec<PlanHint> = bodies(&event);
    let hinted: BTreeSet<_> = hints.into_iter().map(|hint| hint.workspace).collect();
    let stage = Stage::at(now).await;
    stage.add_lead().await;
    let response = carillon_planner::handle(&stage.context, event).await;
    assert_eq!(response.batch_item_failures, []);

    let sent: Vec<DialMessage> =
        stage.sent(DIAL).iter().map(|text| serde_json::from_str(text).expect("a dial message")).collect();
    // It is what the dialer's event carries, but for the attempt, which is drawn.
    let expected = DialMessage { attempt: sent[0].attempt.clone(), ..stage.message.clone() };
    assert_eq!(sent, [expected]);
    let (active_attempts, _) = stage.context.store.in_flight(&stage.keys.workspace).await.expect("a table");
    assert_eq!(active_attempts.len(), 1);
    assert_eq!(active_attempts[0].attempt, sent[0].attempt);
    for ws in hinted {
        let lease = stage.context.store.take_lease(&ws, now, now.plus_ms(1)).await;
        assert!(matches!(lease, Ok(Lease::Taken(_))), "{ws}: {lease:?}");
    }
}

async fn a_call_is_placed_once_and_only_if_it_is_claimed() {
    let (event, now) = batch("dialer.json");
    let stage = Stage::at(now).await;
    assert_eq!(
        event.records[0].body.as_deref(),
        Some(body(&stage.message).as_str()),
        "as the planner writes it"
    );
    stage.add_lead().await;
    for (claims, placed) in [(false, 0), (true, 1), (false, 1)] {
        if claims {
            stage.claim(Channel::Call).await;
        }
        let response = carillon_dialer::handle(&stage.context, event.clone()).await;
        assert_eq!(response.batch_item_failures, []);
        assert_eq!(stage.network.calls().len(), placed);
    }
    let call = stage.network.calls().remove(0);
    assert_eq!(call.attempt.as_deref(), Some(stage.message.attempt.as_str()));
    assert_eq!(call.to, stage.message.number.to_string());
}

async fn an_event_is_delivered_once() {
    let (event, now) = batch("courier.json");
    let message: DeliveryMessage = bodies(&event).remove(0);
    let stage = Stage::at(now).await;
    let (ws, receiver) = (&message.workspace, Receiver::start().await);
    let endpoint = WebhookEndpoint {
        id: message.endpoint.clone(),
        version: 1,
        url: receiver.url.clone(),
        label: None,
        event_types: BTreeSet::new(),
        status: EndpointStatus::Enabled,
        enabled_at: now,
        failing_since: None,
        secret: "first".to_owned(),
        previous_secrets: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    let secret = secret_of(&[7; SECRET_BYTES]);
    let name = endpoint_secret_name(ws, &endpoint.id, "first");
    stage.context.secrets.put(&name, &secret).await.expect("a file");
    assert!(stage.context.store.put_webhook_endpoint(ws, &endpoint).await.expect("a table"));
    let delivery = test_delivery(ws, &endpoint, message.delivery.clone(), now);
    for (adds, came) in [(false, 0), (true, 1), (false, 0)] {
        if adds {
            assert!(stage.context.store.add_delivery(ws, &delivery).await.expect("a table"));
        }
        let response = carillon_courier::handle(&stage.context, event.clone()).await;
        assert_eq!(response.batch_item_failures, []);
        let taken = receiver.take();
        assert!(taken.iter().all(|one| one.is_signed_with(secret.expose())));
        assert_eq!(taken.len(), came);
    }
}

async fn a_call_is_read_once_and_only_if_it_has_ended() {
    let (event, now) = batch("analyst.json");
    let message: AnalyseCall = bodies(&event).remove(0);
    let stage = Stage::at(now).await;
    stage.add_lead().await;
    let (ws, store, model) =
        (&message.workspace, &stage.context.store, Model::start(verdict("success")).await);
    stage.have_read_by(&model).await;
    let said = |role, words: &str| Turn { role, message: words.to_owned(), at_secs: 0 };
    let transcript = vec![said(Role::Agent, "Will you come?"), said(Role::User, "Yes")];
    store.keep_transcript(ws, &message.interaction, &transcript).await.expect("a table");
    let opened = Interaction::opened(&message.interaction.attempt(), &message.lead, StartedBy::Campaign, now);
    let report = CallReport { transcript, ..CallReport::bare(Outcome::Completed, "hung up") };
    let ended = opened.ended(&report, now);
    for (write, asked) in [
        (Write::OpenInteraction(opened.clone()), 0),
        (Write::UpdateInteraction { before: opened, after: ended }, 1),
    ] {
        store.commit(ws, &Transaction::of(write)).await.expect("a table");
        for times in [asked, 0] {
            let response = carillon_analyst::handle(&stage.context, event.clone()).await;
            assert_eq!(response.batch_item_failures, []);
            assert_eq!(model.asked().len(), times);
        }
    }
    let found = store.analyses(ws, [&message.interaction]).await.expect("a table");
    assert_eq!(found[&message.interaction].goal.value(), Some(GoalResult::Success));
}

async fn a_text_is_sent_once_and_only_if_it_is_claimed() {
    let (event, now) = batch("messenger.json");
    let stage = Stage::of(Channel::Sms, now).await;
    assert_eq!(bodies::<DialMessage>(&event), std::slice::from_ref(&stage.message));
    stage.add_lead().await;
    for (claims, sent) in [(false, 0), (true, 1), (false, 1)] {
        if claims {
            stage.claim(Channel::Sms).await;
        }
        let response = carillon_messenger::handle(&stage.context, event.clone()).await;
        assert_eq!(response.batch_item_failures, []);
        assert_eq!(stage.messages.messages().len(), sent);
    }
    let text = stage.messages.messages().remove(0);
    assert_eq!(text.attempt.as_deref(), Some(stage.message.attempt.as_str()));
    assert_eq!(text.text, "Your order is ready\nReply STOP to opt out.");
    assert_eq!(text.to, stage.message.number.to_string());
}

async fn what_aws_tells_of_a_text_settles_its_lead() {
    let (event, now) = batch("listener.json");
    let stage = Stage::of(Channel::Sms, now).await;
    stage.add_lead().await;
    stage.claim(Channel::Sms).await;
    carillon_messenger::handle(&stage.context, batch("messenger.json").0).await;
    let (store, ws, message) = (&stage.context.store, &stage.keys.workspace, &stage.message);
    for _ in 0..2 {
        let response = carillon_listener::handle(&stage.context, event.clone()).await;
        assert_eq!(response.batch_item_failures, []);
        let lead = store.lead(ws, &message.lead).await.expect("a table").expect("the lead");
        assert_eq!(lead.state.name(), "completed");
    }
    let record = store.interaction(ws, &InteractionId::of(&message.attempt)).await.expect("a table");
    assert_eq!(record.and_then(|record| record.cost_micros), Some(95_820));
}

async fn a_call_of_which_nothing_is_heard_is_asked_about() {
    let (event, now) = batch("dialer.json");
    let stage = Stage::at(now).await;
    stage.add_lead().await;
    stage.claim(Channel::Call).await;
    carillon_dialer::handle(&stage.context, event).await;
    let (event, now) = batch("sip-dialer.json");
    let asked = DialMessage { task: DialTask::Ask, ..stage.message.clone() };
    assert_eq!(bodies::<DialMessage>(&event), [asked]);
    stage.context.clock.advance_to(now);
    let response = carillon_dialer::handle(&stage.context, event).await;
    assert_eq!(response.batch_item_failures, []);

    let (store, ws, message) = (&stage.context.store, &stage.keys.workspace, &stage.message);
    let calls = stage.network.calls();
    assert!(calls.len() == 1 && calls[0].ended_at < now, "{calls:?}");
    assert_eq!(store.active_attempt(ws, &message.number).await.expect("a table"), None);
    let interaction = store.interaction(ws, &InteractionId::of(&message.attempt)).await.expect("a table");
    assert!(interaction.is_some_and(|interaction| interaction.outcome.is_some()));
}

async fn a_dropped_file_becomes_leads() {
    let (event, now) = batch("importer.json");
    let told: S3Event = bodies(&event).remove(0);
    let told = &told.records[0];
    assert_eq!(told.s3.object.size, i64::try_from(FILE.len()).ok());
    let stage = Stage::at(now).await;
    let (ws, campaign) = (&stage.keys.workspace, stage.message.lead.campaign());
    let key = format!("drops/{ws}/{campaign}/people of tübingen.csv");
    stage.context.files.write(&key, FILE.as_bytes().to_vec()).await.expect("a folder");
    let response = carillon_importer::handle(&stage.context, event, now.plus_ms(15 * MINUTE_MS)).await;
    assert_eq!(response.batch_item_failures, []);

    let store = &stage.context.store;
    let leads = store.all_leads(ws, &campaign).await.expect("a table");
    let names: Vec<_> = leads.iter().map(|lead| lead.profile.name.as_deref()).collect();
    assert_eq!(names, [Some("Änne"), Some("Jörg")]);
    assert_eq!(leads[0].id, stage.message.lead);
    let at = Timestamp::from_millis(told.event_time.timestamp_millis());
    let id = ImportId::derive(&key, told.s3.object.sequencer.as_deref().expect("a sequencer"), at);
    let import = store.import(ws, &campaign, &id).await.expect("a table").expect("an import");
    assert_eq!(
        (import.status, import.progress.created, import.progress.invalid),
        (ImportStatus::Completed, 2, 1)
    );
}

async fn a_job_is_done_step_by_step() {
    let (event, now) = batch("worker.json");
    let JobMessage { workspace, job } = bodies(&event).remove(0);
    let stage = Stage::at(now).await;
    stage.add_lead().await;
    assert_eq!(workspace, stage.keys.workspace);
    let actor = Actor { id: "key_1".to_owned(), name: "CRM".to_owned() };
    let act = Act { actor, operation: "bulk_leads".to_owned(), request_id: "r".to_owned(), reason: None };
    let chosen = Chosen::Filter { filter: LeadFilter::default() };
    let campaign = stage.message.lead.campaign();
    let kind = JobKind::Leads { campaign, action: LeadAction::Suspend, chosen };
    let create = Write::CreateJob(Job::queued(job.clone(), kind, None, act, now));
    let store = &stage.context.store;
    store.commit(&workspace, &Transaction::of(create)).await.expect("a table");
    for _ in 0..2 {
        let response = carillon_worker::handle(&stage.context, event.clone(), now.plus_ms(MINUTE_MS)).await;
        assert_eq!(response.batch_item_failures, []);
    }
    let job = store.job(&workspace, &job).await.expect("a table").expect("a job");
    assert_eq!((job.status, job.counts.done), (JobStatus::Completed, 1));
    let lead = store.lead(&workspace, &stage.message.lead).await.expect("a table").expect("the lead");
    assert_eq!(lead.state.name(), "suspended");
}

async fn the_test_of_the_bucket_touches_nothing() {
    let (event, now) = batch("importer-bucket-test.json");
    let stage = Stage::at(now).await;
    let before = stage.table.meter().snapshot();
    let response = carillon_importer::handle(&stage.context, event, now.plus_ms(15 * MINUTE_MS)).await;
    assert_eq!(response.batch_item_failures, []);
    assert_eq!(stage.table.meter().snapshot(), before);
}

async fn what_changed_is_told_and_what_cant_be_is_parked() {
    let event: dynamodb::Event = read("stream.json");
    let at = event.records[0].change.approximate_creation_date_time;
    let mut stage = Stage::at(Timestamp::from_millis(at.timestamp_millis())).await;
    let folder = Scratch::new();
    let path = folder.path().join("events.jsonl");
    let log = EventLog::open(&path).expect("a file");
    stage.context.consumers.push(Consumer::EventLog(log));
    for _ in 0..2 {
        let response = carillon_stream::handle(&stage.context, event.clone()).await;
        assert_eq!(response.batch_item_failures, []);
    }
    let told = std::fs::read_to_string(path).expect("a file");
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["type"], &told[0]["sequence"]), (&"credits.topped_up".into(), &1.into()));
    assert_eq!(told[0]["data"]["micros"], 25_000_000);
    let parked = stage.sent(PARKED);
    assert!(parked.len() == 2 && parked[0].contains("missing field"), "{parked:?}");
}

async fn an_end_that_comes_before_its_call_is_kept() {
    let stage = Stage::at(request("webhooks.json").1).await;
    let (status, problem) = send(carillon_webhooks::router(stage.context.clone()), "webhooks.json").await;
    assert_eq!(status, 200, "{problem}");
    let id = ProviderCallId(CONVERSATION.to_owned());
    let trail = stage.context.store.call_trail(&stage.keys.workspace, &id).await.expect("a table");
    assert_eq!((trail.call, trail.events.len()), (None, 1));
}

async fn an_end_in_base_64_settles_its_lead() {
    let stage = Stage::at(request("webhooks-base64.json").1).await;
    stage.add_lead().await;
    stage.claim(Channel::Call).await;
    carillon_dialer::handle(&stage.context, batch("dialer.json").0).await;
    let (status, problem) =
        send(carillon_webhooks::router(stage.context.clone()), "webhooks-base64.json").await;
    assert_eq!(status, 200, "{problem}");

    let (store, ws, message) = (&stage.context.store, &stage.keys.workspace, &stage.message);
    let lead = store.lead(ws, &message.lead).await.expect("a table").expect("the lead");
    assert_eq!(lead.state.name(), "completed");
    assert_eq!(store.active_attempt(ws, &message.number).await.expect("a table"), None);
    let said = store.transcript(ws, &InteractionId::of(&message.attempt)).await.expect("a table");
    assert_eq!(said[1].message, "Ja, Dienstag wäre schön.");
}
