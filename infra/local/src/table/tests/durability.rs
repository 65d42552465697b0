//! What was acknowledged is in the file, whatever becomes of the process.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs, io, process};

use super::*;
use crate::table::TableError;

/// Names the file of the writer that gets killed.
const FILE_VARIABLE: &str = "CARILLON_KILLED_TABLE";
const WRITER: &str = "table::tests::durability::a_writer_until_it_is_killed";
const WRITES_BEFORE_KILL: usize = 100;

/// A folder that is gone when this is.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("carillon-table-{name}-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("table.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_file_keeps_the_table_for_the_next_run() {
    let folder = Folder::new("reopened");
    {
        let client = EmbeddedTable::on_file(folder.file()).expect("a new file opens").client();
        create(&client).await;
        put(&client, due("a")).await;
    }
    let client = EmbeddedTable::on_file(folder.file()).expect("the file opens").client();
    assert_eq!(stored(&client, "a").await, Some(due("a")));
    assert_eq!(due_keys(&client).await, ["a"]);
}

#[test]
fn a_missing_folder_is_an_error_that_names_the_file() {
    let error = EmbeddedTable::on_file("/no/such/folder/table.sqlite").expect_err("there is no folder");
    assert!(
        matches!(&error, TableError::Open { place, .. } if place == "/no/such/folder/table.sqlite"),
        "{error}"
    );
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = Folder::new("killed");
    let mut writer = start_writer(&folder);
    let mut lines = BufReader::new(writer.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let mut acknowledged: Vec<_> =
        lines.by_ref().filter(|line| is_key(line)).take(WRITES_BEFORE_KILL).collect();
    writer.kill().expect("SIGKILL");
    writer.wait().expect("it is dead");
    acknowledged.extend(lines.filter(|line| is_key(line)));
    assert!(acknowledged.len() >= WRITES_BEFORE_KILL, "it wrote {} items", acknowledged.len());

    let client = EmbeddedTable::on_file(folder.file()).expect("the file opens").client();
    for sk in acknowledged {
        assert_eq!(stored(&client, &sk).await, Some(due(&sk)), "{sk} was acknowledged");
    }
}

fn start_writer(folder: &Folder) -> Child {
    Command::new(env::current_exe().expect("this test"))
        .args([WRITER, "--exact", "--ignored", "--nocapture"])
        .env(FILE_VARIABLE, folder.file())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts")
}

/// A whole key: the last line of a killed process may be cut.
fn is_key(line: &str) -> bool {
    line.len() == "key-000000".len() && line.starts_with("key-")
}

/// Not a test of its own: the other process of the one above.
#[tokio::test]
#[ignore = "runs until it is killed"]
async fn a_writer_until_it_is_killed() {
    let Some(file) = env::var_os(FILE_VARIABLE) else { return };
    let client = EmbeddedTable::on_file(file).expect("a new file opens").client();
    create(&client).await;
    for number in 0..1_000_000 {
        let sk = format!("key-{number:06}");
        match number % 2 {
            0 => put(&client, due(&sk)).await,
            _ => {
                let write = client.transact_write_items().transact_items(first_put(due(&sk)));
                write.send().await.expect("a transaction");
            }
        }
        writeln!(io::stdout(), "{sk}").expect("someone listens");
    }
}
