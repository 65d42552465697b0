//! Rejected rows, dropped again.

use carillon_domain::importing::{LeadDraft, RejectedRows, RowFault, unguarded};

use super::*;

/// Drops a file: its leads, and the report of its rejected rows.
fn drop_file(file: &str) -> (Vec<LeadDraft>, String) {
    let dialect = Dialect::detect(file.as_bytes());
    let records = parse(dialect, file.as_bytes());
    let (header, rows) = records.split_first().expect("a header");
    let map = ColumnMap::recognise(header.text()).expect("a good header");
    let mut report = RejectedRows::new(header.text(), char::from(dialect.delimiter));
    let mut leads = Vec::new();
    for record in rows {
        match record.lead(&map, &ImportDefaults::default()) {
            Ok(row) => leads.extend(row.map(|row| row.draft)),
            Err(errors) => reject(&mut report, record, &errors),
        }
    }
    (leads, report.take())
}

fn reject(report: &mut RejectedRows, record: &Record, errors: &[RowError]) {
    let reasons: Vec<String> = errors.iter().map(|error| error.reason.to_string()).collect();
    let fault = |(error, reason)| {
        let (error, reason): (&RowError, &String) = (error, reason);
        RowFault { column: &error.column, value: &error.value, reason }
    };
    let faults: Vec<RowFault<'_>> = errors.iter().zip(&reasons).map(fault).collect();
    report.push(record.row, record.text(), &faults);
}

#[test]
fn a_mended_report_is_dropped_again() {
    let file = "Phone;Name;Note\n030-901820;Müller;=1+1\n+49 30 901821;Ana;-\n";
    let (leads, report) = drop_file(file);
    assert_eq!(leads.len(), 1);
    assert_eq!(drop_file(&report), (Vec::new(), report.clone()));

    let (leads, nothing) = drop_file(&report.replace("\n030-901820", "\n'+49-30-901820"));
    let lead = leads.first().expect("the mended row");
    assert_eq!(lead.primary.number.as_str(), "+4930901820");
    assert_eq!(lead.name.as_deref(), Some("Müller"));
    assert_eq!(lead.variables, [("note".to_owned(), "=1+1".to_owned())].into());
    assert_eq!(nothing.lines().count(), 1);
}

proptest! {
    #[test]
    fn no_cell_is_a_formula_and_every_cell_comes_back(
        table in prop::collection::vec(prop::collection::vec("['\"=+@;,\r\n \t0-9.aé-]{0,6}", 3), 1..4)
    ) {
        let headers = ["phone", "a", "b"].map(ToOwned::to_owned);
        let mut report = RejectedRows::new(&headers, ',');
        for fields in &table {
            report.push(2, fields, &[RowFault { column: "phone", value: &fields[0], reason: "=bad" }]);
        }
        let report = report.take();
        let rows = rows(Dialect { start: 3, ..utf8(b',') }, report.as_bytes());
        prop_assert_eq!(rows.len(), table.len() + 1);
        for (row, fields) in rows[1..].iter().zip(&table) {
            let written = row.iter().take(3).map(|cell| unguarded(cell));
            prop_assert!(written.eq(fields.iter().map(|field| unguarded(field))));
            for cell in row {
                let is_number = cell.starts_with('+') && cell.bytes().skip(1).all(|byte| b" .0123456789".contains(&byte));
                prop_assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{}", cell);
            }
        }
    }
}
