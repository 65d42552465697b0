//! What is in flight: the set of slots that are held.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::records::active_attempt::{ActiveAttempt, CallRequest};

use crate::access::Store;
use crate::error::StoreError;
use crate::item;
use crate::keys::{self, ACTIVE_ATTEMPT_PREFIX, REQUEST_PREFIX};
use crate::table::{Query, text_of};

impl Store {
    /// Everything in flight in a workspace, and the calls that were asked for (oldest first), in
    /// one strongly consistent query.
    pub async fn in_flight(
        &self,
        ws: &WorkspaceId,
    ) -> Result<(Vec<ActiveAttempt>, Vec<CallRequest>), StoreError> {
        let (mut active_attempts, mut requests) = (Vec::new(), Vec::<CallRequest>::new());
        for item in self.query_all(Query::table(keys::active_attempts(ws))).await? {
            match text_of(&item, "sk") {
                Some(sk) if sk.starts_with(ACTIVE_ATTEMPT_PREFIX) => {
                    active_attempts.push(item::decode(item)?)
                }
                Some(sk) if sk.starts_with(REQUEST_PREFIX) => requests.push(item::decode(item)?),
                Some(_) | None => {}
            }
        }
        requests.sort_by_key(|request| request.requested_at);
        Ok((active_attempts, requests))
    }

    /// The active attempt of a number.
    pub async fn active_attempt(
        &self,
        ws: &WorkspaceId,
        number: &E164,
    ) -> Result<Option<ActiveAttempt>, StoreError> {
        self.get(keys::active_attempt(ws, number)).await
    }
}
