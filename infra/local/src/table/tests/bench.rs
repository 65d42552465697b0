use super::*;
use std::time::Instant;
async fn puts(client: &Client, n: usize, tasks: usize) -> f64 {
    let start = Instant::now();
    let mut handles = Vec::new();
    for t in 0..tasks {
        let client = client.clone();
        handles.push(tokio::spawn(async move {
            for i in 0..n / tasks { put(&client, due(&format!("{t}-{i}"))).await; }
        }));
    }
    for h in handles { h.await.unwrap(); }
    n as f64 / start.elapsed().as_secs_f64()
}
async fn bench() {
    let (_t, client) = calls().await;
    println!("memory serial {:.0}/s", puts(&client, 10000, 1).await);
    println!("memory 8 tasks {:.0}/s", puts(&client, 10000, 8).await);
    let start = Instant::now();
    for i in 0..5000 { stored(&client, &format!("0-{i}")).await; }
    println!("memory get serial {:.0}/s", 5000.0 / start.elapsed().as_secs_f64());
    let start = Instant::now();
    for i in 0..3000 { client.transact_write_items().transact_items(first_put(due(&format!("x{i}")))).transact_items(first_put(due(&format!("y{i}")))).send().await.unwrap(); }
    println!("memory transact(2) serial {:.0}/s", 3000.0 / start.elapsed().as_secs_f64());
    let path = std::env::temp_dir().join(format!("bench-{}.sqlite", std::process::id()));
    let table = EmbeddedTable::on_file(&path).unwrap();
    let client = table.client();
    create(&client).await;
    println!("file serial {:.0}/s", puts(&client, 10000, 1).await);
    println!("file 8 tasks {:.0}/s", puts(&client, 10000, 8).await);
    let _ = std::fs::remove_file(path);
}
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore]
async fn bench_multi() { bench().await }
#[tokio::test]
#[ignore]
async fn bench_current() { bench().await }
