//! What the objects of a file are read as.

use proptest::prelude::*;

use super::*;

fn headers(file: &[u8]) -> Vec<String> {
    let mut scan = KeyScan::default();
    scan.push(file, true);
    scan.headers().expect("few keys")
}

fn records(file: &[u8]) -> Vec<Record> {
    JsonParser::new(&headers(file)).push(file, true)
}

fn rows(file: &str) -> Vec<Vec<String>> {
    records(file.as_bytes()).into_iter().map(|record| record.fields.expect("a good row")).collect()
}

/// Row, line, column and beginning of the faults.
fn slips(file: &str) -> Vec<(u64, u64, u64, String)> {
    let slip = |record: Record| match record.fields {
        Err(Malformed { fault: Fault::Json { line, column, .. }, fields, .. }) => {
            Some((record.row, line, column, fields.concat()))
        }
        _ => None,
    };
    records(file.as_bytes()).into_iter().filter_map(slip).collect()
}

#[test]
fn an_array_and_an_object_a_line_are_the_same() {
    let expected = [["+4930901820", "Ida", ""], ["4930901821", "", "true"], ["30901822.5", "Bo\n}", ""]];
    for file in [
        "[{\"phone\":\"+4930901820\",\"name\":\"Ida\"},{\"phone\":4930901821,\"vip\":true,\"name\":null},\
         {\"name\":\"Bo\\n}\",\"phone\":30901822.5}]",
        "{\"phone\":\"+4930901820\",\"name\":\"Ida\"}\n{\"phone\":4930901821,\"vip\":true}\r\n\
         {\"name\":\"Bo\\n}\",\"phone\":30901822.5}",
        "\u{feff}[\n  {\n    \"phone\": \"+4930901820\",\n    \"name\": \"Ida\"\n  },\n  {\"phone\": 4930901821,\n\
         \"vip\": true},\n  {\"name\": \"Bo\\n}\", \"phone\": 30901822.5}\n]\n",
    ] {
        assert_eq!(rows(file), expected, "{file}");
    }
    assert_eq!(rows("[]"), Vec::<Vec<String>>::new());
}

#[test]
fn numbers_keep_their_digits() {
    assert_eq!(rows("[{\"phone\": 4.91701234567e11}, {\"phone\": 491701234567.0}]"), [["491701234567"]; 2]);
}

#[test]
fn lists_of_numbers_become_columns_and_others_one_text() {
    let file = "{\"phones\": [\"+49 30 1\"], \"tags\": [\"a\", \"b\", null, \"\"]}\n\
        {\"phones\": [\"+49 30 2\", 4930303], \"tags\": []}";
    assert_eq!(headers(file.as_bytes()), ["phones", "phones 2", "tags"]);
    assert_eq!(rows(file), [["+49 30 1", "", "a; b"], ["+49 30 2", "4930303", ""]]);
    let fault = |field, value: &str, fault| CellFault { field: Some(field), value: value.into(), fault };
    let faults = |file: &str| records(file.as_bytes()).remove(0).cell_faults;
    assert_eq!(faults(file), [fault(2, "a; b", Fault::List)]);
    assert_eq!(
        faults("{\"phone\": 1, \"at\": {\"city\": \"Ulm\"}, \"kids\": [[1]], \"phone\": 2}"),
        [
            fault(1, "{\"city\":\"Ulm\"}", Fault::Nested),
            fault(2, "[[1]]", Fault::Nested),
            fault(0, "2", Fault::RepeatedKey)
        ]
    );
    let six = "{\"phones\": [1, 2, 3, 4, 5, 6]}";
    assert_eq!(faults(six), [fault(0, "[1,2,3,4,5,6]", Fault::TooManyNumbers { count: 6 })]);
}

#[test]
fn a_slip_costs_its_object_and_says_where_it_is() {
    for (file, expected) in [
        ("{\"a\": 1}\n{\"a\" 2}\n{\"a\": 3}", vec![(2, 2, 6, "{\"a\" 2}")]),
        ("[{\"a\": 1},\n {\"a\": 2,},\n {\"a\": 3}]", vec![(2, 2, 10, "{\"a\": 2,}")]),
        ("[{\"a\": 1}, {\"a\": 2,}, {\"a\": 3}]", vec![(2, 1, 20, "{\"a\": 2,}")]),
        ("{\"a\": \"1}\n{\"a\": 3}\n", vec![(1, 1, 10, "{\"a\": \"1}")]),
        ("oops\n{\"a\": 3}\n", vec![(1, 1, 1, "oops")]),
        (
            "[\n  {\n    \"a\": \"1,\n    \"b\": 2\n  },\n  {\"a\": 3}\n]",
            vec![(1, 3, 13, "{\n    \"a\": \"1,\n    \"b\": 2\n  }")],
        ),
        ("{\"a\": 1}\n{\"a\": 2", vec![(2, 2, 8, "{\"a\": 2")]),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(row, line, column, text)| (row, line, column, text.to_owned()))
            .collect();
        assert_eq!(slips(file), expected, "{file}");
    }
}

#[test]
fn too_long_an_object_costs_its_line() {
    let file = format!("{{\"a\": \"{}\"}}\n{{\"a\": 2}}\n", "x".repeat(crate::MAX_ROW_BYTES));
    let records = JsonParser::new(&["a".to_owned()]).push(file.as_bytes(), true);
    let fault = records[0].fields.as_ref().expect_err("too long").fault.clone();
    assert_eq!(fault, Fault::RowTooLong { limit_bytes: crate::MAX_ROW_BYTES });
    assert_eq!((records[1].row, records[1].text()), (2, &["2".to_owned()][..]));
}

#[test]
fn too_many_keys_are_refused() {
    let keys: Vec<String> =
        (0..=carillon_domain::importing::MAX_COLUMNS).map(|n| format!("\"k{n}\":1")).collect();
    let mut scan = KeyScan::default();
    scan.push(format!("{{{}}}", keys.join(",")).as_bytes(), true);
    assert_eq!(scan.headers(), Err(TooManyKeys));
}

/// Pieces of files, good and bad.
fn file() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{\"a\": 1}"),
        Just("{\"a\": \"x{\\\"\", \"b\": [1, 2]}"),
        Just("\n"),
        Just(",\n  "),
        Just("["),
        Just("]"),
        Just("{\"a\": \"open"),
        Just("{ \"b\" }"),
        Just("oops"),
        Just("é"),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn chunks_can_end_anywhere(file in file(), size in 1_usize..40) {
        let whole = records(file.as_bytes());
        let mut parser = JsonParser::new(&headers(file.as_bytes()));
        let mut pieces = Vec::new();
        for bytes in file.as_bytes().chunks(size) {
            pieces.extend(parser.push(bytes, false));
        }
        pieces.extend(parser.push(b"", true));
        prop_assert_eq!(pieces, whole);
    }

    #[test]
    fn reading_goes_on_from_every_checkpoint(file in file(), size in 1_usize..40) {
        let headers = headers(file.as_bytes());
        let whole = records(file.as_bytes());
        for (done, record) in whole.iter().enumerate() {
            let mut parser = JsonParser::resume(&headers, record.next);
            let mut rest = Vec::new();
            for bytes in file.as_bytes().chunks(size) {
                rest.extend(parser.push(bytes, false));
            }
            rest.extend(parser.push(b"", true));
            prop_assert_eq!(&rest, &whole[done + 1..]);
        }
    }

    #[test]
    fn what_serde_writes_is_read(values in prop::collection::vec(("\\PC{0,12}", any::<i64>(), any::<bool>()), 0..8), is_pretty in any::<bool>()) {
        let objects: Vec<_> = values
            .iter()
            .map(|(text, number, is)| serde_json::json!({"phone": number, "name": text, "vip": is}))
            .collect();
        let file = if is_pretty { serde_json::to_string_pretty(&objects) } else { serde_json::to_string(&objects) };
        let headers = ["phone", "name", "vip"].map(ToOwned::to_owned);
        let read = JsonParser::new(&headers).push(file.expect("JSON").as_bytes(), true);
        let read: Vec<_> = read.into_iter().map(|record| record.fields.expect("a good row")).collect();
        let expected: Vec<_> = values
            .into_iter()
            .map(|(text, number, is)| vec![number.to_string(), text, is.to_string()])
            .collect();
        prop_assert_eq!(read, expected);
    }
}
