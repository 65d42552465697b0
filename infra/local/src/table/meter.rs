//! What the table was asked and what it would have cost: requests and capacity units by operation.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Sub};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::types::ConsumedCapacity;

/// Counts the requests of every client of one table, and the capacity they consumed.
///
/// The figures are those the engine reports for `ReturnConsumedCapacity: TOTAL`: the table and its indexes
/// together. A transaction bills the table twice and its indexes once. A refused request (a failed condition,
/// a cancelled transaction) counts as a request only, since DynamoDB reports no capacity with an error,
/// though it does bill a failed conditional write.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<MeterSnapshot>>);

impl Meter {
    pub fn snapshot(&self) -> MeterSnapshot {
        self.figures().clone()
    }

    pub fn reset(&self) {
        *self.figures() = MeterSnapshot::default();
    }

    pub(super) fn count(&self, operation: &'static str, units: Units) {
        *self.figures().operations.entry(operation).or_default() +=
            Usage { requests: 1, read_units: units.read, write_units: units.write };
    }

    /// Notes the length of a request and of its answer, in bytes.
    pub(super) fn carried(&self, request_bytes: usize, answer_bytes: usize) {
        let mut figures = self.figures();
        figures.request_bytes += u64::try_from(request_bytes).unwrap_or(u64::MAX);
        figures.answer_bytes += u64::try_from(answer_bytes).unwrap_or(u64::MAX);
    }

    fn figures(&self) -> MutexGuard<'_, MeterSnapshot> {
        // Figures are only ever added whole, so those behind a poisoned lock are still right.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A meter's figures at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeterSnapshot {
    /// Usage by the name of the operation (`PutItem`, `Query`). An operation never asked for is absent.
    pub operations: BTreeMap<&'static str, Usage>,
    /// What was asked, in bytes of JSON: mostly what was written.
    pub request_bytes: u64,
    /// What was answered, in bytes of JSON: mostly what was read.
    pub answer_bytes: u64,
}

impl MeterSnapshot {
    /// The usage of one operation, zero when it was never asked for.
    pub fn of(&self, operation: &str) -> Usage {
        self.operations.get(operation).copied().unwrap_or_default()
    }

    /// The usage of all operations together.
    pub fn total(&self) -> Usage {
        self.operations.values().fold(Usage::default(), |mut total, usage| {
            total += *usage;
            total
        })
    }
}

/// Requests and the capacity they consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// HTTP requests: a batch or a transaction is one.
    pub requests: u64,
    pub read_units: f64,
    pub write_units: f64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
    }
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            requests: self.requests - before.requests,
            read_units: self.read_units - before.read_units,
            write_units: self.write_units - before.write_units,
        }
    }
}

/// Capacity units of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Units {
    read: f64,
    write: f64,
}

/// Which units a plain `CapacityUnits` figure is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Read,
    Write,
}

impl Units {
    /// Sums the capacity of an answer. Transactions name the kind of their units themselves (the repeat of a
    /// write under the same token is billed as a read); for all other operations it is `kind`.
    pub(super) fn of(consumed: &impl Consumed, kind: Kind) -> Self {
        let mut units = Self::default();
        for capacity in consumed.capacities() {
            match (capacity.read_capacity_units, capacity.write_capacity_units, kind) {
                (None, None, Kind::Read) => units.read += capacity.capacity_units,
                (None, None, Kind::Write) => units.write += capacity.capacity_units,
                (read, write, _) => {
                    units.read += read.unwrap_or_default();
                    units.write += write.unwrap_or_default();
                }
            }
        }
        units
    }
}

/// The `ConsumedCapacity` member of an answer: one table's, or one for each table.
pub(super) trait Consumed {
    fn capacities(&self) -> &[ConsumedCapacity];
}

impl Consumed for Option<ConsumedCapacity> {
    fn capacities(&self) -> &[ConsumedCapacity] {
        self.as_slice()
    }
}

impl Consumed for Option<Vec<ConsumedCapacity>> {
    fn capacities(&self) -> &[ConsumedCapacity] {
        self.as_deref().unwrap_or_default()
    }
}
