//! What a sheet of leads says.

use std::collections::BTreeSet;

use super::{LeadColumn, Row, csv_line};
use crate::fixtures::{self, NOW};
use crate::importing::{ColumnMap, ImportDefaults, read_row};
use crate::records::lead::{Consent, Lead, LeadNumber, LeadState, SkipReason};

fn lead() -> Lead {
    let mut lead = fixtures::lead(1);
    lead.profile.name = Some("Ana; \"B\"".into());
    lead.profile.tags = vec!["vip".into(), "north".into()];
    lead.profile.consent =
        Some(Consent { source: "order form".into(), at: NOW, channel: None, proof: Some("42".into()) });
    let variables = [("order_id", "=1+1"), ("phone", "+4930901820"), ("orderId", "-1")];
    lead.profile.variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Lead { state: LeadState::Skipped { reason: SkipReason::NoConsent }, ..lead }
}

fn sheet(columns: &[&str], leads: &[Lead]) -> String {
    let names: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let columns = LeadColumn::named_all(&names).expect("columns");
    let layout = LeadColumn::layout(&columns);
    let rows: Vec<Row> = leads.iter().map(|lead| LeadColumn::row(&columns, lead)).collect();
    let variables: BTreeSet<String> = rows.iter().flat_map(Row::variables).cloned().collect();
    let lines = rows.iter().map(|row| csv_line(&layout.line(row, &variables), ';'));
    [csv_line(&layout.header(&variables), ';')].into_iter().chain(lines).collect()
}

#[test]
fn a_variable_stands_under_a_name_that_means_it_alone_and_what_became_of_a_lead_is_marked() {
    let columns = ["status", "phone", "variables", "name", "status_reason", "tags"];
    assert_eq!(
        sheet(&columns, &[lead(), fixtures::lead(2)]),
        "carillon.status;phone;variables.orderId;order_id;variables.phone;name;carillon.status_reason;tags\r\n\
         skipped;+49 30 23125001;'-1;'=1+1;'+4930901820;\"Ana; \"\"B\"\"\";no_consent;\"vip; north\"\r\n\
         pending;+49 30 23125002;;;;;;\r\n"
    );
}

#[test]
fn columns_are_chosen_with_single_variables_among_them() {
    let columns =
        ["variables.order_id", "consent_source", "consent_at", "consent_channel", "variables.absent"];
    assert_eq!(
        sheet(&columns, &[lead()]),
        "order_id;consent_source;consent_at;consent_channel;absent\r\n\
         '=1+1;order form;2026-11-23T11:00:00.000Z;;\r\n"
    );
    let refused = LeadColumn::named_all(&["order_id".to_owned()]).expect_err("no column");
    assert!(refused.to_string().contains("`order_id`"), "{refused}");
    assert!(LeadColumn::named_all(&["variables.a b".to_owned()]).is_err());
}

#[test]
fn every_column_has_a_header_of_its_own_that_an_import_knows() {
    let all = LeadColumn::named_all(&[]).expect("all columns");
    let layout = LeadColumn::layout(&all);
    let names = LeadColumn::row(&all, &told_lead(5));
    let names = names.variables().cloned().chain(["status", "name", "phone_label"].map(ToOwned::to_owned));
    let headers = layout.header(&names.collect());
    let headers: Vec<String> = headers.iter().map(|cell| cell.in_workbook().into_owned()).collect();
    assert_eq!(headers.iter().collect::<BTreeSet<_>>().len(), headers.len());
    let map = ColumnMap::recognise(&headers).expect("a header with a number");
    assert_eq!(map.notices(), []);
    let read: Vec<String> = map.columns().map(|(_, column)| column.to_string()).collect();
    let is_left_out = |header: &&String| header.starts_with("carillon.");
    for (header, read) in headers.iter().zip(&read) {
        let expected = if is_left_out(&header) { "ignore" } else { header.trim_start_matches("variables.") };
        assert_eq!(read, expected, "{header}");
    }
}

/// A lead with so many numbers, of each of which something is told.
fn told_lead(numbers: u32) -> Lead {
    let told = |n: u32| LeadNumber {
        label: Some(format!("=office; {n}")),
        name: Some(format!("Desk \"{n}\"")),
        ..LeadNumber::new(fixtures::number(n))
    };
    let variables = [("phone_label".to_owned(), "of the template".to_owned())].into();
    let mut lead = Lead { numbers: (1..=numbers).map(told).collect(), ..fixtures::lead(1) };
    lead.profile.variables = variables;
    lead
}

#[test]
fn a_label_or_a_name_of_a_number_has_a_column_where_a_lead_has_it() {
    let mut lead = told_lead(2);
    lead.numbers[1].label = None;
    let header = "phone;phone_2;phone_label;phone_name;phone_2_name;variables.phone_label";
    assert_eq!(
        sheet(&["phone", "phone_2", "phone_details", "variables"], &[fixtures::lead(3), lead.clone()]),
        format!(
            "{header}\r\n+49 30 23125003;;;;;\r\n+49 30 23125001;+49 30 23125002;\"'=office; 1\";\"Desk \"\"1\"\"\";\
             \"Desk \"\"2\"\"\";of the template\r\n"
        )
    );
    assert_eq!(sheet(&["phone", "phone_details"], &[fixtures::lead(3)]), "phone\r\n+49 30 23125003\r\n");
    assert_eq!(
        sheet(&["phone_2_name", "phone", "phone_5_label"], &[lead]),
        "phone_2_name;phone;phone_5_label\r\n\"Desk \"\"2\"\"\";+49 30 23125001;\r\n"
    );
    assert!(LeadColumn::named_all(&["phone_6_label".to_owned()]).is_err());
}

#[test]
fn what_is_told_of_numbers_comes_back_from_a_sheet_with_all_columns() {
    let columns = LeadColumn::named_all(&[]).expect("all columns");
    let layout = LeadColumn::layout(&columns);
    let leads = [told_lead(5), fixtures::lead(2), told_lead(1)];
    let rows = leads.each_ref().map(|lead| LeadColumn::row(&columns, lead));
    let names: BTreeSet<String> = rows.iter().flat_map(Row::variables).cloned().collect();
    let texts = |line: Vec<super::Cell<'_>>| -> Vec<String> {
        line.iter().map(|cell| cell.in_workbook().into_owned()).collect()
    };
    let map = ColumnMap::recognise(&texts(layout.header(&names))).expect("a header with a number");
    for (row, lead) in rows.iter().zip(&leads) {
        let read = read_row(&map, &texts(layout.line(row, &names)), 2, &ImportDefaults::default());
        let read = read.expect("a good row").expect("a row");
        assert_eq!(read.warnings, []);
        let numbers: Vec<LeadNumber> = read.draft.numbers().cloned().collect();
        assert_eq!((numbers, read.draft.variables), (lead.numbers.clone(), lead.profile.variables.clone()));
    }
}
