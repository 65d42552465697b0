//! What a workspace knows of telephone numbers.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::records::number_record::NumberRecord;

use crate::access::Store;
use crate::error::StoreError;
use crate::item::take;
use crate::keys;
use crate::table::{Item, Key};

impl Store {
    /// What is known of these numbers, strongly; a record of version 0 where nothing is. Forms of one
    /// number have one record.
    pub async fn number_records(
        &self,
        ws: &WorkspaceId,
        numbers: &[E164],
    ) -> Result<Vec<NumberRecord>, StoreError> {
        let wanted = record_keys(ws, numbers).into_iter().map(|(key, _)| key).collect();
        let mut items = self.get_all(wanted).await?;
        records_in(&mut items, ws, numbers)
    }
}

/// The records of these numbers among the items that were read.
pub(crate) fn records_in(
    items: &mut HashMap<Key, Item>,
    ws: &WorkspaceId,
    numbers: &[E164],
) -> Result<Vec<NumberRecord>, StoreError> {
    let record = |(key, number): (Key, &E164)| {
        Ok(take(items, &key)?.unwrap_or_else(|| NumberRecord::unknown(number.clone())))
    };
    record_keys(ws, numbers).into_iter().map(record).collect()
}

/// Where the records of these numbers are, each once, with the first of its forms.
pub(crate) fn record_keys<'a>(ws: &WorkspaceId, numbers: &'a [E164]) -> Vec<(Key, &'a E164)> {
    let mut keys: Vec<(Key, &E164)> = Vec::with_capacity(numbers.len());
    let mut seen = BTreeSet::new();
    for number in numbers.iter().filter(|number| seen.insert(Subscriber::of(number))) {
        keys.push((keys::number_record(ws, number), number));
    }
    keys
}
