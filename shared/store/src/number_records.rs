//! What a workspace knows of telephone numbers.

use std::collections::HashMap;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::records::number_record::NumberRecord;

use crate::access::Store;
use crate::error::StoreError;
use crate::item::take;
use crate::keys;
use crate::table::{Item, Key};

impl Store {
    /// What is known of these numbers, strongly; a record of version 0 where nothing is.
    pub async fn number_records(
        &self,
        ws: &WorkspaceId,
        numbers: &[E164],
    ) -> Result<Vec<NumberRecord>, StoreError> {
        let wanted = numbers.iter().map(|number| keys::number_record(ws, number)).collect();
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
    let record = |number: &E164| {
        let stored = take(items, &keys::number_record(ws, number))?;
        Ok(stored.unwrap_or_else(|| NumberRecord::unknown(number.clone())))
    };
    numbers.iter().map(record).collect()
}
