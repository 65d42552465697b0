//! Which header means what.

use proptest::prelude::*;

use super::*;

fn headers(text: &str) -> Vec<String> {
    text.split(',').map(ToOwned::to_owned).collect()
}

fn meanings(text: &str) -> Vec<String> {
    let map = ColumnMap::recognise(&headers(text)).expect("a good header");
    map.columns().map(|(_, column)| column.to_string()).collect()
}

fn refusal(text: &str) -> HeaderError {
    ColumnMap::recognise(&headers(text)).expect_err("a bad header")
}

fn mapping(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(header, field)| ((*header).to_owned(), (*field).to_owned())).collect()
}

#[test]
fn every_usual_header_is_recognised() {
    for (field, words) in [
        (
            Column::Phone,
            "phone,phone_number,mobile,cell,Phone Number,PHONE-NUMBER,telephone,mobilePhone,phone1",
        ),
        (Column::Name, "name,full_name,contact_name,Full Name,CONTACT-NAME"),
        (Column::FirstName, "first_name,First Name,given_name"),
        (Column::LastName, "last_name,surname"),
        (Column::Email, "email,email_address,E-Mail,E-Mail Address"),
        (Column::Company, "company,organization,organisation"),
        (Column::Timezone, "timezone,time_zone,tz,Time Zone"),
        (Column::Tags, "tags,Tag"),
        (Column::SecondaryPhone(2), "phone_2,Phone 2,phone_number_2,secondary_phone,secondary_phone_1"),
        (Column::SecondaryPhone(5), "phone_5,mobile_5"),
        (Column::Variable("customer_name".into()), "customer_name,Customer Name,customerName"),
        (Column::Variable("phone_model".into()), "Phone model"),
    ] {
        for word in headers(words) {
            let other = if field == Column::Phone { "notes" } else { "phone" };
            let map = ColumnMap::recognise(&[other.to_owned(), word.clone()]).expect("a good header");
            assert_eq!(map.columns().nth(1), Some((word.as_str(), &field)));
        }
    }
}

#[test]
fn what_is_not_recognised_is_a_variable() {
    assert_eq!(
        meanings("Order ID,phone,,Größe,電話,first_name"),
        ["order_id", "phone", "column_3", "grosse", "column_5", "first_name"]
    );
}

#[test]
fn numbers_without_a_place_get_the_free_ones_in_the_order_of_the_sheet() {
    assert_eq!(meanings("mobile,name,phone"), ["phone", "name", "phone_2"]);
    assert_eq!(meanings("phone,cell,phone_2,other_phone"), ["phone", "phone_3", "phone_2", "phone_4"]);
    assert_eq!(meanings("secondary_phone,secondary_phone_2,phone"), ["phone_2", "phone_3", "phone"]);
}

#[test]
fn a_report_of_rejected_rows_can_be_dropped_again() {
    assert_eq!(
        meanings("phone,row,row,column,value,reason"),
        ["phone", "row", "ignore", "ignore", "ignore", "ignore"]
    );
    assert_eq!(meanings("phone,row,value"), ["phone", "row", "value"]);
}

#[test]
fn a_bad_header_is_refused_by_name_and_says_what_would_be_right() {
    let no_phone = refusal("name,Telefon").to_string();
    for part in ["`phone_number`", "`name`, `Telefon`"] {
        assert!(no_phone.contains(part), "{no_phone}");
    }
    assert_eq!(
        refusal("phone,Full Name,name"),
        HeaderError::Duplicate { column: Column::Name, headers: ["Full Name".into(), "name".into()] }
    );
    assert!(matches!(refusal("phone,phone_number"), HeaderError::Duplicate { column: Column::Phone, .. }));
    assert!(matches!(refusal("phone,mobile,cell"), HeaderError::Duplicate { .. }));
    assert!(matches!(refusal("phone,phone_2,mobile_2"), HeaderError::Duplicate { .. }));
    assert!(matches!(refusal("phone,order id,Order-ID"), HeaderError::Duplicate { .. }));
    assert!(matches!(refusal("phone,電話,電話"), HeaderError::Duplicate { .. }));
    assert_eq!(refusal("phone,phone_6"), HeaderError::TooManyNumbers { header: "phone_6".into() });
    assert!(matches!(refusal("phone,phone_99999999999999999999"), HeaderError::TooManyNumbers { .. }));
    assert_eq!(refusal("phone,phone_2,phone_3,phone_4,phone_5,mobile"), HeaderError::NoPlace);
    assert_eq!(ColumnMap::recognise(&[]), Err(HeaderError::NoPhone { seen: Vec::new() }));
    let wide: Vec<String> = (0..=MAX_COLUMNS).map(|n| format!("c{n}")).collect();
    assert_eq!(ColumnMap::recognise(&wide), Err(HeaderError::TooManyColumns { count: MAX_COLUMNS + 1 }));
}

#[test]
fn a_message_does_not_repeat_a_whole_sheet() {
    let junk: Vec<String> = (0..100).map(|n| format!("{n}{}", "é".repeat(5_000))).collect();
    let text = ColumnMap::recognise(&junk).expect_err("no phone").to_string();
    assert!(text.ends_with("and 80 more"), "{text}");
    assert!(text.len() < 3_000, "{}", text.len());
}

#[test]
fn a_mapping_says_what_a_column_is() {
    let seen = headers("Telefon,Handy,Name,Bestellung,Notiz");
    let fields =
        [("telefon", "phone"), ("Handy", "phone_3"), ("Bestellung", "order_id"), ("Notiz", "ignore")];
    let map = ColumnMap::mapped(&seen, &mapping(&fields)).expect("a good mapping");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["phone", "phone_3", "name", "order_id", "ignore"]);
    assert_eq!(map.headers(), seen);
}

#[test]
fn a_mapping_overrules_what_a_header_says() {
    let map =
        ColumnMap::mapped(&headers("phone,mobile"), &mapping(&[("phone", "landline"), ("mobile", "phone")]))
            .expect("a good mapping");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["landline", "phone"]);
}

#[test]
fn a_mapping_tells_similar_columns_apart() {
    let pairs = [("Order-ID", "order"), ("ORDER ID", "purchase"), ("-", "note")];
    let map =
        ColumnMap::mapped(&headers("phone,Order-ID,ORDER ID,-,_"), &mapping(&pairs)).expect("a good mapping");
    let columns: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    assert_eq!(columns, ["phone", "order", "purchase", "note", "column_5"]);
}

#[test]
fn a_bad_mapping_is_refused_by_name() {
    let refusal = |pairs: &[(&str, &str)]| {
        ColumnMap::mapped(&headers("Telefon,name"), &mapping(pairs)).expect_err("a bad mapping")
    };
    assert!(matches!(refusal(&[("Telephon", "phone")]), HeaderError::UnknownHeader { .. }));
    assert!(matches!(refusal(&[("Telefon", "my phone!")]), HeaderError::UnknownField { .. }));
    assert!(matches!(refusal(&[("Telefon", "")]), HeaderError::UnknownField { .. }));
    assert!(matches!(refusal(&[("Telefon", "phone"), ("name", "phone")]), HeaderError::Duplicate { .. }));
    assert!(matches!(refusal(&[("Telefon", "ignore")]), HeaderError::NoPhone { .. }));
}

proptest! {
    #[test]
    fn any_header_is_read_or_refused(seen in prop::collection::vec("\\PC{0,12}|phone|mobile|phone_[0-9]", 0..12)) {
        if let Ok(map) = ColumnMap::recognise(&seen) {
            let columns: Vec<&Column> = map.columns().map(|(_, column)| column).collect();
            prop_assert_eq!(columns.len(), seen.len());
            prop_assert!(columns.contains(&&Column::Phone));
            let different: BTreeSet<&&Column> = columns.iter().collect();
            prop_assert_eq!(different.len(), columns.len());
        }
    }

    #[test]
    fn a_preview_can_be_sent_back_as_the_mapping(seen in prop::collection::vec("[a-zA-Z _-]{1,8}|phone|mobile", 1..8)) {
        if let Ok(map) = ColumnMap::recognise(&seen) {
            let fields = map.columns().map(|(header, column)| (header.to_owned(), column.to_string())).collect();
            prop_assert_eq!(ColumnMap::mapped(&seen, &fields), Ok(map));
        }
    }
}
