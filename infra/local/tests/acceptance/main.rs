//! The program as its users have it: started, used over HTTP and its folder, killed.

mod demo;
mod drop;
mod kill;
mod kill_jobs;
mod readme;
mod retell;
mod start;
mod support;
