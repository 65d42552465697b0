//! The parts of an export as one file, in constant memory: one part after another.

use std::collections::BTreeSet;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::importing::BYTE_ORDER_MARK;
use carillon_domain::records::export::{Delimiter, SheetFormat};
use carillon_domain::records::job::Job;
use carillon_domain::reporting::export::{Layout, csv_line};
use carillon_runtime::context::Context;
use carillon_runtime::services::exports::part_key;

use super::part;
use crate::error::JobError;

mod workbook;

/// What the file of a job is made of.
pub(super) struct Sheet<'a> {
    pub(super) context: &'a Context,
    pub(super) ws: &'a WorkspaceId,
    pub(super) job: &'a Job,
    pub(super) layout: &'a Layout,
}

/// A workbook has no place for so much.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(super) enum TooLarge {
    #[error("{0} columns are more than an Excel sheet has; choose some, or take it as CSV")]
    Columns(usize),
    #[error("{0} cells are more than fit into a workbook here; choose columns, filter, or take it as CSV")]
    Cells(u64),
}

impl Sheet<'_> {
    /// Writes the file; says how many bytes it has.
    pub(super) async fn write(
        &self,
        key: &str,
        format: SheetFormat,
    ) -> Result<Result<u64, TooLarge>, JobError> {
        let variables = self.variables().await?;
        match format {
            SheetFormat::Csv { delimiter, byte_order_mark } => {
                self.write_csv(key, &variables, delimiter, byte_order_mark).await.map(Ok)
            }
            SheetFormat::Xlsx => self.write_workbook(key, &variables).await,
        }
    }

    fn part_keys(&self) -> impl Iterator<Item = String> {
        let parts = self.job.parts.iter().enumerate();
        parts.map(|(place, part)| part_key(self.ws, &self.job.id, place, part))
    }

    /// The variables of all parts: each has a column.
    async fn variables(&self) -> Result<BTreeSet<String>, JobError> {
        let mut variables = BTreeSet::new();
        for key in self.part_keys() {
            variables.extend(part::variables(self.context, &key).await?);
        }
        Ok(variables)
    }

    async fn write_csv(
        &self,
        key: &str,
        variables: &BTreeSet<String>,
        delimiter: Delimiter,
        byte_order_mark: bool,
    ) -> Result<u64, JobError> {
        let delimiter = delimiter.as_char();
        let mut file = self.context.files.create(key).await?;
        let mark = if byte_order_mark { BYTE_ORDER_MARK } else { "" };
        let mut text = format!("{mark}{}", csv_line(&self.layout.header(variables), delimiter));
        let mut bytes = 0;
        for key in self.part_keys() {
            for row in part::rows(self.context, &key).await? {
                text.push_str(&csv_line(&self.layout.line(&row, variables), delimiter));
            }
            bytes += text.len() as u64;
            file.push(std::mem::take(&mut text).into_bytes()).await?;
        }
        bytes += text.len() as u64;
        file.push(text.into_bytes()).await?;
        file.finish().await?;
        Ok(bytes)
    }
}
