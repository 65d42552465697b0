//! What a tick and a plan cost beside a thousand leads and beside a million.
//!
//! `cargo run -p carillon-system-tests --bin scale [leads]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use carillon_system_tests::scale::{cost_beside, table};

const FEW: u32 = 1_000;
/// The larger one, unless the command line says otherwise.
const MANY: u32 = 1_000_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let many = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(MANY);
    let of_few = cost_beside(FEW).await;
    let of_many = cost_beside(many).await;
    println!("{}", table((FEW, &of_few), (many, &of_many)));
}
