//! Files that other programs have written (`files/write.py` says which, and how), and who is in them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use carillon_domain::importing::{ColumnMap, ImportDefaults, LeadDraft, RowError};
use carillon_sheets::Record;
use carillon_sheets::csv::{Dialect, SheetParser};
use carillon_sheets::json::{JsonParser, KeyScan};
use carillon_sheets::workbook::{SheetBeginning, Workbook};

/// The leads of a file and what is wrong with its rows: of rejected ones and of cells.
struct Read {
    leads: Vec<LeadDraft>,
    faults: Vec<(u64, String, String)>,
}

fn read(headers: &[String], records: &[Record]) -> Read {
    let map = ColumnMap::recognise(headers).expect("a good header");
    let defaults = ImportDefaults { default_country: "DE".parse().ok(), ..ImportDefaults::default() };
    let mut read = Read { leads: Vec::new(), faults: Vec::new() };
    let told = |error: RowError| (error.row, error.column, error.value);
    for record in records {
        match record.lead(&map, &defaults) {
            Ok(row) => {
                let row = row.expect("no blank row");
                read.leads.push(row.draft);
                read.faults.extend(row.warnings.into_iter().map(told));
            }
            Err(errors) => read.faults.extend(errors.into_iter().map(told)),
        }
    }
    read
}

fn workbook(file: &[u8]) -> (SheetBeginning, Read) {
    let mut workbook = Workbook::open(file.to_vec()).expect("a workbook");
    let beginning = workbook.beginning(None, &BTreeMap::new()).expect("a header");
    let mut records = Vec::new();
    let take = |record| {
        records.push(record);
        ControlFlow::Continue(())
    };
    workbook.records(&beginning.sheet, beginning.next, take).expect("rows");
    let numbers = |records: &[Record]| records.iter().map(|record| record.row).collect::<Vec<_>>();
    assert_eq!(numbers(&beginning.sample), numbers(&records));
    let read = read(&beginning.headers, &records);
    (beginning, read)
}

fn json(file: &[u8]) -> Read {
    let mut scan = KeyScan::default();
    scan.push(file, true);
    let headers = scan.headers().expect("few keys");
    read(&headers, &JsonParser::new(&headers).push(file, true))
}

/// Number, name, company and variables.
fn people(leads: &[LeadDraft]) -> Vec<[String; 4]> {
    let person = |lead: &LeadDraft| {
        let variables: Vec<String> =
            lead.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [lead.primary.number.to_string(), text(&lead.name), text(&lead.company), variables.join(" ")]
    };
    leads.iter().map(person).collect()
}

const IDA: [&str; 4] = [
    "+493023125001",
    "Ida Example",
    "Acme",
    "called_at=2026-11-01T09:30:00 note=2.5 orders=7 signed=2026-11-01 vip=true",
];
const BO: [&str; 4] = ["+493023125002", "Bo Example", "Acme", "note=ok orders=12345678901 vip=false"];
const CY: [&str; 4] = ["+493023125003", "Cy Example", "", ""];

#[test]
fn openpyxl_with_a_title_other_sheets_merged_cells_and_errors() {
    hard_sheet(include_bytes!("files/openpyxl.xlsx"));
}

#[test]
fn libreoffice_with_the_same() {
    hard_sheet(include_bytes!("files/libreoffice.xlsx"));
    hard_sheet(include_bytes!("files/libreoffice.xls"));
}

#[test]
fn libreoffice_as_german_csv() {
    let file = include_bytes!("files/libreoffice.csv").as_slice();
    let records = SheetParser::new(Dialect::detect(file)).push(file, true);
    let read = read(records[0].text(), &records[1..]);
    // A cell of CSV is what the sheet shows.
    let mut ida = IDA.map(ToOwned::to_owned);
    ida[3] = ida[3].replace('T', " ").replace("vip=true", "vip=TRUE");
    let bo = BO.map(|text| text.replace("vip=false", "vip=FALSE"));
    assert_eq!(people(&read.leads), [ida, bo, CY.map(ToOwned::to_owned)]);
    assert_eq!(read.faults, []);
}

fn hard_sheet(file: &[u8]) {
    let (beginning, read) = workbook(file);
    assert_eq!((beginning.sheet.as_str(), beginning.next.row), ("People", 6));
    let notices: Vec<String> = beginning.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "the sheet `People` is read, and of the others nothing: `Read me`, `Old`",
            "the header is row 5; what stands above it is left out"
        ]
    );
    // The hidden row is one of them.
    let dea = ["+493023125004", "Dea Example", "", ""];
    assert_eq!(people(&read.leads), [IDA, BO, CY, dea]);
    let fault = |row, column: &str, value: &str| (row, column.to_owned(), value.to_owned());
    assert_eq!(
        read.faults,
        [fault(9, "Company", "#N/A"), fault(11, "Phone", ""), fault(11, "Phone", "#REF!")]
    );
}

#[test]
fn xlsxwriter_with_formulas_and_dates_of_old_macs() {
    let (_, read) = workbook(include_bytes!("files/xlsxwriter.xlsx"));
    let variables = "first_name=Ida last_name=EXAMPLE ort=Köln\nEhrenfeld termin=2026-11-01 uhrzeit=09:30:00";
    assert_eq!(people(&read.leads), [["+493023125001", "Ida EXAMPLE", "", variables]]);
    assert_eq!(read.faults, []);
}

#[test]
fn pandas_as_a_workbook() {
    let (beginning, read) = workbook(include_bytes!("files/pandas.xlsx"));
    assert_eq!(beginning.notices, []);
    assert_eq!(people(&read.leads), [IDA, BO, CY]);
}

#[test]
fn xlwt_in_the_old_form() {
    let (beginning, read) = workbook(include_bytes!("files/xlwt.xls"));
    assert_eq!((beginning.sheet.as_str(), beginning.next.row), ("Leute", 3));
    assert_eq!(people(&read.leads), [IDA, BO, CY]);
}

#[test]
fn pandas_as_json() {
    let mut ida = IDA.map(ToOwned::to_owned);
    ida[3] = ida[3].replace("09:30:00", "09:30:00.000");
    for file in [include_bytes!("files/pandas.json").as_slice(), include_bytes!("files/pandas.jsonl")] {
        let read = json(file);
        assert_eq!(people(&read.leads), [ida.clone(), BO.map(ToOwned::to_owned), CY.map(ToOwned::to_owned)]);
        assert_eq!(read.faults, []);
    }
}
