//! Recordings of calls: fetched for whoever asks, once; kept where the campaign wants that; and gone with it.

use carillon_adapters::files::FilesError;
use carillon_adapters::provider::http_client;
use carillon_domain::base::call::{CallReport, Outcome, ProviderCallId, ProviderRecord, VoiceProvider};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{AttemptId, CampaignId, InteractionId, LeadId, WorkspaceId};
use carillon_domain::base::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use carillon_domain::policy::recording_retention::RecordingRetention;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::interaction::{Interaction, StartedBy};
use carillon_domain::transaction::{Transaction, Write};
use carillon_local::provider_simulator::NetworkSettings;
use carillon_system_tests::api::Api;
use carillon_system_tests::checks::has_ended;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use serde_json::{Value, json};

/// Talks for half a minute: the network's table of numbers says so.
const PERSON: &str = "+4930231120001";
/// The folder of links to files.
const LINKS: &str = "http://127.0.0.1:8080/uploads/";

/// A campaign whose one call is over, and the call.
async fn called(retention: Option<RecordingRetention>) -> (Harness, CampaignId, Interaction) {
    called_by(|spec| spec.recording_retention = retention).await
}

async fn called_by(set: impl FnOnce(&mut CampaignSpec)) -> (Harness, CampaignId, Interaction) {
    called_through(VoiceProvider::ElevenLabs, set).await
}

async fn called_through(
    provider: VoiceProvider,
    set: impl FnOnce(&mut CampaignSpec),
) -> (Harness, CampaignId, Interaction) {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    // From the second hour on nobody hears of the provider for ten minutes.
    let at = |minutes| MONDAY_AT_NINE.plus_ms(minutes * MINUTE_MS);
    options.network.elevenlabs.outages = vec![at(60)..at(70)];
    let mut harness = Harness::start(options).await;
    let keys = match provider {
        VoiceProvider::ElevenLabs => harness.keys.clone(),
        VoiceProvider::Retell => harness.add_retell().await,
    };
    let mut spec = people::spec(&keys);
    set(&mut spec);
    let stays_open = spec.keep_open;
    let person = [(PERSON.to_owned(), chrono_tz::Tz::Europe__Berlin)];
    let campaign = people::start_campaign(&harness.context, &keys, spec, &person).await;
    assert!(harness.run_until(at(30), has_ended(&campaign)).await != stays_open);
    let page = harness.context.store.ended_interactions(&harness.keys.workspace, &campaign, None, 10).await;
    let call = page.expect("a table").interactions.pop().expect("a call");
    assert!(call.has_recording && call.outcome == Some(Outcome::Completed.into()), "{call:?}");
    (harness, campaign, call)
}

fn path(id: &InteractionId) -> String {
    format!("/interactions/{id}/recording")
}

/// The recording as the network itself gives it.
async fn recorded(harness: &Harness, call: &Interaction) -> Vec<u8> {
    let record = call.provider_record.as_ref().expect("the provider's id");
    let url = format!("{}/v1/convai/conversations/{}/audio", harness.network.base_url(), record.call.0);
    let key = NetworkSettings::default().elevenlabs.api_key;
    let answer = http_client()
        .expect("an HTTP client")
        .get(url)
        .header("xi-api-key", key)
        .send()
        .await
        .expect("an answer");
    answer.bytes().await.expect("a recording").to_vec()
}

/// The key and the bytes of the file to which a link leads.
async fn file(api: &Api, ready: &Value) -> (String, Vec<u8>) {
    assert_eq!((&ready["status"], &ready["media_type"]), (&json!("ready"), &json!("audio/mpeg")));
    let url = ready["url"].as_str().expect("a link");
    let key = url.strip_prefix(LINKS).and_then(|rest| rest.split('?').next()).expect("a key").to_owned();
    let mut reader = api.context.files.open(&key, 0).await.expect("it is there");
    let mut whole = Vec::new();
    while let Some(chunk) = reader.chunk().await.expect("a folder") {
        whole.extend(chunk);
    }
    assert_eq!(ready["size_bytes"], whole.len());
    (key, whole)
}

async fn jobs(api: &Api) -> Vec<Value> {
    api.all("/jobs?kind=fetch_recording").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_fetched_once_for_all_who_ask_and_stays_a_day() {
    let (harness, _, call) = called(None).await;
    let (api, path) = (Api::of(&harness), path(&call.id));
    let (one, other) = tokio::join!(api.get(&path), api.get(&path));
    assert_eq!(one.header("retry-after"), "2");
    let fetching = one.ok(202);
    assert_eq!((&fetching["status"], &fetching["error"]), (&json!("fetching"), &Value::Null));
    assert_eq!(other.ok(202), fetching, "two who ask at once");
    assert_eq!(api.get(&path).await.ok(202), fetching, "and one who asks again");
    api.do_jobs().await;
    let ready = api.get(&path).await.ok(200);
    let (key, bytes) = file(&api, &ready).await;
    assert_eq!(key, format!("recordings/on_demand/{}/{}.mp3", api.keys.workspace, call.id));
    assert!(bytes.len() > 20_000, "half a minute of 8,000 bits a second");
    assert_eq!(bytes, recorded(&harness, &call).await);
    let expires_at = ready["expires_at"].as_str().map(|at| at.parse().expect("a time"));
    assert_eq!(expires_at, Some(api.context.now().plus_ms(15 * MINUTE_MS)));

    let all = jobs(&api).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((&all[0]["id"], &all[0]["status"]), (&fetching["job_id"], &json!("completed")));
    assert_eq!((&all[0]["interaction_id"], &all[0]["counts"]["done"]), (&json!(call.id), &json!(1)));
    assert_eq!(all[0]["requested_by"]["name"], "test");

    // Shortly before it goes a link is no longer than the file stays; then it is fetched again, by the same job.
    api.advance_ms(DAY_MS - MINUTE_MS);
    let ready = api.get(&path).await.ok(200);
    let expires_at = ready["expires_at"].as_str().map(|at| at.parse().expect("a time"));
    assert!(expires_at <= Some(api.context.now().plus_ms(MINUTE_MS)), "{ready}");
    api.advance_ms(MINUTE_MS);
    assert_eq!(api.get(&path).await.ok(202), fetching);
    api.do_jobs().await;
    assert_eq!(file(&api, &api.get(&path).await.ok(200)).await, (key.clone(), bytes));
    assert_eq!(jobs(&api).await.len(), 1);
    // A copy that somebody has removed is no copy.
    api.context.files.remove(&key).await.expect("a folder");
    api.get(&path).await.ok(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_fetched_by_the_link_that_the_provider_gives() {
    let (harness, _, call) = called_through(VoiceProvider::Retell, |_| ()).await;
    let (api, path) = (Api::of(&harness), path(&call.id));
    api.get(&path).await.ok(202);
    api.do_jobs().await;
    let (_, bytes) = file(&api, &api.get(&path).await.ok(200)).await;
    assert!(bytes.len() > 20_000, "half a minute of 8,000 bits a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_nobody_elses() {
    let (harness, _, call) = called(Some(RecordingRetention::Days30)).await;
    let (api, path) = (Api::of(&harness), path(&call.id));
    let ws = WorkspaceId::new(api.context.now(), [5; 10]);
    let (key, record) = carillon_api::first_api_key(&ws, [8; 32], "other", api.context.now());
    api.context.store.create_api_key(&ws, &record).await.expect("a table");
    api.with_key(&key).get(&path).await.problem(404, "not_found");
    let form = json!({"name": "leads alone", "scopes": ["leads:read"]});
    let key = api.post("/api-keys", form).await.ok(201);
    let narrow = api.with_key(key["key"].as_str().expect("a key"));
    assert_eq!(narrow.get(&path).await.problem(403, "missing_scope")["missing_scope"], "calls:read");
    api.get(&path).await.ok(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_campaign_keeps_is_copied_without_anybody_asking_and_goes_with_it() {
    let (harness, campaign, call) = called(Some(RecordingRetention::Days90)).await;
    let (api, ws) = (Api::of(&harness), harness.keys.workspace.clone());
    let ready = api.get(&path(&call.id)).await.ok(200);
    let (key, bytes) = file(&api, &ready).await;
    assert_eq!(key, format!("recordings/days_90/{ws}/{}.mp3", call.id));
    assert_eq!(bytes, recorded(&harness, &call).await);
    assert_eq!(jobs(&api).await, Vec::<Value>::new(), "nobody has asked");
    api.advance_ms(89 * DAY_MS);
    api.get(&path(&call.id)).await.ok(200);

    api.delete(&format!("/campaigns/{campaign}?confirm=true")).await.ok(202);
    api.do_jobs().await;
    assert!(matches!(api.context.files.size(&key).await, Err(FilesError::NotFound { .. })));
    assert_eq!(api.context.store.recording(&ws, &call.id).await.expect("a table"), None);
    let kept = api.context.store.interaction(&ws, &call.id).await.expect("a table").expect("evidence stays");
    assert_eq!((kept.has_recording, kept.provider_record), (false, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_makes_up_for_a_copy_that_was_not_made() {
    // One that has ended can't be set any more.
    let (harness, campaign, call) = called_by(|spec| spec.keep_open = true).await;
    let (api, ws) = (Api::of(&harness), harness.keys.workspace.clone());
    let settings = json!({"recording_retention": "days_30"});
    api.patch(&format!("/campaigns/{campaign}"), settings).await.ok(200);
    api.get(&path(&call.id)).await.ok(202);
    api.do_jobs().await;
    let (key, _) = file(&api, &api.get(&path(&call.id)).await.ok(200)).await;
    assert_eq!(key, format!("recordings/days_30/{ws}/{}.mp3", call.id));
    // Kept long enough, it is not kept again.
    api.advance_ms(31 * DAY_MS);
    api.get(&path(&call.id)).await.ok(202);
    api.do_jobs().await;
    let (key, _) = file(&api, &api.get(&path(&call.id)).await.ok(200)).await;
    assert!(key.starts_with("recordings/on_demand/"), "{key}");
    let wrong = json!({"recording_retention": "days_31"});
    let faults = api.patch(&format!("/campaigns/{campaign}"), wrong).await.faults(422, "invalid_fields");
    assert_eq!(faults, ["recording_retention"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_waited_for_then_told_and_then_tried_anew() {
    let (mut harness, _, call) = called(None).await;
    harness.run_to(MONDAY_AT_NINE.plus_ms(60 * MINUTE_MS)).await;
    let (api, path) = (Api::of(&harness), path(&call.id));
    let fetching = api.get(&path).await.ok(202);
    api.do_jobs().await;
    let error = api.get(&path).await.ok(202)["error"].clone();
    assert!(error.as_str().is_some_and(|error| error.contains("503")), "{error}");
    for _ in 0..20 {
        api.advance_ms(15 * SECOND_MS);
        api.do_jobs().await;
    }
    let told = api.get(&path).await;
    assert_eq!(told.header("retry-after"), "60");
    assert_eq!(told.problem(502, "recording_not_fetched")["detail"], error);
    let failed = &jobs(&api).await[0];
    assert_eq!((&failed["status"], &failed["error"]), (&json!("failed"), &error));
    api.advance_ms(MINUTE_MS);
    assert_eq!(api.get(&path).await.ok(202), fetching, "tried anew");
    harness.run_to(MONDAY_AT_NINE.plus_ms(75 * MINUTE_MS)).await;
    assert_eq!(api.get(&path).await.ok(200)["status"], "ready");
}

/// A call that is over, of which the provider is said to have this.
async fn over(api: &Api, record: Option<ProviderRecord>, has_recording: bool) -> InteractionId {
    let lead: LeadId = {
        let campaign = api.campaign().await;
        api.lead(&campaign, "030 901820").await.parse().expect("an id")
    };
    let now = api.context.now();
    let attempt = AttemptId::new(now, api.context.random.draw());
    let opened = Interaction::opened(&attempt, &lead, StartedBy::Campaign, now);
    let report = CallReport {
        has_recording,
        provider_record: record,
        ..CallReport::bare(Outcome::Completed, "hung up")
    };
    let after = opened.ended(&report, now);
    for write in [Write::OpenInteraction(opened.clone()), Write::UpdateInteraction { before: opened, after }]
    {
        api.context.store.commit(&api.keys.workspace, &Transaction::of(write)).await.expect("a table");
    }
    InteractionId::of(&attempt)
}

fn at(provider: VoiceProvider, call: &str) -> Option<ProviderRecord> {
    Some(ProviderRecord { provider, call: ProviderCallId(call.to_owned()) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_the_provider_does_not_have_is_told_once_it_should_be_there() {
    let (harness, _, _) = called(None).await;
    let api = Api::of(&harness);
    let path = path(&over(&api, at(VoiceProvider::ElevenLabs, "conv_none"), true).await);
    api.get(&path).await.ok(202);
    api.do_jobs().await;
    assert_eq!(api.get(&path).await.ok(202)["error"], Value::Null, "it may be put together yet");
    for _ in 0..10 {
        api.advance_ms(MINUTE_MS);
        api.do_jobs().await;
    }
    let detail = api.get(&path).await.problem(404, "no_recording")["detail"].clone();
    assert_eq!(detail, "the provider has no recording of this call");
    let job = &jobs(&api).await[0];
    assert_eq!((&job["status"], &job["error"]), (&json!("failed"), &detail));
    api.advance_ms(DAY_MS);
    api.get(&path).await.ok(202);
}

#[tokio::test]
async fn what_has_no_recording_says_why() {
    let api = Api::start().await;
    let record = at(VoiceProvider::Retell, "call_1");
    for (record, has_recording, why) in
        [(record.clone(), false, "recorded nothing"), (None, true, "before we noted")]
    {
        let path = path(&over(&api, record, has_recording).await);
        let detail = api.get(&path).await.problem(404, "no_recording")["detail"].to_string();
        assert!(detail.contains(why), "{detail}");
    }
    let campaign = api.campaign().await;
    let lead = api.lead(&campaign, "030 901820").await.parse().expect("an id");
    for (channel, why) in [(Channel::Call, "not over"), (Channel::Sms, "a text")] {
        let now = api.context.now();
        let attempt = AttemptId::new(now, api.context.random.draw());
        let open = Interaction { channel, ..Interaction::opened(&attempt, &lead, StartedBy::Campaign, now) };
        let write = Transaction::of(Write::OpenInteraction(open.clone()));
        api.context.store.commit(&api.keys.workspace, &write).await.expect("a table");
        let detail = api.get(&path(&open.id)).await.problem(404, "no_recording")["detail"].to_string();
        assert!(detail.contains(why), "{detail}");
    }
    // No key of Retell's is set.
    let path = path(&over(&api, record, true).await);
    api.get(&path).await.ok(202);
    api.do_jobs().await;
    let detail = api.get(&path).await.problem(502, "recording_not_fetched")["detail"].to_string();
    assert!(detail.contains("PUT /secrets/retell"), "{detail}");
}
