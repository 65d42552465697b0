//! The access patterns of the entities, on a table in memory.

use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{
    AttemptId, CallerNumberId, CampaignId, DeliveryId, EventId, ImportId, LeadId, TopUpId, WebhookEndpointId,
    WorkspaceId,
};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_domain::importing::LeadDraft;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::active_attempt::CallRequest;
use carillon_domain::records::credits::TopUp;
use carillon_domain::records::lead::{DueClass, FileOrder, Lead, LeadState, Origin};
use carillon_domain::records::webhook_delivery::{DeliveryStatus, WebhookDelivery};
use carillon_domain::transaction::{Transaction, Write};
use carillon_store::{
    Admission, CommitError, DeliveryFilter, DuePlace, DueRange, IdempotencyRecord, Lease, PlanState,
    RejectedBy, RejectedRow, Release, RowOutcome, SenderGrant, Store, StoredResponse,
};

const NOW: Timestamp = Timestamp::from_millis(1_795_420_800_000);

fn workspace(n: u8) -> WorkspaceId {
    WorkspaceId::new(NOW, [n; 10])
}

fn campaign() -> CampaignId {
    CampaignId::new(NOW, [2; 10])
}

fn number(n: u64) -> E164 {
    format!("+4930{:07}", 1_000_000 + n).parse().expect("a number")
}

fn lead(row: u64) -> Lead {
    let draft = LeadDraft::new(number(row), []);
    let origin = Origin { import: ImportId::new(NOW, [3; 10]), row };
    draft.into_lead(LeadId::derive(&campaign(), &number(row)), FileOrder { at: NOW, row }, Some(origin), NOW)
}

fn request(lead: u64, attempt: u8) -> CallRequest {
    CallRequest {
        attempt: AttemptId::new(NOW, [attempt; 10]),
        lead: LeadId::derive(&campaign(), &number(lead)),
        person: Vec::new(),
        caller_number: None,
        instructions: None,
        requested_at: NOW,
    }
}

async fn taken(store: &Store, at: Timestamp) -> Option<PlanState> {
    match store.take_lease(&workspace(1), at, at.plus_ms(MINUTE_MS)).await.expect("a table") {
        Lease::Taken(state) => Some(*state),
        Lease::Held => None,
    }
}

#[tokio::test]
async fn one_planner_at_a_time_and_each_with_an_epoch() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let first = taken(&store, NOW).await.expect("nobody plans");
    assert_eq!(taken(&store, NOW.plus_ms(SECOND_MS)).await, None, "the first is at work");
    let Release::Again(again) = store.release_lease(&ws, &first).await.expect("a table") else {
        panic!("somebody asked meanwhile");
    };
    assert_eq!(again.epoch, first.epoch);
    assert_eq!(store.release_lease(&ws, &again).await.expect("a table"), Release::Done);
    let second = taken(&store, NOW).await.expect("it was given back");
    assert_eq!(second.epoch, first.epoch + 1);
    let third = taken(&store, NOW.plus_ms(2 * MINUTE_MS)).await.expect("the lease ran out");
    assert_eq!(third.epoch, second.epoch + 1);
    assert_eq!(store.release_lease(&ws, &second).await.expect("a table"), Release::Overtaken);
    store.drop_lease(&ws, second.epoch).await.expect("a table");
    assert_eq!(taken(&store, NOW.plus_ms(2 * MINUTE_MS)).await, None, "another's lease is not dropped");
}

#[tokio::test]
async fn a_workspace_is_found_from_its_minute_on() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    store.add_work(&workspace(2), NOW.plus_ms(MINUTE_MS)).await.expect("a table");
    store.add_work(&ws, NOW).await.expect("a table");
    assert_eq!(store.due_workspaces(NOW).await.expect("a table"), std::slice::from_ref(&ws));
    assert_eq!(store.due_workspaces(NOW.plus_ms(MINUTE_MS)).await.expect("a table").len(), 2);
    let state = taken(&store, NOW).await.expect("nobody plans");
    assert_eq!(state.wake_at, Some(NOW));
    let state = PlanState { wake_at: None, ..state };
    assert_eq!(store.release_lease(&ws, &state).await.expect("a table"), Release::Done);
    assert_eq!(store.due_workspaces(NOW).await.expect("a table"), []);
}

#[tokio::test]
async fn a_refusal_says_which_writes() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let state = taken(&store, NOW).await.expect("nobody plans");
    let put = |n| Write::PutRequest(request(1, n));
    let advance = |epoch| Write::AdvancePlan { epoch, rate_states: RateStates::default() };
    store.commit(&ws, &Transaction::of(put(1))).await.expect("nobody has asked");
    let refused = |result| match result {
        Err(CommitError::Refused(writes)) => writes,
        other => panic!("{other:?}"),
    };
    let both = Transaction(vec![put(2), advance(state.epoch + 1)]);
    assert_eq!(refused(store.commit(&ws, &both).await), both.0);
    let one = Transaction(vec![advance(state.epoch), put(2)]);
    assert_eq!(refused(store.commit(&ws, &one).await), [put(2)]);
    let (_, requests) = store.in_flight(&ws).await.expect("a table");
    assert_eq!(requests, [request(1, 1)], "nothing of either was written");
}

#[tokio::test]
async fn rows_become_leads_once_and_wait_in_file_order() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let leads: Vec<_> = (2..22).map(lead).collect();
    let created = store.create_leads(&ws, &leads).await.expect("a table");
    let is_created = |(lead, outcome): (&Lead, &RowOutcome)| *outcome == RowOutcome::Created(lead.id.clone());
    assert!(leads.iter().zip(&created).all(is_created));
    let again = store.create_leads(&ws, &leads[..2]).await.expect("a table");
    assert_eq!(again, created[..2], "the same rows: a reply was lost");
    let other = Lead { origin: None, ..lead(3) };
    let duplicate = store.create_leads(&ws, &[other]).await.expect("a table");
    assert_eq!(duplicate, [RowOutcome::Duplicate { lead: lead(3).id, of: lead(3).origin }]);

    let (zone, class) = (leads[0].zone.clone(), DueClass::Fresh);
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = store.due_leads(&ws, &campaign(), class, Some(&zone), 6, from).await.expect("a table");
        found.extend(page.entries.into_iter().map(|entry| entry.lead));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(found, Vec::from_iter(leads.iter().map(|lead| lead.id.clone())));
    let place = DuePlace { campaign: campaign(), class, zone: Some(zone.clone()) };
    let first = store.first_due(&ws, &place, &DueRange::due_by(NOW), 3).await.expect("a table");
    assert_eq!(first, found[..3]);
    let waiting = store.due_by(&ws, &campaign(), class, Some(&zone), NOW).await.expect("a table");
    assert_eq!((waiting.count, waiting.is_more), (20, false));
    assert_eq!(store.waiting_before(&ws, &leads[7]).await.expect("a table").count, 7);
    assert_eq!(store.all_leads(&ws, &campaign()).await.expect("a table"), leads);
    assert!(store.has_unsettled(&ws, &campaign()).await.expect("a table"));

    for before in leads {
        let after = Lead { state: LeadState::Completed, version: 2, ..before.clone() };
        let settled = Transaction::of(Write::UpdateLead { before, after });
        store.commit(&ws, &settled).await.expect("it is as it was read");
        assert!(store.commit(&ws, &settled).await.is_err_and(|error| error.refuses(|_| true)));
    }
    assert!(!store.has_unsettled(&ws, &campaign()).await.expect("a table"));
    let page = store.due_leads(&ws, &campaign(), class, Some(&zone), 6, None).await.expect("a table");
    assert_eq!(page.entries, [], "who has settled waits no more");
}

#[tokio::test]
async fn a_caller_number_is_there_once() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let caller = |id: u8, n| CallerNumber {
        id: CallerNumberId::new(NOW, [id; 10]),
        version: 1,
        number: number(n),
        label: None,
        provider: VoiceProvider::default(),
        phone_number_id: "phnum_1".to_owned(),
        line: Line::Twilio,
        rate_limit_per_minute: None,
        reserved_per_minute: None,
        concurrent_limit: None,
        daily_cap: None,
        sms: None,
        created_at: NOW,
        updated_at: NOW,
    };
    assert!(store.create_caller_number(&ws, &caller(1, 1)).await.expect("a table"));
    assert!(!store.create_caller_number(&ws, &caller(2, 1)).await.expect("a table"), "the number is taken");
    assert!(store.create_caller_number(&ws, &caller(2, 2)).await.expect("a table"));
    let moved = CallerNumber { version: 2, ..caller(1, 3) };
    assert!(store.update_caller_number(&ws, &moved).await.expect("a table"));
    assert!(!store.update_caller_number(&ws, &moved).await.expect("a table"), "it is one version older");
    assert_eq!(store.caller_number_of(&ws, &number(1)).await.expect("a table"), None, "it is free again");
    assert_eq!(store.caller_number_of(&ws, &number(3)).await.expect("a table"), Some(moved.id.clone()));
    assert!(!store.remove_caller_number(&ws, &caller(1, 3)).await.expect("a table"), "it has changed since");
    assert!(store.remove_caller_number(&ws, &moved).await.expect("a table"));
    assert_eq!(store.caller_number_of(&ws, &number(3)).await.expect("a table"), None);
    let (_, left) = store.voices(&ws).await.expect("a table");
    assert_eq!(left, [caller(2, 2)]);
}

#[tokio::test]
async fn a_number_of_our_account_is_given_to_one_workspace() {
    let (store, aws) = (Store::in_memory(), MessageProvider::Aws);
    let grant = |ws: u8, n, identity: Option<&str>| SenderGrant {
        number: number(n),
        workspace: workspace(ws),
        identity: identity.map(str::to_owned),
        opt_out_list: "Default".to_owned(),
    };
    assert!(store.grant_sender(aws, &grant(1, 1, None)).await.expect("a table"));
    assert!(!store.grant_sender(aws, &grant(2, 1, None)).await.expect("a table"), "it is another's");
    assert!(store.grant_sender(aws, &grant(1, 1, Some("pool-1"))).await.expect("a table"), "said anew");
    assert!(store.grant_sender(aws, &grant(2, 2, None)).await.expect("a table"));
    let known = store.sender_grant(aws, &number(1)).await.expect("a table");
    assert_eq!(known, Some(grant(1, 1, Some("pool-1"))));
    assert_eq!(store.sender_grants(aws).await.expect("a table").len(), 2);
    store.revoke_sender(aws, &number(1)).await.expect("a table");
    assert!(store.grant_sender(aws, &grant(2, 1, None)).await.expect("a table"), "it is free again");
}

#[tokio::test]
async fn a_text_is_answered_once() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let text = AttemptId::new(NOW, [7; 10]);
    assert!(store.claim_answer(&ws, &text, NOW).await.expect("a table"));
    assert!(!store.claim_answer(&ws, &text, NOW).await.expect("a table"));
    assert!(store.claim_answer(&workspace(2), &text, NOW).await.expect("a table"), "that is another's text");
    let later = NOW.plus_ms(1);
    assert_eq!(store.first_seen(&ws, &text, NOW).await.expect("a table"), NOW);
    assert_eq!(store.first_seen(&ws, &text, later).await.expect("a table"), NOW, "it came before");
    assert_eq!(store.first_seen(&workspace(2), &text, later).await.expect("a table"), later);
}

#[tokio::test]
async fn a_top_up_is_booked_once_and_pages_go_back_in_time() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let top_up = |n: u8| {
        let at = NOW.plus_ms(i64::from(n));
        TopUp { id: TopUpId::new(at, [n; 10]), at, micros: 10, note: None }
    };
    for n in 0..5 {
        assert!(store.book_top_up(&ws, &top_up(n)).await.expect("a table"));
        assert!(!store.book_top_up(&ws, &top_up(n)).await.expect("a table"));
    }
    assert_eq!(store.credits(&ws).await.expect("a table").topped_up_micros, 50);
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.top_ups(&ws, after.as_ref(), 2).await.expect("a table");
        read.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, [4, 3, 2, 1, 0].map(top_up));
}

#[tokio::test]
async fn a_list_is_remembered_while_it_has_entries() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let list: ListName = "vip".parse().expect("a name");
    assert!(store.add_list(&ws, &list).await.expect("a table"));
    assert_eq!(store.list_names(&ws).await.expect("a table").len(), 3);
    let listing =
        carillon_domain::policy::do_not_call::Listing { at: NOW, source: "api".into(), reason: None };
    let add = |n| Write::AddToDnc { list: list.clone(), number: number(n), listing: listing.clone() };
    store.commit(&ws, &Transaction((0..40).map(add).collect())).await.expect("no conditions");
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_page(&ws, &list, after.as_ref(), 7).await.expect("a table");
        read.extend(page.entries.into_iter().map(|entry| entry.number));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, Vec::from_iter((0..40).map(number)));
    assert!(!store.remove_list(&ws, &list).await.expect("a table"), "it has entries");
    let remove = |n| Write::RemoveFromDnc { list: list.clone(), number: number(n) };
    store.commit(&ws, &Transaction((0..40).map(remove).collect())).await.expect("no conditions");
    assert!(store.remove_list(&ws, &list).await.expect("a table"));
    assert_eq!(store.list_names(&ws).await.expect("a table").len(), 2);
}

#[tokio::test]
async fn a_request_is_done_once() {
    let (store, ws) = (Store::in_memory(), workspace(1));
    let fresh = |fingerprint: &str, at| IdempotencyRecord {
        fingerprint: fingerprint.to_owned(),
        seed: [7; 10],
        started_at: at,
        response: None,
    };
    let admit = async |record| store.admit(&ws, "hash", record).await.expect("a table");
    assert_eq!(admit(fresh("one", NOW)).await, Admission::Do(fresh("one", NOW)));
    assert_eq!(admit(fresh("one", NOW)).await, Admission::UnderWay);
    assert_eq!(admit(fresh("other", NOW)).await, Admission::OtherRequest);
    let late = NOW.plus_ms(2 * MINUTE_MS);
    assert_eq!(admit(fresh("one", late)).await, Admission::Do(fresh("one", NOW)), "it did not end");
    let response = StoredResponse { status: 201, body: "{}".to_owned(), etag: None };
    let done = IdempotencyRecord { response: Some(response.clone()), ..fresh("one", NOW) };
    store.remember(&ws, "hash", &done).await.expect("a table");
    assert_eq!(admit(fresh("one", NOW)).await, Admission::Done(response));
    store.forget(&ws, "hash").await.expect("a table");
    assert_eq!(admit(fresh("two", NOW)).await, Admission::Do(fresh("two", NOW)));
}

#[tokio::test]
async fn rejected_rows_are_read_from_a_chunk_on() {
    let (store, ws, import) = (Store::in_memory(), workspace(1), ImportId::new(NOW, [4; 10]));
    let row = |row| RejectedRow {
        row,
        column: None,
        value: None,
        reason: "bad".into(),
        is_warning: false,
        lead: None,
        contact: None,
        fields: Vec::new(),
    };
    let import = RejectedBy::Import(&import);
    for chunk in 0..12 {
        for _ in ["once", "the same again"] {
            let kept = store.keep_rejected(&ws, import, chunk, vec![row(chunk)]).await;
            assert_eq!(kept.expect("a table"), 1);
        }
    }
    let long = RejectedRow { reason: "x".repeat(150 * 1024), ..row(12) };
    let kept = store.keep_rejected(&ws, import, 12, vec![long.clone(), long]).await;
    assert_eq!(kept.expect("a table"), 2, "an item holds 400 KB");
    let rows = store.rejected_rows(&ws, import, 9, 2).await.expect("a table");
    assert_eq!(rows, [row(9), row(10)]);
    assert_eq!(store.rejected_rows(&workspace(2), import, 0, 9).await.expect("a table"), []);
}

/// The delivery of the `n`th event, of which three happen in a millisecond.
fn delivery(endpoint: &WebhookEndpointId, n: u64) -> WebhookDelivery {
    let at = NOW.plus_ms(i64::try_from(n / 3).expect("small"));
    let event = EventId::derive(&n.to_string(), 1, "lead.created", at);
    let is_taken = n.is_multiple_of(5);
    WebhookDelivery {
        id: DeliveryId::derive(endpoint, &event),
        version: 1,
        endpoint: endpoint.clone(),
        event,
        event_type: "lead.created".into(),
        campaign: None,
        body: "{}".into(),
        replay_of: None,
        status: if is_taken { DeliveryStatus::Delivered } else { DeliveryStatus::Pending },
        tries: Vec::new(),
        next_try_at: (!is_taken).then_some(at),
        created_at: at,
    }
}

#[tokio::test]
async fn deliveries_are_read_in_order_either_way_however_they_are_spread() {
    let (store, ws, endpoint) = (Store::in_memory(), workspace(1), WebhookEndpointId::new(NOW, [5; 10]));
    let all: Vec<WebhookDelivery> = (0..500).map(|n| delivery(&endpoint, n)).collect();
    assert_eq!(store.add_deliveries(&ws, &all).await.expect("a table").len(), all.len());
    assert!(store.add_deliveries(&ws, &all).await.expect("a table").is_empty(), "each once");
    let mut ids: Vec<DeliveryId> = all.iter().map(|one| one.id.clone()).collect();
    ids.sort();

    for (status, limit) in [(None, 7), (None, 100), (Some(DeliveryStatus::Delivered), 30)] {
        let filter = DeliveryFilter { status, event_type: None };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page =
                store.deliveries(&ws, &endpoint, &filter, after.as_ref(), limit).await.expect("a table");
            assert!(page.deliveries.len() <= limit);
            seen.extend(page.deliveries.into_iter().map(|one| one.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let is_meant = |id: &&DeliveryId| {
            all.iter().any(|one| one.id == **id && status.is_none_or(|status| one.status == status))
        };
        let expected: Vec<_> = ids.iter().rev().filter(is_meant).cloned().collect();
        assert_eq!(seen, expected, "{status:?} by {limit}");
    }

    let (mut seen, mut after) = (Vec::new(), ids[41].clone());
    loop {
        let range = (&after, &ids[450]);
        let read = store.deliveries_between(&ws, &endpoint, range, 30).await.expect("a table");
        let Some(last) = read.last() else { break };
        after = last.id.clone();
        seen.extend(read.into_iter().map(|one| one.id));
    }
    assert_eq!(seen, ids[42..=450]);
}

#[tokio::test]
async fn what_is_overdue_is_seen_within_as_many_minutes_as_there_are_shards() {
    let (store, ws, endpoint) = (Store::in_memory(), workspace(1), WebhookEndpointId::new(NOW, [5; 10]));
    let all: Vec<WebhookDelivery> = (0..100).map(|n| delivery(&endpoint, n)).collect();
    store.add_deliveries(&ws, &all).await.expect("a table");
    assert!(store.overdue_deliveries(NOW.plus_ms(MINUTE_MS)).await.expect("a table").is_empty(), "asked for");
    let mut seen = Vec::new();
    for minute in 3..7 {
        let due = store.overdue_deliveries(NOW.plus_ms(minute * MINUTE_MS)).await.expect("a table");
        seen.extend(due.into_iter().map(|one| one.delivery));
    }
    let pending = all.iter().filter(|one| one.status == DeliveryStatus::Pending);
    let mut expected: Vec<DeliveryId> = pending.map(|one| one.id.clone()).collect();
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
}
