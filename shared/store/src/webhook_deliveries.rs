//! Deliveries of events to endpoints, in the order of the events.

use carillon_domain::base::ids::{DeliveryId, WebhookEndpointId, WorkspaceId};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::webhook_delivery::{DELIVERY_KEPT_MS, DeliveryStatus, WebhookDelivery};

use crate::access::{BATCH_TRIES, Store};
use crate::error::StoreError;
use crate::item::{self, number};
use crate::keys::{self, DELIVERY_SHARDS, ENDPOINT_SHARDS, TTL_ATTRIBUTE};
use crate::parallel::in_parallel;
use crate::table::{
    Condition, Direction, Inserted, Item, ItemWrite, MAX_BATCH_INSERTS, Query, SortRange, TableError, text_of,
};

/// Most pages that are read for one page of a list that is filtered.
const MAX_READS: usize = 10;
/// Fewest deliveries that are read of a shard at once.
const MIN_READ: usize = 8;
/// Deliveries that are read at once where most of them may be left out.
const READ_DELIVERIES: usize = 100;
/// Deliveries that are read at once of those that are due, and how often: 20,000 go out of one look.
const DUE_PAGE: usize = 2_000;
const DUE_PAGES: usize = 10;

/// Which deliveries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub status: Option<DeliveryStatus>,
    pub event_type: Option<String>,
}

/// A page of deliveries, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    /// Fewer than were asked for may be followed by others.
    pub deliveries: Vec<WebhookDelivery>,
    /// The next page starts behind this one; none if this is the last.
    pub next: Option<DeliveryId>,
}

/// Deliveries in order, none missing among them.
struct Read {
    deliveries: Vec<WebhookDelivery>,
    /// Whether there are no others in the range.
    is_complete: bool,
}

/// A delivery that is to be sent, by its place in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDelivery {
    pub workspace: WorkspaceId,
    pub endpoint: WebhookEndpointId,
    pub delivery: DeliveryId,
}

impl Store {
    pub async fn delivery(
        &self,
        ws: &WorkspaceId,
        endpoint: &WebhookEndpointId,
        id: &DeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError> {
        self.get(keys::delivery(ws, endpoint, id)).await
    }

    /// Adds a delivery. Says whether there was none of its id.
    pub async fn add_delivery(
        &self,
        ws: &WorkspaceId,
        delivery: &WebhookDelivery,
    ) -> Result<bool, StoreError> {
        self.write_if(ItemWrite::put(delivery_item(ws, delivery)?), Condition::NoItem).await
    }

    /// Adds deliveries, each only where there is none of its id; answers with those that are new.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer; the same may be added again.
    pub async fn add_deliveries<'a>(
        &self,
        ws: &WorkspaceId,
        deliveries: &'a [WebhookDelivery],
    ) -> Result<Vec<&'a WebhookDelivery>, StoreError> {
        let mut added = Vec::new();
        for chunk in deliveries.chunks(MAX_BATCH_INSERTS) {
            let mut open: Vec<&WebhookDelivery> = chunk.iter().collect();
            for tries in 0..BATCH_TRIES {
                if tries > 0 {
                    self.table.back_off(tries).await;
                }
                let items = open.iter().map(|one| delivery_item(ws, one)).collect::<Result<_, _>>()?;
                let outcomes = self.table.insert_batch(items).await?;
                let mut rest = Vec::new();
                for (one, outcome) in open.into_iter().zip(outcomes) {
                    match outcome {
                        Inserted::Done => added.push(one),
                        Inserted::Exists => {}
                        Inserted::NotServed => rest.push(one),
                    }
                }
                open = rest;
                if open.is_empty() {
                    break;
                }
            }
            if !open.is_empty() {
                let reason = format!("{} deliveries were not written", open.len());
                return Err(TableError::unanswered("throttled", reason).into());
            }
        }
        Ok(added)
    }

    /// Stores a delivery, if the stored one is one version older. Says whether it was stored.
    pub async fn update_delivery(
        &self,
        ws: &WorkspaceId,
        delivery: &WebhookDelivery,
    ) -> Result<bool, StoreError> {
        let write = ItemWrite::put(delivery_item(ws, delivery)?);
        self.write_if(write, Condition::one_older(delivery.version)).await
    }

    /// At most `limit` deliveries to an endpoint, newest first, behind `after`.
    pub async fn deliveries(
        &self,
        ws: &WorkspaceId,
        endpoint: &WebhookEndpointId,
        filter: &DeliveryFilter,
        after: Option<&DeliveryId>,
        limit: usize,
    ) -> Result<DeliveryPage, StoreError> {
        let mut page = DeliveryPage { deliveries: Vec::new(), next: after.cloned() };
        let at_once = if *filter == DeliveryFilter::default() { limit } else { READ_DELIVERIES };
        for _ in 0..MAX_READS {
            let range = SortRange::before(page.next.as_ref().map(DeliveryId::as_str));
            let read = self.read_deliveries(ws, endpoint, range, Direction::Descending, at_once).await?;
            for delivery in read.deliveries {
                if page.deliveries.len() == limit {
                    return Ok(page);
                }
                page.next = Some(delivery.id.clone());
                if filter.finds(&delivery) {
                    page.deliveries.push(delivery);
                }
            }
            if read.is_complete {
                page.next = None;
                break;
            }
        }
        Ok(page)
    }

    /// At most `limit` deliveries to an endpoint, oldest first, behind `after` and up to and with `until`.
    pub async fn deliveries_between(
        &self,
        ws: &WorkspaceId,
        endpoint: &WebhookEndpointId,
        (after, until): (&DeliveryId, &DeliveryId),
        limit: usize,
    ) -> Result<Vec<WebhookDelivery>, StoreError> {
        let range = SortRange::Between(after.to_string(), until.to_string());
        // One more: the range takes in what it begins behind.
        let read = self.read_deliveries(ws, endpoint, range, Direction::Ascending, limit + 1).await?;
        let behind = read.deliveries.into_iter().filter(|delivery| delivery.id != *after);
        Ok(behind.take(limit).collect())
    }

    /// The first deliveries of a range, about so many, over all shards.
    async fn read_deliveries(
        &self,
        ws: &WorkspaceId,
        endpoint: &WebhookEndpointId,
        range: SortRange,
        direction: Direction,
        limit: usize,
    ) -> Result<Read, StoreError> {
        let shards = usize::try_from(ENDPOINT_SHARDS).unwrap_or(usize::MAX);
        // Deliveries are spread evenly: with twice its part, no shard holds the others up.
        let at_once = (2 * limit / shards).max(MIN_READ);
        let reads = (0..ENDPOINT_SHARDS).map(|shard| {
            let query =
                Query::table(keys::deliveries(ws, endpoint, shard)).range(range.clone()).limit(at_once);
            self.page(Query { direction, ..query })
        });
        let mut read = Read { deliveries: Vec::new(), is_complete: true };
        let mut nearest_end: Option<DeliveryId> = None;
        let is_nearer = |one: &DeliveryId, other: &DeliveryId| match direction {
            Direction::Ascending => one < other,
            Direction::Descending => one > other,
        };
        for page in in_parallel(shards, reads).await? {
            let some: Vec<WebhookDelivery> =
                page.items.into_iter().map(item::decode).collect::<Result<_, _>>()?;
            if let (true, Some(last)) = (page.next.is_some(), some.last()) {
                read.is_complete = false;
                if nearest_end.as_ref().is_none_or(|end| is_nearer(&last.id, end)) {
                    nearest_end = Some(last.id.clone());
                }
            }
            read.deliveries.extend(some);
        }
        // Behind the end of a shard that goes on, some of it is missing.
        read.deliveries.retain(|one| nearest_end.as_ref().is_none_or(|end| !is_nearer(end, &one.id)));
        read.deliveries.sort_by(|one, other| match direction {
            Direction::Ascending => one.id.cmp(&other.id),
            Direction::Descending => other.id.cmp(&one.id),
        });
        Ok(read)
    }

    /// Deliveries that should have been sent by now, of one shard: each minute has its own, so that who asks every minute
    /// sees all in [`DELIVERY_SHARDS`] minutes. No later try is so urgent that it had to be sooner.
    pub async fn overdue_deliveries(&self, now: Timestamp) -> Result<Vec<PendingDelivery>, StoreError> {
        let minutes = now.as_millis().div_euclid(MINUTE_MS);
        let shard = minutes.rem_euclid(i64::from(DELIVERY_SHARDS)) as u32;
        // `$` follows `#`: everything up to and including this moment.
        let range = SortRange::Before(format!("{now}$"));
        let mut query = Query::index(keys::pending_deliveries(shard)).range(range).limit(DUE_PAGE);
        let mut due = Vec::new();
        for _ in 0..DUE_PAGES {
            let page = self.page(query.clone()).await?;
            due.extend(page.items.iter().filter_map(PendingDelivery::of));
            if page.next.is_none() {
                break;
            }
            query.start = page.next;
        }
        Ok(due)
    }
}

impl DeliveryFilter {
    fn finds(&self, delivery: &WebhookDelivery) -> bool {
        self.status.is_none_or(|status| status == delivery.status)
            && self.event_type.as_ref().is_none_or(|name| *name == delivery.event_type)
    }
}

impl PendingDelivery {
    fn of(item: &Item) -> Option<Self> {
        let mut parts = text_of(item, "gsi1sk")?.split('#').skip(1);
        Some(Self {
            workspace: parts.next()?.parse().ok()?,
            endpoint: parts.next()?.parse().ok()?,
            delivery: parts.next()?.parse().ok()?,
        })
    }
}

fn delivery_item(ws: &WorkspaceId, delivery: &WebhookDelivery) -> Result<Item, StoreError> {
    let key = keys::delivery(ws, &delivery.endpoint, &delivery.id);
    let mut item = item::encode_indexed(key, keys::pending_delivery_entry(ws, delivery), delivery)?;
    let expires_at = delivery.created_at.plus_ms(DELIVERY_KEPT_MS);
    item.insert(TTL_ATTRIBUTE.into(), number(expires_at.as_secs()));
    Ok(item)
}
