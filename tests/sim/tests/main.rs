//! What the simulation finds, and what it does not.

mod planted;
mod replay;
mod short;
