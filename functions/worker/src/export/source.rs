//! What is exported, portion by portion.

use std::collections::BTreeSet;

use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::export::ExportSource;
use carillon_domain::records::interaction::InteractionFilter;
use carillon_domain::records::lead::LeadFilter;
use carillon_domain::reporting::export::{
    Columns, EvidenceColumn, LeadColumn, ListColumn, ResultColumn, Row,
};
use carillon_runtime::context::Context;
use carillon_runtime::services::interactions::{among, rows};
use carillon_store::table::Direction;
use carillon_store::{EvidenceEntry, ListEntry, OrderPlace};

use crate::error::JobError;

/// From so many rows on a portion is enough.
const PORTION_ROWS: usize = 1_000;
/// From so many bytes on a portion is enough: what is read at once is held in memory.
const PORTION_BYTES: usize = 2 << 20;
/// Most pages that are read for one portion: where little is found, its step still ends.
const PORTION_PAGES: usize = 8;
/// Records of a page.
const PAGE_RECORDS: usize = 500;
/// The same where transcripts come with them, which may be as long as a cell of the table.
const PAGE_TRANSCRIPTS: usize = 100;
/// Between the block of a lead and the lead, in a checkpoint.
const BETWEEN: char = ' ';

/// What an export reads.
pub(super) struct Source<'a> {
    pub(super) context: &'a Context,
    pub(super) ws: &'a WorkspaceId,
    pub(super) source: &'a ExportSource,
    pub(super) columns: &'a Columns,
}

/// How results are read.
struct Results<'a> {
    columns: &'a [ResultColumn],
    filter: &'a InteractionFilter,
    hides_blank: bool,
}

/// Some rows, and the place behind which the others lie, if there are any.
#[derive(Default)]
pub(super) struct Portion {
    pub(super) rows: Vec<Row>,
    pub(super) next: Option<String>,
}

impl Portion {
    fn is_enough(&self) -> bool {
        self.rows.len() >= PORTION_ROWS || self.rows.iter().map(Row::bytes).sum::<usize>() >= PORTION_BYTES
    }
}

impl Source<'_> {
    /// The rows behind a place; none if what they are of is gone.
    pub(super) async fn read(&self, after: Option<&str>) -> Result<Option<Portion>, JobError> {
        if let ExportSource::Leads { campaign, .. } | ExportSource::Results { campaign, .. } = self.source
            && self.context.store.campaign(self.ws, campaign).await?.is_none()
        {
            return Ok(None);
        }
        let mut portion = Portion { rows: Vec::new(), next: after.map(ToOwned::to_owned) };
        for _ in 0..PORTION_PAGES {
            let page = self.page(portion.next.as_deref()).await?;
            portion.rows.extend(page.rows);
            portion.next = page.next;
            if portion.next.is_none() || portion.is_enough() {
                break;
            }
        }
        Ok(Some(portion))
    }

    async fn page(&self, after: Option<&str>) -> Result<Portion, JobError> {
        match (self.source, self.columns) {
            (ExportSource::Leads { campaign, filter }, Columns::Leads(columns)) => {
                self.leads(campaign, filter, columns, after).await
            }
            (ExportSource::Results { campaign, filter, hides_blank_lines }, Columns::Results(columns)) => {
                let results = Results { columns, filter, hides_blank: *hides_blank_lines };
                self.results(campaign, &results, after).await
            }
            (ExportSource::Evidence { campaign }, Columns::Evidence(columns)) => {
                self.evidence(campaign, columns, after).await
            }
            (ExportSource::DoNotCall { list }, Columns::DoNotCall(columns)) => {
                self.numbers(list, columns, after).await
            }
            // Columns are made for their source.
            (
                ExportSource::Leads { .. }
                | ExportSource::Results { .. }
                | ExportSource::Evidence { .. }
                | ExportSource::DoNotCall { .. },
                _,
            ) => Ok(Portion::default()),
        }
    }

    async fn leads(
        &self,
        campaign: &CampaignId,
        filter: &LeadFilter,
        columns: &[LeadColumn],
        after: Option<&str>,
    ) -> Result<Portion, JobError> {
        let behind = after.and_then(order_place);
        let store = &self.context.store;
        let page =
            store.leads_in_order(self.ws, campaign, Direction::Ascending, behind, PAGE_RECORDS).await?;
        let found = page.leads.iter().filter(|lead| filter.takes(*lead));
        Ok(Portion {
            rows: found.map(|lead| LeadColumn::row(columns, lead)).collect(),
            next: page.next.map(|OrderPlace { block, lead }| format!("{block}{BETWEEN}{lead}")),
        })
    }

    /// Those that are up come with the first page; one that ends meanwhile comes once.
    async fn results(
        &self,
        campaign: &CampaignId,
        results: &Results<'_>,
        after: Option<&str>,
    ) -> Result<Portion, JobError> {
        let Results { columns, filter, hides_blank } = *results;
        let (context, ws) = (self.context, self.ws);
        let mut interactions = Vec::new();
        if after.is_none() && filter.takes_open() {
            interactions = context.store.open_interactions(ws, campaign).await?;
        }
        let mut next = None;
        if filter.takes_ended() {
            let size =
                if columns.contains(&ResultColumn::Transcript) { PAGE_TRANSCRIPTS } else { PAGE_RECORDS };
            let page = context.store.ended_interactions(ws, campaign, after, size).await?;
            let ended: BTreeSet<_> = page.interactions.iter().map(|one| one.id.clone()).collect();
            interactions.retain(|open| !ended.contains(&open.id));
            interactions.extend(page.interactions);
            next = page.next;
        }
        let found = among(context, ws, filter, interactions).await?;
        Ok(Portion { rows: rows(context, ws, columns, hides_blank, &found).await?, next })
    }

    async fn evidence(
        &self,
        campaign: &CampaignId,
        columns: &[EvidenceColumn],
        after: Option<&str>,
    ) -> Result<Portion, JobError> {
        let page = self.context.store.evidence(self.ws, campaign, after, PAGE_RECORDS).await?;
        let row = |entry: EvidenceEntry| EvidenceColumn::row(columns, &entry.into());
        Ok(Portion { rows: page.entries.into_iter().map(row).collect(), next: page.next })
    }

    async fn numbers(
        &self,
        list: &ListName,
        columns: &[ListColumn],
        after: Option<&str>,
    ) -> Result<Portion, JobError> {
        let after: Option<E164> = after.and_then(|number| number.parse().ok());
        let page = self.context.store.list_page(self.ws, list, after.as_ref(), PAGE_RECORDS).await?;
        let row = |entry: &ListEntry| ListColumn::row(columns, &entry.number, &entry.listing);
        Ok(Portion {
            rows: page.entries.iter().map(row).collect(),
            next: page.next.map(|number| number.to_string()),
        })
    }
}

fn order_place(after: &str) -> Option<OrderPlace> {
    let (block, lead) = after.split_once(BETWEEN)?;
    Some(OrderPlace { block: block.to_owned(), lead: lead.parse().ok()? })
}
