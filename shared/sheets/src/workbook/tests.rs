//! What is no good workbook, and rows that are out of the ordinary.

use std::collections::BTreeMap;

use super::*;

fn dimensions(start: (u32, u32), end: (u32, u32)) -> Dimensions {
    Dimensions::new(start, end)
}

fn row(number: u64, cells: &[(usize, &str)]) -> Row {
    let cells = cells.iter().map(|(column, text)| (*column, Cell::Text((*text).to_owned())));
    Row { number, cells: cells.collect() }
}

#[test]
fn what_is_no_workbook_is_refused_with_a_reason() {
    for bytes in [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""] {
        let refused = Workbook::open(bytes.to_vec()).expect_err("no workbook");
        assert!(matches!(refused, WorkbookError::Damaged(_)), "{refused}");
    }
}

#[test]
fn a_sheet_is_chosen_by_its_name() {
    let file = include_bytes!("../../../../functions/importer/tests/files/openpyxl.xlsx");
    let mut workbook = Workbook::open(file.to_vec()).expect("a workbook");
    let old = workbook.beginning(Some(" Old "), &BTreeMap::new()).expect("it is hidden, and there");
    assert_eq!((old.sheet.as_str(), old.sample.len()), ("Old", 1));
    let there = ["Read me", "Old", "People"].map(ToOwned::to_owned).to_vec();
    let missing = workbook.beginning(Some("New"), &BTreeMap::new()).expect_err("no such sheet");
    assert_eq!(missing, WorkbookError::NoSheet { name: "New".into(), there });
}

#[test]
fn a_merged_cell_stands_in_each_of_its_rows() {
    let mut merged = Merged::new(vec![
        dimensions((1, 2), (3, 2)),
        dimensions((0, 0), (0, 5)), // of one row
        dimensions((2, 0), (3, 1)),
    ]);
    let mut rows = [
        row(1, &[(0, "title")]),
        row(2, &[(2, "Acme")]),
        row(3, &[(0, "x"), (3, "y")]),
        row(4, &[(3, "z")]),
        row(5, &[]),
    ];
    rows.iter_mut().for_each(|row| merged.fill(row));
    let texts = |row: &Row| {
        let cells = row.cells.iter().map(|(column, cell)| (*column, cell.clone()));
        cells.collect::<Vec<_>>()
    };
    let expected = [
        row(1, &[(0, "title")]),
        row(2, &[(2, "Acme")]),
        row(3, &[(0, "x"), (2, "Acme"), (3, "y")]),
        row(4, &[(0, "x"), (2, "Acme"), (3, "z")]),
        row(5, &[]),
    ];
    assert_eq!(rows.each_ref().map(texts), expected.each_ref().map(texts));
}

#[test]
fn rows_that_are_too_large_are_malformed() {
    let fault = |row| record(row).fields.expect_err("too large").fault;
    assert_eq!(fault(row(1, &[(0, "a"), (MAX_COLUMNS, "b")])), Fault::TooManyFields);
    let long = "x".repeat(MAX_ROW_BYTES);
    let too_long = Fault::RowTooLong { limit_bytes: MAX_ROW_BYTES };
    assert_eq!(fault(row(1, &[(0, &long), (1, "b")])), too_long);
    assert_eq!(record(row(7, &[(1, "b")])).text(), ["", "b"]);
}
