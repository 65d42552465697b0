//! What a dial and a text cost all in, by function and kind of request.
//!
//! `cargo run -p carillon-system-tests --bin cost [slots people campaigns]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use carillon_system_tests::cost::{self, Load};

/// What is measured, unless the command line names one.
const LOADS: [Load; 3] = [
    Load { slots: 50, people: 400, campaigns: 1 },
    Load { slots: 50, people: 400, campaigns: 20 },
    Load { slots: 1_000, people: 3_000, campaigns: 1 },
];

/// Texts that are measured.
const TEXTS: usize = 400;

#[tokio::main]
async fn main() {
    let given: Vec<u32> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let loads = match given[..] {
        [slots, people, campaigns] => vec![Load { slots, people: people as usize, campaigns }],
        _ => LOADS.to_vec(),
    };
    for load in loads {
        println!("{}", cost::of_dials(load).await);
    }
    println!("{}", cost::of_texts(TEXTS).await);
}
