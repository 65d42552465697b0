//! Leads that are written into a sheet and read again are the same leads, and so is the sheet that they give then.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::{ColumnMap, ImportDefaults, LeadDraft, is_variable_name};
use carillon_domain::records::lead::{Consent, FileOrder, Lead, LeadNumber};
use carillon_domain::reporting::export::{Columns, LeadColumn, Row, csv_line};
use carillon_sheets::csv::{Dialect, Encoding, SheetParser};
use carillon_sheets::workbook::Workbook;
use carillon_sheets::workbook_writer::WorkbookWriter;
use carillon_sheets::{Checkpoint, Record};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_431_600_000);

/// A text without space around it that does not say that nothing is there.
fn text() -> impl Strategy<Value = String> {
    let hard = "(=|\\+|-|@|'|\"|;|,|\\||\t|\n|\r\n|＝|1|49 30|a|é|日|😀| ){0,12}";
    let says_nothing = ["-", "--", "---", "–", "—", "?", ".", "n/a", "#n/a", "n.a."];
    hard.prop_filter("is trimmed, and something", move |text| {
        text.trim_end() == *text && !text.trim().is_empty() && !says_nothing.contains(&text.trim())
    })
}

/// A value of a variable: one that begins with space is guarded if a spreadsheet might compute it.
fn value() -> impl Strategy<Value = String> {
    text().prop_filter("is read as it is", |text| {
        text.trim_start() == *text
            || text.starts_with(['\t', '\r', '\n'])
            || text.trim_start().starts_with(['=', '+', '-', '@', '＝'])
    })
}

/// A text of one line with single spaces in it, as names are kept.
fn line() -> impl Strategy<Value = String> {
    text()
        .prop_map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .prop_filter("says something", |text| !["-", "--", "---", "?", "."].contains(&text.as_str()))
}

/// What is told of a number.
fn told() -> impl Strategy<Value = (Option<String>, Option<String>)> {
    (prop::option::of(line()), prop::option::of(line()))
}

fn tag() -> impl Strategy<Value = String> {
    "[=+@a-z][a-z0-9é-]{0,6}"
}

fn variables() -> impl Strategy<Value = BTreeMap<String, String>> {
    let known = prop::sample::select(vec![
        "phone",
        "phone_label",
        "name",
        "status",
        "first_name",
        "country",
        "orderId",
        "order_id",
        "_x",
        "row",
        "value",
        "Handy",
    ]);
    let name = prop_oneof![known.prop_map(ToOwned::to_owned), "[a-zA-Z_][a-zA-Z0-9_]{0,8}"];
    prop::collection::btree_map(name.prop_filter("a name", |name| is_variable_name(name)), value(), 0..5)
}

fn draft() -> impl Strategy<Value = LeadDraft> {
    let numbers = prop::collection::btree_map(100_000..999_999_u32, told(), 1..=5);
    let zone =
        prop::option::of(prop::sample::select(vec![chrono_tz::Europe::Berlin, chrono_tz::America::New_York]));
    let consent = prop::option::of((line(), 0..NOW.as_millis(), prop::option::of(line())));
    let known = (prop::option::of(line()), prop::option::of(line()), zone, consent);
    (numbers, known, prop::collection::btree_set(tag(), 0..3), variables()).prop_map(
        |(numbers, (name, company, timezone, consent), tags, variables)| {
            let mut numbers = numbers.into_iter().map(|(n, (label, name))| {
                let number = format!("+4930{n}0").parse().expect("a number");
                LeadNumber { label, name, ..LeadNumber::new(number) }
            });
            let primary = numbers.next().expect("one at least");
            let consent = consent.map(|(source, at, proof)| Consent {
                source: format!("form {source}"),
                at: Timestamp::from_millis(at),
                channel: None,
                proof: proof.map(|proof| format!("no. {proof}")),
            });
            let tags = tags.into_iter().collect();
            LeadDraft {
                name,
                company,
                timezone,
                consent,
                tags,
                variables,
                ..LeadDraft::of_numbers(primary, numbers)
            }
        },
    )
}

fn lead(draft: LeadDraft) -> Lead {
    let campaign = CampaignId::new(NOW, [1; 10]);
    let id = LeadId::derive(&campaign, &draft.primary.number);
    draft.into_lead(id, FileOrder { at: NOW, row: 1 }, None, NOW)
}

/// What leads are written as: the lines of their cells.
struct Written {
    rows: Vec<Row>,
    variables: BTreeSet<String>,
    columns: Columns,
}

impl Written {
    fn of(drafts: &[LeadDraft]) -> Self {
        let columns = LeadColumn::named_all(&[]).expect("columns");
        let rows: Vec<Row> =
            drafts.iter().map(|draft| LeadColumn::row(&columns, &lead(draft.clone()))).collect();
        let variables = rows.iter().flat_map(Row::variables).cloned().collect();
        Self { rows, variables, columns: Columns::Leads(columns) }
    }

    fn csv(&self, delimiter: char) -> String {
        let layout = self.columns.layout();
        let lines = self.rows.iter().map(|row| csv_line(&layout.line(row, &self.variables), delimiter));
        [csv_line(&layout.header(&self.variables), delimiter)].into_iter().chain(lines).collect()
    }

    fn workbook(&self) -> Vec<u8> {
        let layout = self.columns.layout();
        let header = layout.header(&self.variables);
        let header: Vec<_> = header.iter().map(|cell| cell.in_workbook()).collect();
        let mut writer = WorkbookWriter::begun("Leads", &header, NOW).expect("a workbook");
        for row in &self.rows {
            writer.push_line(&layout.line(row, &self.variables)).expect("a line");
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).expect("a workbook");
        bytes
    }
}

/// The leads of a sheet.
fn read(records: Vec<Record>) -> Vec<LeadDraft> {
    let mut records = records.into_iter();
    let header = records.next().expect("a header").fields.expect("a good header");
    let map = ColumnMap::recognise(&header).expect("columns of numbers");
    let defaults = ImportDefaults { now: NOW, ..ImportDefaults::default() };
    let lead = |record: Record| {
        let read = record.lead(&map, &defaults).expect("a good row").expect("a row");
        assert_eq!(read.warnings, []);
        read.draft
    };
    records.map(lead).collect()
}

fn records_of_csv(text: &str, delimiter: u8) -> Vec<Record> {
    SheetParser::new(Dialect { encoding: Encoding::Utf8, delimiter, start: 0 }).push(text.as_bytes(), true)
}

fn records_of_workbook(bytes: Vec<u8>) -> Vec<Record> {
    let (mut book, mut records) = (Workbook::open(bytes).expect("a workbook"), Vec::new());
    let take = |record| {
        records.push(record);
        ControlFlow::Continue(())
    };
    book.records("Leads", Checkpoint { position: 0, row: 1 }, take).expect("a sheet");
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn leads_come_back_from_csv(drafts in prop::collection::vec(draft(), 1..4)) {
        for delimiter in [b',', b';'] {
            let text = Written::of(&drafts).csv(char::from(delimiter));
            let back = read(records_of_csv(&text, delimiter));
            prop_assert_eq!(&back, &drafts, "{}", text);
            prop_assert_eq!(Written::of(&back).csv(char::from(delimiter)), text);
        }
    }

    #[test]
    fn leads_come_back_from_a_workbook(drafts in prop::collection::vec(draft(), 1..4)) {
        let back = read(records_of_workbook(Written::of(&drafts).workbook()));
        prop_assert_eq!(&back, &drafts);
        prop_assert_eq!(read(records_of_workbook(Written::of(&back).workbook())), back);
    }
}
