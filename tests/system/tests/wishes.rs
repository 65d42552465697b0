//! Whatever stands in a lead's fields and in what a provider collected: the campaign goes on, every lead is accounted
//! for, and what a person asked for is done, or is open for somebody to settle.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::time::{HOUR_MS, SECOND_MS};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::lead::{Lead, LeadState, SkipReason};
use carillon_system_tests::api::{Api, HasId};
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::people;
use carillon_system_tests::webhook::tell_of_end;
use proptest::prelude::*;
use serde_json::{Value, json};

/// People of one campaign.
const PEOPLE: usize = 24;
/// How long the simulated network talks before its end is told by hand, in milliseconds.
const TALK_MS: i64 = 20 * SECOND_MS;

/// What somebody who reads the collected data would say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    OptOut,
    Nothing,
    /// To be called back on Tuesday at three, in Berlin.
    Tuesday,
    /// Something: nobody may take it for nothing.
    Something,
}

/// A person of the campaign, and what is collected when they are called.
#[derive(Debug, Clone)]
struct Person {
    name: String,
    company: String,
    note: String,
    analysis: Value,
    sense: Sense,
}

/// Text as people and models write it, and as it breaks things.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,30}",
        prop::sample::select(vec![
            "{{ name }}",
            "{% raw %}",
            "{{ system__caller_id }}",
            "{% for",
            "}}",
            "\"",
            "\\",
            "O'Neil",
            "null",
            "👩‍👩‍👧",
            "ß",
        ])
        .prop_map(str::to_owned),
    ]
}

/// JSON in which a word stands that means nothing to us.
fn gibberish() -> impl Strategy<Value = Value> {
    let word = "\\PC{0,20}".prop_map(|rest| json!(format!("zqx {rest}")));
    word.prop_recursive(3, 12, 3, |inner| {
        let beside = prop_oneof![Just(json!(null)), Just(json!(false)), Just(json!("no")), inner.clone()];
        prop_oneof![
            (inner.clone(), beside.clone()).prop_map(|(one, other)| json!([one, other])),
            (inner, "[a-d]", beside).prop_map(|(one, key, other)| json!({ key: one, "e": other })),
        ]
    })
}

/// A field's value and what it says, by the field.
fn said() -> impl Strategy<Value = (&'static str, Value, Sense)> {
    let opt_outs = vec![
        json!(true),
        json!("Yes."),
        json!("ja"),
        json!("Stop. Thank you"),
        json!(1),
        json!("1"),
        json!(["sí"]),
        json!("don’t call me anymore"),
        json!("NICHT MEHR ANRUFEN!"),
        json!({"value": "oui"}),
    ];
    let nothing = vec![
        json!(null),
        json!(false),
        json!(""),
        json!("no"),
        json!("No, thank you."),
        json!("nein danke"),
        json!("n/a"),
        json!("not discussed"),
        json!([]),
        json!({}),
    ];
    let tuesday = vec![
        json!("2026-11-24T15:00:00"),
        json!("2026-11-24 15:00"),
        json!("2026-11-24T14:00:00Z"),
        json!("2026-11-24T15:00+0100"),
        json!("tomorrow at 3 pm"),
        json!(1_795_528_800),
        json!("1795528800"),
    ];
    let odd = vec![
        json!(2),
        json!(-7.5),
        json!("maybe"),
        json!("🤷"),
        json!("stop calling on Mondays"),
        json!({"a": true}),
    ];
    prop_oneof![
        prop::sample::select(opt_outs).prop_map(|value| ("do_not_call", value, Sense::OptOut)),
        (prop::sample::select(vec!["do_not_call", "callback_at"]), prop::sample::select(nothing))
            .prop_map(|(field, value)| (field, value, Sense::Nothing)),
        prop::sample::select(tuesday).prop_map(|value| ("callback_at", value, Sense::Tuesday)),
        (
            prop::sample::select(vec!["do_not_call", "callback_at"]),
            prop_oneof![gibberish(), prop::sample::select(odd)]
        )
            .prop_map(|(field, value)| (field, value, Sense::Something)),
    ]
}

/// An analysis in which a field stands in one of the places that providers have for it.
fn analysis((field, value, sense): (&'static str, Value, Sense), place: usize) -> (Value, Sense) {
    let item = json!({"data_collection_id": field, "value": value, "rationale": "They said so."});
    let analysis = match place {
        0 => json!({"data_collection_results": {field: item}}),
        1 => {
            json!({"data_collection_results": {"item_01": {"name": field, "value": value}, "mood": {"value": "good"}}})
        }
        2 => json!({"data_collection_results_list": [{"name": field, "value": value}]}),
        3 => {
            json!({"data_collection_results": null, "scoped": [null, {"data_collection_results": {field: item}}]})
        }
        _ => json!({"data_collection_results": {field: value}}),
    };
    (analysis, sense)
}

fn person() -> impl Strategy<Value = Person> {
    (text(), text(), text(), said(), 0_usize..5).prop_map(|(name, company, note, said, place)| {
        let (analysis, sense) = analysis(said, place);
        Person { name, company, note, analysis, sense }
    })
}

/// Calls everybody once, tells of each end what was collected, and answers with the leads by what they said.
async fn campaign_of(people: Vec<Person>) -> (Api, String, Vec<(Person, Lead)>) {
    let mut options = Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) };
    options.network.faults.lose_permille = 1_000;
    let mut harness = Harness::start(options).await;
    people::lift_rate(&harness.context, &harness.keys).await;
    people::set_slots(&harness.context, &harness.keys, 50).await;
    let api = Api::of(&harness);
    let form = json!({"name": "Autumn", "assistant_id": harness.keys.assistant, "time_zone": "Europe/Berlin",
        "retry": {"max_attempts": 1}, "concurrent_limit": 50,
        "welcome_message_template": "Hi {{ name }} of {{ company }}: {{ note.upper() }}"});
    let campaign = format!("/campaigns/{}", api.post("/campaigns", form).await.ok(201).id());
    let mut by_number = BTreeMap::new();
    for (person, (number, _)) in people.into_iter().zip(people::people(PEOPLE, chrono_tz::Tz::Europe__Berlin))
    {
        let lead = json!({"phone": number, "name": person.name, "company": person.company,
            "timezone": "Europe/Berlin", "variables": {"note": person.note}});
        let id = api.post(&format!("{campaign}/leads"), lead).await.ok(201).id();
        by_number.insert(number, (id, person));
    }
    api.command(&format!("{campaign}/start")).await.ok(200);
    let mut told = BTreeSet::new();
    let end = harness.context.now().plus_ms(HOUR_MS);
    while told.len() < PEOPLE && harness.context.now() < end {
        harness.step().await;
        for call in harness.network.calls() {
            let is_over = harness.context.now().since_ms(call.placed_at) >= TALK_MS;
            if is_over && told.insert(call.to.to_string()) {
                tell_of_end(&harness, &call, &by_number[&call.to.to_string()].1.analysis).await;
            }
        }
    }
    assert_eq!(told.len(), PEOPLE, "everybody is called");
    let settled_at = harness.context.now().plus_ms(60 * SECOND_MS);
    harness.run_to(settled_at).await;
    let mut leads = Vec::new();
    for (id, person) in by_number.into_values() {
        let id: LeadId = id.parse().expect("an id");
        let lead = harness.context.store.lead(&harness.keys.workspace, &id).await.expect("a table");
        leads.push((person, lead.expect("a lead")));
    }
    (api, campaign, leads)
}

/// The lists that hold a number.
async fn lists_of(api: &Api, lead: &Lead) -> Vec<ListName> {
    let records =
        api.context.store.number_records(&api.keys.workspace, &lead.person()).await.expect("a table");
    records.into_iter().flat_map(|record| record.lists.into_keys()).collect()
}

/// Whether a wish is done, or open for a person; or that there was none.
fn is_right(sense: Sense, state: &LeadState, lists: &[ListName]) -> bool {
    let (never, open) = ([ListName::do_not_call()], [ListName::unclear_wishes()]);
    let is_listed = |reason, list: &[ListName]| *state == LeadState::Skipped { reason } && lists == list;
    let is_called_back =
        |state: &LeadState| matches!(state, LeadState::CallbackScheduled { .. }) && lists.is_empty();
    match sense {
        Sense::OptOut => is_listed(SkipReason::DoNotCall, &never),
        Sense::Nothing => *state == LeadState::Completed && lists.is_empty(),
        Sense::Tuesday => {
            let due_at = "2026-11-24T14:00:00Z".parse().expect("a time");
            *state == LeadState::CallbackScheduled { due_at } && lists.is_empty()
        }
        Sense::Something => {
            is_listed(SkipReason::DoNotCall, &never)
                || is_listed(SkipReason::UnclearWish, &open)
                || is_called_back(state)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn no_wish_is_lost_whatever_is_collected(people in prop::collection::vec(person(), PEOPLE)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let (api, campaign, leads) = campaign_of(people).await;
            for (person, lead) in &leads {
                let lists = lists_of(&api, lead).await;
                prop_assert!(
                    is_right(person.sense, &lead.state, &lists),
                    "{:?} of {} ended as {:?} on {lists:?}", person.sense, person.analysis, lead.state
                );
            }
            let status = api.get(&campaign).await.ok(200)["status"].clone();
            prop_assert!(status == "running" || status == "completed", "{status}");
            // What is open is found on the list, with the words.
            let open = api.all("/do-not-call/unclear_wishes/numbers").await;
            let resting = leads.iter().filter(|(_, lead)| lead.state.is_at_rest()).count();
            prop_assert_eq!(open.len(), resting);
            prop_assert!(open.iter().all(|entry| entry["reason"].is_string()), "{open:?}");
            Ok(())
        })?;
    }
}
