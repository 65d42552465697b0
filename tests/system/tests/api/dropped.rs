//! Files as people have them, dropped and read: who becomes a lead, and what is told of the rest.

use carillon_domain::base::time::Timestamp;
use carillon_local::workers;
use carillon_system_tests::api::{Answer, Api, HasId};
use carillon_system_tests::people;
use serde_json::{Value, json};

/// A campaign of a country.
pub(crate) async fn campaign(api: &Api, country: &str) -> String {
    let form = json!({"name": country, "assistant_id": api.keys.assistant, "default_country": country});
    format!("/campaigns/{}", api.post("/campaigns", form).await.ok(201).id())
}

/// Drops a CSV for a campaign and has it read; answers with the import and its path.
pub(crate) async fn dropped(api: &Api, campaign: &str, file: &str) -> (Value, String) {
    dropped_as(api, campaign, "people.csv", file.as_bytes()).await
}

/// The same for any file.
pub(crate) async fn dropped_as(api: &Api, campaign: &str, name: &str, file: &[u8]) -> (Value, String) {
    let ws = &api.keys.workspace;
    let id = campaign.trim_start_matches("/campaigns/");
    let before = api.all(&format!("{campaign}/imports")).await;
    let key = format!("drops/{ws}/{id}/{} {name}", before.len());
    api.context.files.write(&key, file.to_vec()).await.expect("a file");
    people::tell_of_file(&api.context, &key).await;
    read_files(api).await;
    let is_new = |import: &Value| before.iter().all(|known| known["id"] != import["id"]);
    let import = api.all(&format!("{campaign}/imports")).await.into_iter().find(is_new).expect("an import");
    let path = format!("{campaign}/imports/{}", import.id());
    (import, path)
}

/// Has the importer read the files that it was told of.
pub(crate) async fn read_files(api: &Api) {
    let carillon_adapters::queue::Queue::Local(queue) = &api.context.queues.import else {
        panic!("these tests keep local queues")
    };
    loop {
        let batch = queue.receive(10, 60_000).expect("a queue");
        if batch.is_empty() {
            break;
        }
        for received in &batch {
            let event = workers::event(std::slice::from_ref(received));
            let deadline = api.context.now().plus_ms(60_000);
            let response = carillon_importer::handle(&api.context, event, deadline).await;
            assert_eq!(response.batch_item_failures.len(), 0);
            queue.delete(&received.receipt).expect("a queue");
        }
    }
}

/// The numbers of each lead, by the order of the file.
async fn leads(api: &Api, campaign: &str) -> Vec<Vec<String>> {
    let phones = |lead: &Value| {
        let phones = lead["phones"].as_array().expect("numbers").iter();
        phones.map(|phone| phone["value"].as_str().expect("a number").to_owned()).collect()
    };
    api.all(&format!("{campaign}/leads")).await.iter().map(phones).collect()
}

pub(super) fn counts(import: &Value) -> [u64; 5] {
    ["rows", "created", "duplicates", "invalid", "warnings"]
        .map(|name| import[name].as_u64().expect("a number"))
}

#[tokio::test]
async fn a_bad_cell_costs_the_cell() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = "name,phone,phone_2,email,timezone\r\n\
        Ida,+49 171 3920001,n/a,ida@example.com,\r\n\
        Bo,+49 171 3920002,-,bo.@@example,\r\n\
        Cy,+49 171 3920003,,unknown,EST\r\n\
        Dea,n/a,+49 171 3920004,,\r\n\
        Eli,12,,,\r\n";
    let (import, path) = dropped(&api, &campaign, file).await;
    assert_eq!(counts(&import), [5, 4, 0, 1, 2]);
    let numbers: Vec<_> = leads(&api, &campaign).await.into_iter().flatten().collect();
    assert_eq!(numbers, ["+491713920001", "+491713920002", "+491713920003", "+491713920004"]);
    let told = |list: Vec<Value>| {
        let told = |row: &Value| (row["row"].as_u64(), row["column"].clone(), row["value"].clone());
        list.iter().map(told).collect::<Vec<_>>()
    };
    let warnings = told(api.all(&format!("{path}/warnings?limit=1")).await);
    assert_eq!(
        warnings,
        [(Some(3), json!("email"), json!("bo.@@example")), (Some(4), json!("timezone"), json!("EST"))]
    );
    assert_eq!(told(api.all(&format!("{path}/rejected")).await), [(Some(6), json!("phone"), json!("12"))]);
}

#[tokio::test]
async fn ragged_rows_and_the_end_of_an_old_file_cost_nothing() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = "name;phone;city;note\r\nIda;+49 171 3920001;Ulm;\r\nBo;+49 171 3920002;Ulm\r\n\
        Cy;+49 171 3920003\r\nDea;+49 171 3920004;Ulm;x;;\r\nEli;+49 171 3920005;Ulm;x;surplus\r\n;;;\r\n\u{1a}";
    let (import, path) = dropped(&api, &campaign, file).await;
    assert_eq!(counts(&import), [5, 4, 0, 1, 0]);
    let rejected = api.all(&format!("{path}/rejected")).await;
    assert_eq!((&rejected[0]["row"], &rejected[0]["value"]), (&json!(6), &json!("surplus")));
    let report = async |query: &str| api.get(&format!("{path}/rejected.csv{query}")).await.text;
    assert!(report("").await.starts_with("\u{feff}name;phone;city;note;row;column;value;reason\r\n"));
    assert!(report("?delimiter=comma").await.starts_with("\u{feff}name,phone,city,note,row,"));
    assert!(report("?delimiter=tab").await.starts_with("\u{feff}name\tphone\t"));
}

#[tokio::test]
async fn the_sheets_of_other_programs_are_read_and_a_twin_header_costs_nothing() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let hubspot = "\"Record ID\",\"First Name\",\"Phone Number\",\"Mobile Phone Number\",\"Fax Number\"\r\n\
        \"901\",\"Ida\",\"+49 30 23125001\",\"+49 171 3920001\",\"+49 30 23125009\"\r\n\
        \"902\",\"Bo\",\"\",\"+49 171 3920002\",\"\"\r\n";
    let (import, _) = dropped(&api, &campaign, hubspot).await;
    assert_eq!(counts(&import), [2, 2, 0, 0, 0]);
    assert!(import["notices"][0].as_str().expect("a notice").contains("`Fax Number`"));
    dropped(&api, &campaign, "MSISDN\r\n+493023125003\r\n").await;
    let (twins, _) =
        dropped(&api, &campaign, "Phone,Notes,Phone,Notes,\r\n+49 171 3920004,a,+49 30 23125004,b,\r\n")
            .await;
    assert!(twins["notices"][0].as_str().expect("a notice").contains("`notes_2`"));
    let mut numbers = leads(&api, &campaign).await;
    numbers.sort();
    let expected: [&[&str]; 4] = [
        &["+491713920002"],
        &["+491713920004", "+493023125004"],
        &["+493023125001", "+491713920001"],
        &["+493023125003"],
    ];
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn two_numbers_in_one_cell_are_nobodys_third() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let file = "name,phone\nA,030 23125001/02\nB,030 23125-001 / 002\nC,030/23125003\n\
        D,030 23125004 / 0171 3920004\nE,030 23125005 oder 0171 3920005\nF,030 23125006; 0171 3920006\n\
        G,030 23125007 (privat)\nH,Tel. 030 23125008\n";
    let (import, path) = dropped(&api, &campaign, file).await;
    assert_eq!(counts(&import), [8, 3, 0, 5, 0]);
    let numbers: Vec<_> = leads(&api, &campaign).await.into_iter().flatten().collect();
    assert_eq!(numbers, ["+493023125003", "+493023125007", "+493023125008"]);
    for rejected in api.all(&format!("{path}/rejected")).await {
        assert!(
            rejected["reason"].as_str().expect("a reason").starts_with("there are two numbers"),
            "{rejected}"
        );
    }
    let post = async |form: Value| api.post(&format!("{campaign}/leads"), form).await;
    assert_eq!(post(json!({"phone": "030 23125001/02"})).await.faults(422, "invalid_fields"), ["phone"]);
    let second = json!({"phone": "030 23125001", "secondary_phones": ["030 23125002 / 03"]});
    assert_eq!(post(second).await.faults(422, "invalid_fields"), ["secondary_phones[0]"]);
}

#[tokio::test]
async fn digits_that_could_be_two_numbers_are_asked_about_once() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let (failed, _) = dropped(&api, &campaign, "Telefon\n442079460123\n61491570006\n").await;
    assert_eq!(failed["status"], "failed");
    let question = failed["error"].as_str().expect("a question");
    assert!(question.contains("`Telefon`") && question.contains("phone international"), "{question}");
    // The header answers, or rows that can mean one thing.
    dropped(&api, &campaign, "phone international\n442079460123\n").await;
    dropped(&api, &campaign, "Telefon\n442079460124\n12025550123\n").await;
    dropped(&api, &campaign, "phone national\n442079460123\n").await;
    let mut numbers: Vec<_> = leads(&api, &campaign).await.into_iter().flatten().collect();
    numbers.sort();
    assert_eq!(numbers, ["+12025550123", "+442079460123", "+442079460124", "+49442079460123"]);
}

const EXPENSIVE: &str = "name,phone\nA,+1 900 555 0123\nB,+44 90 1123 4567\nC,+49 900 1 234567\n\
    D,+33 8 99 12 34 56\nE,+979 1 2345 6789\nF,+881 6 5123 4567\nG,+44 70 4412 3456\nH,+1 500 555 0006\n\
    I,+1 202 555 0123\n";

#[tokio::test]
async fn numbers_that_cost_the_caller_are_refused_by_their_class() {
    let api = Api::start().await;
    let campaign = campaign(&api, "DE").await;
    let (import, path) = dropped(&api, &campaign, EXPENSIVE).await;
    assert_eq!(counts(&import), [9, 1, 0, 8, 0]);
    let rejected = api.all(&format!("{path}/rejected")).await;
    for (row, class) in
        rejected.iter().zip(["premium_rate"; 5].into_iter().chain(["satellite", "personal", "personal"]))
    {
        assert!(row["reason"].as_str().expect("a reason").contains(class), "{row}");
    }
    let post = async |form: Value| -> Answer { api.post(&format!("{campaign}/leads"), form).await };
    let premium = json!({"phone": "+49 900 1 234567"});
    assert_eq!(post(premium.clone()).await.faults(422, "invalid_fields"), ["phone"]);
    let second = json!({"phone": "030 901820", "secondary_phones": ["+881 6 5123 4567"]});
    assert_eq!(post(second.clone()).await.faults(422, "invalid_fields"), ["secondary_phones[0]"]);

    let allow = async |classes: Value| {
        api.patch("/workspace", json!({"allowed_number_classes": classes})).await.ok(200)["allowed_number_classes"].clone()
    };
    assert_eq!(allow(json!(["satellite", "premium_rate"])).await, json!(["premium_rate", "satellite"]));
    let allowed = post(premium).await.ok(201).id();
    let mixed = post(second).await.ok(201).id();
    assert_eq!(allow(json!([])).await, json!([]));
    let unknown = api.patch("/workspace", json!({"allowed_number_classes": ["cheap"]})).await;
    unknown.problem(422, "invalid_fields");

    // Who is there already is not called, by hand or in turn, and says why.
    let explained = api.get(&format!("{campaign}/leads/{allowed}/explain")).await.ok(200);
    let codes: Vec<_> =
        explained["reasons"].as_array().expect("reasons").iter().map(|reason| &reason["code"]).collect();
    assert!(codes.contains(&&json!("number_class")), "{explained}");
    let by_hand = json!({"leadId": allowed, "direction": "outbound"});
    api.post("/voice/calls/initiate", by_hand).await.problem(409, "number_class_not_allowed");
    // Its other fields may still be changed.
    api.patch(&format!("{campaign}/leads/{allowed}"), json!({"name": "Ana"})).await.ok(200);
    api.command(&format!("{campaign}/start")).await.ok(200);
    carillon_planner::plan(&api.context, &api.keys.workspace).await.expect("a plan");
    let lead = api.get(&format!("{campaign}/leads/{allowed}")).await.ok(200);
    assert_eq!(lead["status"], "skipped");
    let (active_attempts, _) = api.context.store.in_flight(&api.keys.workspace).await.expect("a table");
    assert!(active_attempts.iter().any(|attempt| attempt.lead.as_str() == mixed));
    assert!(active_attempts.iter().all(|attempt| !attempt.number.as_str().starts_with("+49900")));
}

#[tokio::test]
async fn mexican_numbers_in_every_spelling_are_one_lead() {
    let api = Api::start().await;
    let campaign = campaign(&api, "MX").await;
    let file = "name,phone\nA,+52 1 55 5012 3456\nB,+52 55 5012 3456\nC,5215550123456\nD,044 55 5012 3456\n\
        E,55 5012 3456\n";
    let (import, _) = dropped(&api, &campaign, file).await;
    assert_eq!(counts(&import), [5, 1, 4, 0, 0]);
    assert_eq!(leads(&api, &campaign).await, [["+525550123456"]]);
}

#[tokio::test]
async fn two_forms_of_an_argentine_number_are_one_person_on_every_list() {
    let api = Api::start().await;
    let campaign = campaign(&api, "AR").await;
    let file = "name,phone\nA,+54 11 5555-0123\nB,+54 9 11 5555-0123\nC,011 15 5555-0123\nD,11 5555 0123\n";
    let (import, _) = dropped(&api, &campaign, file).await;
    assert_eq!(counts(&import), [4, 1, 3, 0, 0]);
    let path = "/do-not-call/do_not_call/numbers";
    api.post(path, json!({"number": "+54 9 11 5555-0123"})).await.ok(201);
    api.post(path, json!({"number": "+54 11 5555-0123"})).await.ok(200);
    api.get(&format!("{path}/+541155550123")).await.ok(200);
    for lead in api.all(&format!("{campaign}/leads")).await {
        assert_eq!(lead["status"], "skipped", "{lead}");
    }
    let listed = api.all(path).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["number"], "+5491155550123");
    api.delete(&format!("{path}/+541155550123?reason=mistake")).await.ok(204);
    assert_eq!(api.all(path).await, [] as [Value; 0]);
}

/// The other form is the same person: never two calls at once, and the budget is one.
#[tokio::test]
async fn two_forms_of_a_number_are_not_called_at_once_nor_beyond_the_budget() {
    let api = Api::start().await;
    api.patch("/workspace", json!({"contact_budget": {"max": 1, "per_days": 1}})).await.ok(200);
    // In one campaign they are one lead.
    for phone in ["+54 11 5555-0123", "+54 9 11 5555-0123"] {
        let campaign = campaign(&api, "BR").await;
        api.lead(&campaign, phone).await;
        api.command(&format!("{campaign}/start")).await.ok(200);
    }
    api.advance_ms(3 * 3_600_000); // nine o'clock in Buenos Aires, and later
    carillon_planner::plan(&api.context, &api.keys.workspace).await.expect("a plan");
    let (active_attempts, _) = api.context.store.in_flight(&api.keys.workspace).await.expect("a table");
    assert_eq!(active_attempts.len(), 1);
}

#[tokio::test]
async fn zones_are_taken_by_every_name_and_cuba_keeps_its_summer_time() {
    let api = Api::start().await;
    let form = json!({"name": "Havana", "assistant_id": api.keys.assistant, "time_zone": "America/Havana",
        "hours": {"monday": [{"from": "09:00", "to": "18:00"}]}, "hours_zone": "recipient"});
    let campaign = format!("/campaigns/{}", api.post("/campaigns", form).await.ok(201).id());
    let post = async |form: Value| api.post(&format!("{campaign}/leads"), form).await;
    let mut leads = Vec::new();
    for (phone, zone) in
        [("+53 5 123 4567", ""), ("+53 5 123 4568", "America/Havana"), ("+53 5 123 4569", "Cuba")]
    {
        leads.push(post(json!({"phone": phone, "timezone": zone})).await.ok(201).id());
    }
    api.command(&format!("{campaign}/start")).await.ok(200);
    api.advance_ms(
        "2026-11-30T12:00:00Z".parse::<Timestamp>().expect("a moment").since_ms(api.context.now()),
    );
    for lead in &leads {
        let explained = api.get(&format!("{campaign}/leads/{lead}/explain")).await.ok(200);
        let text = explained.to_string();
        assert!(text.contains("2026-11-30T13:00:00.000Z"), "{text}");
    }
    for (zone, told) in [
        ("EST", "America/New_York"),
        ("UTC-5", "no summer time"),
        ("Berlin", "Europe/Berlin"),
        ("Nowhere", "such as"),
    ] {
        let problem =
            post(json!({"phone": "+53 5 123 4570", "timezone": zone})).await.problem(422, "invalid_fields");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{problem}");
    }
}
