//! `carillon`: everything on one machine.

use std::process::ExitCode;

use carillon_local::arguments::{self, Command};
use carillon_local::{LocalSystem, demo};

#[tokio::main]
async fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args_os()) {
        Ok(command) => command,
        Err(error) => return complain(&error.to_string()),
    };
    match command {
        Command::Help => {
            say(arguments::USAGE);
            ExitCode::SUCCESS
        }
        Command::Run(settings) => match LocalSystem::start(*settings).await {
            Ok(system) => {
                say(&system.welcome());
                // Kill it at any moment: what was acknowledged is on disk.
                std::future::pending::<()>().await;
                ExitCode::SUCCESS
            }
            Err(error) => complain(&error.to_string()),
        },
        Command::Demo { settings, people } => match demo(*settings, people).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error.to_string()),
        },
    }
}

#[expect(clippy::print_stdout, reason = "this is what the user asked to see")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "this is what the user has to see")]
fn complain(text: &str) -> ExitCode {
    eprintln!("carillon: {text}");
    ExitCode::FAILURE
}
