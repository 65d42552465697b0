//! Files that are not as they should be.

use super::*;
use carillon_domain::importing::MAX_COLUMNS;

/// Row number and fault of the malformed rows; row number and first field of the others.
fn outcome(records: &[Record]) -> Vec<(u64, Result<&str, &Fault>)> {
    records
        .iter()
        .map(|record| match &record.fields {
            Ok(fields) => (record.row, Ok(fields[0].as_str())),
            Err(malformed) => (record.row, Err(&malformed.fault)),
        })
        .collect()
}

#[test]
fn a_quote_that_never_closes_costs_its_line_only() {
    let file = b"a,b\n1,\"x\n2,y\n3,z\n";
    let records = parse(utf8(b','), file);
    assert_eq!(
        outcome(&records),
        [(1, Ok("a")), (2, Err(&Fault::UnclosedQuote)), (3, Ok("2")), (4, Ok("3"))]
    );
    assert_eq!(records[1].text(), ["1,\"x"]);
    assert_eq!(records[1].next, Checkpoint { position: 9, row: 3 });
}

#[test]
fn a_quote_that_closes_too_far_away_costs_its_line_only() {
    let line = "2,y\n";
    let many = line.repeat(MAX_ROW_BYTES / line.len() + 1);
    let file = format!("a,b\n1,\"x\n{many}3,\"z\"\n");
    for chunk_bytes in [1_000, 100_000, file.len()] {
        let mut parser = SheetParser::new(utf8(b','));
        let mut records: Vec<Record> =
            file.as_bytes().chunks(chunk_bytes).flat_map(|chunk| parser.push(chunk, false)).collect();
        records.extend(parser.push(b"", true));
        assert_eq!(records.len(), many.len() / line.len() + 3);
        assert_eq!(outcome(&records[..3]), [(1, Ok("a")), (2, Err(&Fault::UnclosedQuote)), (3, Ok("2"))]);
        assert_eq!(
            records.last().and_then(|record| record.fields.clone().ok()),
            Some(vec!["3".into(), "z".into()])
        );
    }
}

#[test]
fn text_behind_a_closing_quote_is_a_fault() {
    let file = b"a\n\"He said \"hi\" to me\"\n\"ok\"\n\"x\n\"y\n\"ok\"";
    let fault = Fault::TextAfterQuote;
    assert_eq!(
        outcome(&parse(utf8(b','), file)),
        [(1, Ok("a")), (2, Err(&fault)), (3, Ok("ok")), (4, Err(&fault)), (5, Err(&fault)), (6, Ok("ok"))]
    );
}

#[test]
fn a_row_that_is_too_long_is_left_out_in_constant_memory() {
    let long = "x".repeat(MAX_ROW_BYTES);
    let longer = "x".repeat(5 * MAX_ROW_BYTES);
    let file = format!("{long}\r\n{longer}\r\n\"{longer}\"\nok\n{longer}");
    let too_long = Fault::RowTooLong { limit_bytes: MAX_ROW_BYTES };
    let mut parser = SheetParser::new(utf8(b','));
    let mut records = Vec::new();
    for chunk in file.as_bytes().chunks(999) {
        records.extend(parser.push(chunk, false));
        assert!(parser.buffer.len() <= MAX_ROW_BYTES + 999);
    }
    records.extend(parser.push(b"", true));
    assert_eq!(
        outcome(&records),
        [
            (1, Ok(long.as_str())),
            (2, Err(&too_long)),
            (3, Err(&Fault::UnclosedQuote)),
            (4, Ok("ok")),
            (5, Err(&too_long)),
        ]
    );
    assert_eq!(records[1].text(), ["x".repeat(1_024)]);
    assert_eq!(records[4].next.position, file.len() as u64);
    assert_eq!(records, parse(utf8(b','), file.as_bytes()));
}

#[test]
fn a_row_of_too_many_fields_is_a_fault() {
    let row = |fields: usize| vec!["x"; fields].join(",");
    let file = format!("{}\n{}\nok", row(MAX_COLUMNS), row(MAX_COLUMNS + 1));
    let outcome = parse(utf8(b','), file.as_bytes());
    assert_eq!(outcome[0].text().len(), MAX_COLUMNS);
    assert_eq!(outcome[1].fields.as_ref().map_err(|malformed| &malformed.fault), Err(&Fault::TooManyFields));
    assert_eq!(outcome[2].text(), ["ok"]);
}

#[test]
fn what_is_no_text_is_a_fault_of_its_field() {
    let fault = |bytes: &[u8], dialect: Dialect| {
        let records = parse(dialect, bytes);
        records[0].fields.clone().expect_err("no text")
    };
    let latin = fault(b"1,M\xfcller,2\n", utf8(b','));
    assert_eq!(latin.fault, Fault::Encoding { encoding: "UTF-8" });
    assert_eq!((latin.field, &latin.fields[1]), (Some(1), &"M\u{fffd}ller".to_owned()));

    let nul = fault(b"1,2\0", utf8(b','));
    assert_eq!((nul.fault, nul.field), (Fault::Nul, Some(1)));
    assert_eq!(nul.fields, ["1", "2\u{fffd}"]);

    let utf16 = Dialect { encoding: Encoding::Utf16Le, ..utf8(b',') };
    for units in
        [&[0xd800][..], &[0xdc00], &[0xd800, 0xd800], &[0xd83d, 0x61], &[0x61, 0xd83d, 0xd83d, 0xde00]]
    {
        let bytes: Vec<u8> =
            units.iter().chain(&[0x0a, 0x62]).flat_map(|unit| u16::to_le_bytes(*unit)).collect();
        let records = parse(utf16, &bytes);
        assert_eq!(outcome(&records), [(1, Err(&Fault::Encoding { encoding: "UTF-16" })), (2, Ok("b"))]);
        assert_eq!(records[1].next.position, bytes.len() as u64, "{units:x?}");
    }
    let half = parse(utf16, b"a\0\n\0b");
    assert_eq!(outcome(&half)[1], (2, Err(&Fault::Encoding { encoding: "UTF-16" })));
    assert_eq!(half[1].next.position, 5);
}

#[test]
fn a_malformed_row_is_told_like_any_other_fault() {
    let records = parse(utf8(b','), b"phone,name\n+4930901820,M\xfcller\n\"x");
    let map = ColumnMap::recognise(records[0].text()).expect("a good header");
    let error = |record: &Record| record.lead(&map, &ImportDefaults::default()).expect_err("malformed");
    let no_text = RowError::new(2, "name", "M\u{fffd}ller", Fault::Encoding { encoding: "UTF-8" });
    assert_eq!(error(&records[1]), [no_text]);
    assert_eq!(error(&records[2]), [RowError::new(3, "", "\"x", Fault::UnclosedQuote)]);
}
