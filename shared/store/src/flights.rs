//! What is in flight: the set of slots that are held.

use carillon_domain::flight::{CallRequest, Flight};
use carillon_domain::ids::WorkspaceId;
use carillon_domain::phone::E164;

use crate::item;
use crate::keys::{self, FLIGHT_PREFIX, REQUEST_PREFIX};
use crate::{Store, StoreError};

impl Store {
    /// Everything in flight in a workspace, and the calls that were asked for (oldest first), in
    /// one strongly consistent query.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn in_flight(&self, ws: &WorkspaceId) -> Result<(Vec<Flight>, Vec<CallRequest>), StoreError> {
        let (mut flights, mut requests) = (Vec::new(), Vec::<CallRequest>::new());
        for item in self.query_all(keys::flights(ws), None).await? {
            match item::text_of(&item, "sk") {
                Some(sk) if sk.starts_with(FLIGHT_PREFIX) => flights.push(item::decode(item)?),
                Some(sk) if sk.starts_with(REQUEST_PREFIX) => requests.push(item::decode(item)?),
                Some(_) | None => {}
            }
        }
        requests.sort_by_key(|request| request.requested_at);
        Ok((flights, requests))
    }

    /// The flight of a number.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn flight(&self, ws: &WorkspaceId, number: &E164) -> Result<Option<Flight>, StoreError> {
        self.get(keys::flight(ws, number)).await
    }
}
