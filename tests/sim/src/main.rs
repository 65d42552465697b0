//! Long runs of the simulation, and replays by seed.
#![expect(clippy::print_stdout, reason = "a tool of the command line")]

fn main() {
    let mut args = std::env::args().skip(1);
    let seed: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let n: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let start = std::time::Instant::now();
    let (mut calls, mut faults, mut events) = (0, 0, 0);
    for seed in seed..seed + n {
        let report = carillon_sim::run(seed, None);
        calls += report.calls;
        faults += report.faults;
        events += report.events;
        if let Some(breach) = report.breach {
            if n == 1 { println!("{breach}"); } else { println!("{}", breach.to_string().lines().next().unwrap_or_default()); }
        }
    }
    println!("{calls} calls {faults} faults {events} events {:?}", start.elapsed());
}
