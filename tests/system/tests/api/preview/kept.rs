//! What a preview says is what happens: the edit is made, each lead explained, and the planner run.

use std::collections::BTreeMap;

use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::{DAY_MS, HOUR_MS, Timestamp};
use carillon_domain::importing::LeadDraft;
use carillon_domain::records::lead::{Consent, FileOrder, Lead, LeadState};
use carillon_domain::transaction::Transaction;
use carillon_system_tests::api::Api;
use carillon_system_tests::people;
use serde_json::{Value, json};

/// Each lead has a zone of its own, by which it is found in the preview.
const CONSENTING: &str = "Europe/Berlin";
const SILENT: &str = "Europe/Paris";
const OVERSEAS: &str = "America/New_York";
const OF_PARTNERS: &str = "Europe/Rome";
const LISTED: &str = "Europe/Madrid";
const CALLED_ONCE: &str = "Europe/Vienna";
const CALLED_TWICE: &str = "Europe/Warsaw";
const CALLED_THRICE: &str = "Europe/Prague";
const CALLBACK: &str = "Europe/Oslo";

/// What a preview says of a lead.
#[derive(Debug)]
struct Foretold {
    kind: String,
    next_after: Option<Timestamp>,
}

/// A campaign that runs, and its leads by zone.
async fn running(api: &Api) -> (String, BTreeMap<&'static str, LeadId>) {
    let (store, ws, now) = (&api.context.store, &api.keys.workspace, api.context.now());
    people::lift_rate(&api.context, &api.keys).await;
    let path = api.campaign().await;
    api.patch(&path, json!({"concurrent_limit": 50, "time_zone": "Europe/Berlin"})).await.ok(200);
    let id: CampaignId = path.trim_start_matches("/campaigns/").parse().expect("an id");
    let mut leads = BTreeMap::new();
    let retry = |attempts, after_ms| (attempts, LeadState::RetryScheduled { due_at: now.plus_ms(after_ms) });
    let callback = LeadState::CallbackScheduled { due_at: now.plus_ms(2 * HOUR_MS) };
    for (row, (zone, (attempts, state))) in (1..).zip([
        (CONSENTING, (0, LeadState::Pending)),
        (SILENT, (0, LeadState::Pending)),
        (OVERSEAS, (0, LeadState::Pending)),
        (OF_PARTNERS, (0, LeadState::Pending)),
        (LISTED, (0, LeadState::Pending)),
        (CALLED_ONCE, retry(1, HOUR_MS)),
        (CALLED_TWICE, retry(2, DAY_MS + HOUR_MS)),
        // Its attempts are used up as it is.
        (CALLED_THRICE, retry(3, HOUR_MS)),
        (CALLBACK, (3, callback)),
    ]) {
        let number = format!("+49302318000{row:02}");
        match zone {
            OF_PARTNERS => listed(api, "partners", &number).await,
            LISTED => listed(api, "do_not_call", &number).await,
            _ => {}
        }
        let mut draft = LeadDraft::new(number.parse().expect("a number"), []);
        draft.timezone = Some(zone.parse().expect("a time zone"));
        draft.consent = (zone == CONSENTING).then(|| Consent {
            source: "form".into(),
            at: now,
            channel: None,
            proof: None,
        });
        let lead_id = LeadId::derive(&id, &draft.primary.number);
        let lead = draft.into_lead(lead_id.clone(), FileOrder { at: now, row }, None, now);
        store.add_zones(ws, &id, &[lead.zone.clone()].into()).await.expect("a table");
        store.create_leads(ws, &[Lead { state, attempts, ..lead }]).await.expect("a table");
        leads.insert(zone, lead_id);
    }
    store.add_work(ws, now).await.expect("a table");
    api.command(&format!("{path}/start")).await.ok(200);
    (path, leads)
}

async fn listed(api: &Api, list: &str, number: &str) {
    api.put(&format!("/do-not-call/{list}"), json!(null)).await;
    api.post(&format!("/do-not-call/{list}/numbers"), json!({"number": number})).await.ok(201);
}

/// When a lead may be called next, and why not before.
async fn explained(api: &Api, path: &str, lead: &LeadId) -> (Option<Timestamp>, Vec<String>) {
    let told = api.get(&format!("{path}/leads/{lead}/explain")).await.ok(200);
    let codes = told["reasons"].as_array().expect("reasons").iter();
    let codes = codes.map(|reason| reason["code"].as_str().expect("a code").to_owned()).collect();
    (moment(&told["next_possible_at"]), codes)
}

fn moment(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|at| at.parse().expect("a moment"))
}

/// Makes a plan, notes whom it calls, and takes the calls back.
async fn plan(api: &Api, called: &mut BTreeMap<LeadId, Timestamp>) {
    let (store, ws) = (&api.context.store, &api.keys.workspace);
    carillon_planner::plan(&api.context, ws).await.expect("a plan");
    for active_attempt in store.in_flight(ws).await.expect("a table").0 {
        called.entry(active_attempt.lead.clone()).or_insert(api.context.now());
        store.commit(ws, &Transaction::release_claim(&active_attempt)).await.expect("a table");
    }
}

/// Previews an edit and makes it; each lead must fare as foretold. Answers how each moves.
async fn kept(changes: Value) -> BTreeMap<&'static str, String> {
    let api = Api::start().await;
    let (path, leads) = running(&api).await;
    let preview = api.post(&format!("{path}/preview"), changes.clone()).await.ok(200);
    let groups = preview["groups"].as_array().expect("groups");
    let mut foretold = BTreeMap::new();
    for (zone, lead) in &leads {
        let Some(group) = groups.iter().find(|group| group["zone"] == **zone) else { continue };
        let (next_before, _) = explained(&api, &path, lead).await;
        assert_eq!(moment(&group["next_before"]), next_before, "{changes} {zone}");
        let moves = group["moves"].as_object().expect("moves");
        assert_eq!((group["leads"].as_u64(), moves.len()), (Some(1), 1), "{group}");
        let kind = moves.keys().next().expect("a move").clone();
        assert!(preview["samples"][&kind].as_array().expect("ids").contains(&json!(lead)), "{preview}");
        foretold.insert(*zone, Foretold { kind, next_after: moment(&group["next_after"]) });
    }
    assert_eq!(preview["skipped"].as_object().expect("skipped").values().cloned().collect::<Vec<_>>(), [1]);
    assert!(!foretold.contains_key(LISTED), "it is skipped anyway");

    api.patch(&path, changes.clone()).await.ok(200);
    for (zone, Foretold { kind, next_after }) in &foretold {
        let (next, codes) = explained(&api, &path, &leads[zone]).await;
        assert_eq!(*next_after, next, "{changes} {zone} {kind} {codes:?}");
    }
    let called = run(&api, foretold.values().filter_map(|foretold| foretold.next_after)).await;
    let mut moves = BTreeMap::new();
    for (zone, Foretold { kind, next_after }) in foretold {
        let lead = &leads[zone];
        let context = format!("{changes} {zone} {kind}");
        assert_eq!(called.get(lead), next_after.as_ref(), "{context}");
        let state = api.get(&format!("{path}/leads/{lead}")).await.ok(200);
        let is_settled = match kind.as_str() {
            "exhausted" => Some("exhausted"),
            "no_consent" | "do_not_call" => {
                assert_eq!(state["status_reason"], kind, "{context} {state}");
                Some("skipped")
            }
            _ => None,
        };
        if let Some(status) = is_settled {
            assert_eq!(state["status"], status, "{context} {state}");
        }
        moves.insert(zone, kind);
    }
    moves
}

/// Plans just before and at each of these moments, and some days later; who was called first when.
async fn run(api: &Api, moments: impl Iterator<Item = Timestamp>) -> BTreeMap<LeadId, Timestamp> {
    let now = api.context.now();
    let later = (0..20).map(|hours| now.plus_ms(hours * 4 * HOUR_MS));
    let mut at: Vec<_> = moments.flat_map(|at| [at.plus_ms(-1), at]).chain(later).collect();
    at.retain(|at| *at >= now);
    at.sort();
    at.dedup();
    let mut called = BTreeMap::new();
    for at in at {
        api.context.clock.advance_to(at);
        plan(api, &mut called).await;
    }
    called
}

fn named(moves: &BTreeMap<&'static str, String>, kind: &str) -> Vec<&'static str> {
    moves.iter().filter(|(_, of)| *of == kind).map(|(zone, _)| *zone).collect()
}

#[tokio::test]
async fn hours_are_narrowed_or_a_day_is_left_out() {
    // It is Monday noon; the others are of Tuesday.
    let later = [OVERSEAS, CONSENTING, CALLBACK, SILENT, OF_PARTNERS, CALLED_ONCE];
    for changes in [json!({"hours": {"monday": null}}), json!({"except_dates": ["2026-11-23"]})] {
        assert_eq!(named(&kept(changes).await, "later"), later);
    }
    let afternoons = json!({"hours": {"monday": [{"from": "14:00", "to": "18:00"}], "tuesday": null}});
    let moves = kept(afternoons).await;
    assert_eq!(named(&moves, "later"), [&later[..], &[CALLED_TWICE]].concat());
}

#[tokio::test]
async fn fewer_attempts_are_made() {
    let moves = kept(json!({"retry": {"max_attempts": 2}})).await;
    assert_eq!(named(&moves, "exhausted"), [CALLED_TWICE]);
    assert_eq!(moves[CALLED_THRICE], "stays");
    assert_eq!(named(&kept(json!({"retry": {"max_attempts": 4}})).await, "newly_possible"), [CALLED_THRICE]);
}

#[tokio::test]
async fn consent_is_asked_for() {
    let moves = kept(json!({"requires_consent": true})).await;
    let skipped = [OVERSEAS, CALLBACK, SILENT, OF_PARTNERS, CALLED_ONCE, CALLED_TWICE];
    assert_eq!(named(&moves, "no_consent"), skipped);
    assert_eq!(named(&moves, "stays"), [CONSENTING, CALLED_THRICE]);
}

#[tokio::test]
async fn a_do_not_call_list_is_chosen() {
    let moves = kept(json!({"suppression_lists": ["partners"]})).await;
    assert_eq!(named(&moves, "do_not_call"), [OF_PARTNERS]);
    assert_eq!(named(&moves, "stays").len(), 7);
}

#[tokio::test]
async fn the_period_is_cut_short() {
    let moves = kept(json!({"period": {"end": "2026-11-23"}})).await;
    assert_eq!(named(&moves, "period_over"), [CALLED_TWICE]);
}
