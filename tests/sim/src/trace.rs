//! What happened, line by line, kept only if a run is looked at.

use std::cell::RefCell;

use carillon_domain::base::time::Timestamp;

/// The lines of a run.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    is_kept: bool,
    lines: RefCell<Vec<String>>,
}

impl Trace {
    /// A trace that keeps its lines.
    pub(crate) fn kept() -> Self {
        Self { is_kept: true, lines: RefCell::default() }
    }

    pub(crate) fn tell(&self, at: Timestamp, line: impl FnOnce() -> String) {
        if self.is_kept {
            self.lines.borrow_mut().push(format!("{at} {}", line()));
        }
    }

    /// The last lines that speak of any of these subjects, oldest first.
    pub(crate) fn last_about(&self, subjects: &[String], count: usize) -> Vec<String> {
        let lines = self.lines.borrow();
        let speaks = |line: &&String| subjects.iter().any(|subject| line.contains(subject.as_str()));
        let mut last: Vec<String> = lines.iter().rev().filter(speaks).take(count).cloned().collect();
        last.reverse();
        last
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.into_inner()
    }
}
