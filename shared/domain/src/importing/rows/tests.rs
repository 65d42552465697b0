//! What a row becomes, and the faults that keep it from becoming a lead.

use proptest::prelude::*;

use super::*;
use crate::base::numbering::NumberClass;
use crate::base::zone::ZoneNameError;
use crate::importing::{MAX_FIELD_BYTES, MAX_VARIABLES};

const HEADER: &str = "Phone,Mobile,Full Name,E-Mail,Company,Time Zone,Tags,Order ID";

fn columns(header: &str) -> ColumnMap {
    let headers: Vec<String> = header.split(',').map(ToOwned::to_owned).collect();
    ColumnMap::recognise(&headers).expect("a good header")
}

fn read(header: &str, fields: &[&str]) -> Result<Option<ReadRow>, Vec<RowError>> {
    let defaults = ImportDefaults { default_country: "DE".parse().ok(), ..ImportDefaults::default() };
    read_row(&columns(header), fields, 7, &defaults)
}

fn lead(header: &str, fields: &[&str]) -> LeadDraft {
    let row = read(header, fields).expect("a good row").expect("a row that is not blank");
    assert_eq!(row.warnings, []);
    row.draft
}

fn told(errors: Vec<RowError>) -> Vec<(String, String, Fault)> {
    errors.into_iter().map(|error| (error.column, error.value, error.reason)).collect()
}

/// Column, value and reason of each fault.
fn faults(header: &str, fields: &[&str]) -> Vec<(String, String, Fault)> {
    told(read(header, fields).expect_err("a bad row"))
}

fn number(text: &str) -> E164 {
    text.parse().expect("a number")
}

#[test]
fn a_row_becomes_a_lead() {
    let fields = [
        " 030 901820 ",
        "0170 / 1234567",
        "Ana\n  Schmidt",
        "ana@example.com",
        "Example  GmbH",
        "europe/berlin",
        "vip; berlin, vip",
        " A-7\nurgent ",
    ];
    let expected = LeadDraft {
        primary: number("+4930901820").into(),
        others: vec![number("+491701234567").into()],
        name: Some("Ana Schmidt".into()),
        email: Some("ana@example.com".into()),
        company: Some("Example GmbH".into()),
        timezone: Some(Tz::Europe__Berlin),
        consent: None,
        tags: vec!["vip".into(), "berlin".into()],
        variables: BTreeMap::from([("order_id".into(), "A-7\nurgent".into())]),
        overwrites: BTreeMap::new(),
    };
    assert_eq!(lead(HEADER, &fields), expected);
    assert_eq!(expected.check(), Ok(()));
}

#[test]
fn only_a_number_is_needed_and_blank_is_absent() {
    let bare = LeadDraft::new(number("+4930901820"), []);
    assert_eq!(lead(HEADER, &["+49 30 901820", "", " ", "", "\u{a0}", "", " ; ", ""]), bare);
    assert_eq!(lead("phone", &["030901820"]), bare);
}

#[test]
fn a_row_without_anything_is_no_row() {
    assert_eq!(read(HEADER, &["", " ", "\t", "", "", "", "", "\u{a0}"]), Ok(None));
    assert_eq!(read(HEADER, &[""]), Ok(None));
}

#[test]
fn the_first_number_that_is_there_is_the_primary_one_and_each_stands_once() {
    assert_eq!(lead("phone,phone_2", &["", "030 901821"]), LeadDraft::new(number("+4930901821"), []));
    let draft = lead("phone_3,phone,phone_2", &["030 901823", "030 901820", "+49 (0)30 901820"]);
    assert_eq!(draft, LeadDraft::new(number("+4930901820"), [number("+4930901823")]));
}

#[test]
fn first_and_last_name_make_a_name_and_stay_variables() {
    let header = "phone,last_name,First Name,name";
    let draft = lead(header, &["030901820", "Schmidt", "Ana", ""]);
    assert_eq!(draft.name.as_deref(), Some("Ana Schmidt"));
    let variables = [("first_name", "Ana"), ("last_name", "Schmidt")];
    assert_eq!(draft.variables, variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(lead(header, &["030901820", "Schmidt", "Ana", "Dr. S"]).name.as_deref(), Some("Dr. S"));
    assert_eq!(lead(header, &["030901820", "", "Ana", ""]).name.as_deref(), Some("Ana"));
}

#[test]
fn all_faults_of_a_row_are_told_at_once_by_their_headers() {
    let long = "x".repeat(MAX_FIELD_BYTES + 1);
    let cut = format!("{}…", &long[..200]);
    let fields = ["+1 415 555", "soon", "Ana", "ana@", "Example", "EST", "", long.as_str()];
    let fault = |column: &str, value: &str, reason| (column.to_owned(), value.to_owned(), reason);
    assert_eq!(
        faults(HEADER, &fields),
        [
            fault("Phone", "+1 415 555", Fault::Phone(PhoneError::TooShort)),
            fault("Mobile", "soon", Fault::Phone(PhoneError::NotANumber)),
            fault("Time Zone", "EST", Fault::Timezone(ZoneNameError::Abbreviation(Tz::America__New_York))),
            fault("E-Mail", "ana@", Fault::Email),
            fault("Order ID", &cut, Fault::FieldTooLong { bytes: MAX_FIELD_BYTES + 1 }),
        ]
    );
}

#[test]
fn a_row_without_a_number_is_a_fault() {
    let nothing = ("Phone".to_owned(), String::new(), Fault::Phone(PhoneError::Empty));
    assert_eq!(faults(HEADER, &["", "", "Ana", "", "", "", "", ""]), [nothing]);
}

#[test]
fn a_cell_that_cant_be_read_costs_no_more_than_itself() {
    let header = "name,phone,phone_2,email,timezone,notes";
    let number_of = |text: &str| LeadDraft::new(number(text), []);
    let good = number_of("+4930901820");
    let fault = |column: &str, value: &str, reason| (column.to_owned(), value.to_owned(), reason);
    for (fields, draft, warnings) in [
        (["", "030901820", "n/a", "-", "unknown", "N/A"], good.clone(), vec![]),
        (["", "030901820", "null", "None", "#N/A", "-"], good.clone(), vec![]),
        (["", "n/a", "030901820", "", "", ""], good.clone(), vec![]),
        (
            ["", "12", "030901820", "bo.@@example", "Atlantis", ""],
            good.clone(),
            vec![
                fault("phone", "12", Fault::Phone(PhoneError::TooShort)),
                fault("timezone", "Atlantis", Fault::Timezone(ZoneNameError::Unknown)),
                fault("email", "bo.@@example", Fault::Email),
            ],
        ),
        (
            ["", "030901820", "030 23125001/02", "", "", ""],
            good,
            vec![fault("phone_2", "030 23125001/02", Fault::Phone(PhoneError::Several))],
        ),
    ] {
        let row = read(header, &fields).expect("a good row").expect("a row that is not blank");
        assert_eq!((row.draft, told(row.warnings)), (draft, warnings), "{fields:?}");
    }
    let long = "x".repeat(MAX_FIELD_BYTES + 1);
    let row = read(header, &["", "030901820", "", "", "", &long]).expect("a good row").expect("a row");
    assert!(row.draft.variables.is_empty());
    assert_eq!(row.warnings.len(), 1);
}

#[test]
fn a_word_for_nothing_can_be_a_name_or_an_answer() {
    let draft = lead("phone,last_name,pets", &["030901820", "Null", "none"]);
    assert_eq!((draft.name.as_deref(), draft.variables["pets"].as_str()), (Some("Null"), "none"));
}

#[test]
fn a_number_of_a_class_that_is_not_allowed_is_refused_by_its_name() {
    let fault = |class| Fault::Phone(PhoneError::Class(class));
    let faults = faults("phone,phone_2", &["+49 900 1 234567", "+1 500 555 0006"]);
    let reasons: Vec<_> = faults.into_iter().map(|(_, _, reason)| reason).collect();
    assert_eq!(reasons, [fault(NumberClass::PremiumRate), fault(NumberClass::Personal)]);
    assert!(reasons[0].to_string().contains("premium_rate"));
    let allowed = [NumberClass::Personal].into_iter().collect();
    let defaults = ImportDefaults { allowed, ..ImportDefaults::default() };
    let row = read_row(&columns("phone"), &["+1 500 555 0006"], 2, &defaults).expect("a good row");
    assert_eq!(row.map(|row| row.draft), Some(LeadDraft::new(number("+15005550006"), [])));
}

#[test]
fn blank_fields_that_are_missing_or_too_many_cost_nothing() {
    let good = LeadDraft::new(number("+4930901820"), []);
    assert_eq!(lead("phone,name,city", &["030901820"]), good);
    assert_eq!(lead("phone,name", &["030901820", "", " ", ""]), good);
    let surplus = (String::new(), " Ana, x".to_owned(), Fault::FieldCount { found: 4, expected: 2 });
    assert_eq!(faults("phone,name", &["030901820", "Schmidt", " Ana", "x"]), [surplus]);
    assert_eq!(read("phone,name", &["\u{1a}"]), Ok(None));
    assert_eq!(lead("name,phone", &["", "030901820\u{1a}"]), good);
}

#[test]
fn a_guarded_cell_is_read_as_it_was() {
    let draft = lead("phone,formula", &["'+49-30-901820", "'=1+1"]);
    assert_eq!(draft.primary.number, number("+4930901820"));
    assert_eq!(draft.variables["formula"], "=1+1");
}

#[test]
fn ignored_columns_may_hold_anything() {
    let headers = ["phone".to_owned(), "html".to_owned()];
    let mapping = BTreeMap::from([("html".to_owned(), "ignore".to_owned())]);
    let map = ColumnMap::mapped(&headers, &mapping).expect("a good mapping");
    let long = "x".repeat(10_000);
    let draft = read_row(&map, &["+4930901820", long.as_str()], 2, &ImportDefaults::default());
    assert_eq!(
        draft.map(|row| row.map(|row| row.draft)),
        Ok(Some(LeadDraft::new(number("+4930901820"), [])))
    );
}

#[test]
fn too_many_variables_are_a_fault_of_the_whole_row() {
    let header = (0..=MAX_VARIABLES).fold("phone".to_owned(), |header, n| format!("{header},v{n}"));
    let fields: Vec<&str> =
        std::iter::once("030901820").chain(std::iter::repeat_n("1", MAX_VARIABLES + 1)).collect();
    let reason = Fault::TooManyVariables { count: MAX_VARIABLES + 1 };
    assert_eq!(faults(&header, &fields), [(String::new(), String::new(), reason)]);
}

#[test]
fn an_error_is_shown_to_clients_as_a_sentence() {
    let errors = read("phone", &["+1 415 555"]).expect_err("a bad row");
    assert_eq!(
        serde_json::to_value(&errors).expect("JSON"),
        serde_json::json!([{
            "row": 7,
            "column": "phone",
            "value": "+1 415 555",
            "reason": "it is too short: digits or the area code are missing",
        }])
    );
}

proptest! {
    #[test]
    fn any_row_is_a_lead_within_its_limits_or_told_why_not(
        fields in prop::collection::vec("\\PC{0,12}|\\+49 ?30 ?90182[0-9]|Europe/Berlin|a@b\\.de", 8)
    ) {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        match read(HEADER, &fields) {
            Ok(None) => prop_assert!(fields.iter().all(|field| field.trim().is_empty())),
            Ok(Some(row)) => prop_assert_eq!(row.draft.check(), Ok(())),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}

#[test]
fn a_country_is_that_of_its_row_alone() {
    let header = "Phone,Country";
    let row = lead(header, &["020 7946 0001", "United Kingdom"]);
    assert_eq!(row.primary, number("+442079460001").into());
    assert_eq!(row.variables.get("country").map(String::as_str), Some("United Kingdom"));
    assert_eq!(lead(header, &["030 901820", "n/a"]).primary, number("+4930901820").into());
    assert_eq!(
        lead("Ülke,Cep Telefonu", &["Avusturya", "0664 1234567"]).primary,
        number("+436641234567").into()
    );
    let read = read(header, &["030 901820", "Bavaria"]).expect("a good row").expect("a row");
    assert_eq!(read.draft.primary, number("+4930901820").into());
    assert_eq!(told(read.warnings), [("Country".to_owned(), "Bavaria".to_owned(), Fault::Country)]);
}

#[test]
fn several_values_of_one_cell_as_google_writes_them() {
    let fields = ["+49 30 901820 ::: +49 30 901821", "+49 170 1234567", "* friends ::: * myContacts"];
    let row = lead("Phone 1 - Value,Phone 2 - Value,Labels", &fields);
    assert_eq!(row.primary, number("+4930901820").into());
    assert_eq!(row.others, ["+491701234567", "+4930901821"].map(|text| number(text).into()));
    assert_eq!(row.tags, ["friends", "myContacts"]);
}

#[test]
fn a_batch_has_tags_of_its_own() {
    let mut row = lead("phone,tags", &["030 901820", "vip"]);
    assert_eq!(row.tag(&["fair".to_owned(), "vip".to_owned()]), Ok(()));
    assert_eq!(row.tags, ["vip", "fair"]);
    let many: Vec<String> = (0..crate::importing::MAX_TAGS).map(|n| format!("t{n}")).collect();
    assert_eq!(row.tag(&many), Err(Fault::TooManyTags { count: many.len() + 2 }));
    assert_eq!(row.tags, many);
}

fn told_number(text: &str, label: Option<&str>, name: Option<&str>) -> LeadNumber {
    let [label, name] = [label, name].map(|text| text.map(ToOwned::to_owned));
    LeadNumber { label, name, ..LeadNumber::new(number(text)) }
}

#[test]
fn a_number_has_the_label_and_the_name_beside_it() {
    let header = "Phone 1 - Label,Phone 1 - Value,phone_2,phone_2_name,phone_2_label,order_label";
    let row = lead(header, &["* Work", "030 901820", "030 901821", " Front\n desk ", "'=office", "A"]);
    assert_eq!(row.primary, told_number("+4930901820", Some("Work"), None));
    assert_eq!(row.others, [told_number("+4930901821", Some("=office"), Some("Front desk"))]);
    assert_eq!(row.variables, [("order_label".to_owned(), "A".to_owned())].into());
    let blank = lead(header, &["n/a", "030 901820", "030 901821", "-", "?"]);
    assert_eq!(blank, LeadDraft::new(number("+4930901820"), [number("+4930901821")]));
    assert_eq!(lead(header, &["", "030 901820", "", "Null"]), LeadDraft::new(number("+4930901820"), []));
    assert_eq!(lead(header, &["", "", "030 901821", "Null"]).primary.name.as_deref(), Some("Null"));
}

#[test]
fn all_numbers_of_a_cell_have_its_label() {
    let header = "Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value";
    let row = lead(header, &["Home", "030 901820 ::: 030 901821", "Work", "030 901822"]);
    let of = |text: &str, label| told_number(text, Some(label), None);
    assert_eq!(row.primary, of("+4930901820", "Home"));
    assert_eq!(row.others, [of("+4930901822", "Work"), of("+4930901821", "Home")]);
}

#[test]
fn what_is_told_of_a_number_goes_with_it() {
    let header = "phone,phone_label,phone_2,phone_2_label";
    let office = told_number("+4930901821", Some("office"), None);
    let moved = lead(header, &["", "mobile", "030 901821", "office"]);
    assert_eq!((moved.primary, moved.others), (office.clone(), vec![]), "the first has no number");
    let same = lead(header, &["030 901821", "office", "+49 30 901821", "mobile"]);
    assert_eq!((same.primary, same.others), (office.clone(), vec![]), "one number twice");
    let row = read(header, &["12", "mobile", "030 901821", "office"]).expect("a good row").expect("a row");
    assert_eq!((row.draft.primary, row.warnings.len()), (office, 1), "no number");
}

#[test]
fn too_long_a_label_costs_no_more_than_itself() {
    let long = "x".repeat(MAX_FIELD_BYTES + 1);
    let header = "phone,Phone Type,phone_name";
    let row = read(header, &["030 901820", &long, "Ida"]).expect("a good row").expect("a row");
    assert_eq!(row.draft.primary, told_number("+4930901820", None, Some("Ida")));
    let cut = format!("{}…", &long[..200]);
    let fault = ("Phone Type".to_owned(), cut, Fault::FieldTooLong { bytes: MAX_FIELD_BYTES + 1 });
    assert_eq!(told(row.warnings), [fault]);
    let longest = lead(header, &["030 901820", &long[1..], ""]);
    assert_eq!(longest.primary.label.as_deref(), Some(&long[1..]));
}
