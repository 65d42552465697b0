//! The files of csv-spectrum, which many parsers of CSV are tested with.

use super::*;

#[test]
fn every_file_of_csv_spectrum_is_read_as_it_says() {
    for (file, expected) in [
        ("a,b,c\n1,2,3", vec![vec!["a", "b", "c"], vec!["1", "2", "3"]]),
        ("a,b,c\r\n1,2,3", vec![vec!["a", "b", "c"], vec!["1", "2", "3"]]),
        (
            "first,last,address,city,zip\nJohn,Doe,120 any st.,\"Anytown, WW\",08123\n",
            vec![
                vec!["first", "last", "address", "city", "zip"],
                vec!["John", "Doe", "120 any st.", "Anytown, WW", "08123"],
            ],
        ),
        ("a,b,c\n1,\"\",\"\"\n2,3,4\n", vec![vec!["a", "b", "c"], vec!["1", "", ""], vec!["2", "3", "4"]]),
        (
            "a,b,c\r\n1,\"\",\"\"\r\n2,3,4\r\n",
            vec![vec!["a", "b", "c"], vec!["1", "", ""], vec!["2", "3", "4"]],
        ),
        (
            "a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n",
            vec![vec!["a", "b"], vec!["1", "ha \"ha\" ha"], vec!["3", "4"]],
        ),
        (
            "key,val\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [102.0, 0.5]}\"\n",
            vec![vec!["key", "val"], vec!["1", "{\"type\": \"Point\", \"coordinates\": [102.0, 0.5]}"]],
        ),
        ("lat,lon\n\"37.7\",\"-122.4\"\n", vec![vec!["lat", "lon"], vec!["37.7", "-122.4"]]),
        (
            "a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n",
            vec![
                vec!["a", "b", "c"],
                vec!["1", "2", "3"],
                vec!["Once upon \na time", "5", "6"],
                vec!["7", "8", "9"],
            ],
        ),
        (
            "a,b,c\r\n1,2,3\r\n\"Once upon \r\na time\",5,6\r\n7,8,9\r\n",
            vec![
                vec!["a", "b", "c"],
                vec!["1", "2", "3"],
                vec!["Once upon \r\na time", "5", "6"],
                vec!["7", "8", "9"],
            ],
        ),
        (
            "a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n3,4\n",
            vec![vec!["a", "b"], vec!["1", "ha \n\"ha\" \nha"], vec!["3", "4"]],
        ),
        ("a,b,c\n1,2,3\n4,5,ʤ\n", vec![vec!["a", "b", "c"], vec!["1", "2", "3"], vec!["4", "5", "ʤ"]]),
    ] {
        assert_eq!(rows(Dialect::detect(file.as_bytes()), file.as_bytes()), expected, "{file}");
    }
}
