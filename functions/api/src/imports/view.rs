//! What a client is shown of an import.

use std::collections::BTreeMap;

use carillon_adapters::files::PresignedUpload;
use carillon_domain::base::ids::{CampaignId, ContactListId, ImportId};
use carillon_domain::base::numbering::Country;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::import::{FileFormat, Import, ImportStatus};
use carillon_domain::records::mapping::MappingName;
use serde::Serialize;
use utoipa::ToSchema;

/// One file on its way in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct ImportView {
    /// Its id.
    id: ImportId,
    /// The campaign, if its rows become leads.
    campaign_id: Option<CampaignId>,
    /// The contact list, if its rows become contacts.
    contact_list_id: Option<ContactListId>,
    /// What the file is called.
    file_name: String,
    /// Where it is in the bucket.
    file_key: String,
    /// What some of its columns mean, as the client said.
    columns: BTreeMap<String, String>,
    /// The saved mapping that is used, whether the client named it or it fits the file.
    mapping: Option<MappingName>,
    /// What a row does whose number is a lead already, as the client said.
    on_duplicate: Option<OnDuplicate>,
    /// The country of numbers that are written without one, as the client said.
    default_country: Option<Country>,
    /// What all leads of the file are tagged with.
    tags: Vec<String>,
    /// The sheet of a workbook that is read.
    sheet: Option<String>,
    /// What the file is, once it is read.
    format: FileFormat,
    /// The headers of the file, once it is read.
    headers: Vec<String>,
    /// What became of columns in another way than their headers may promise.
    notices: Vec<String>,
    /// Where it stands.
    status: ImportStatus,
    /// Why it failed.
    error: Option<String>,
    /// Size of the file in bytes; 0 until it has come.
    size_bytes: u64,
    /// How much of it is read, in percent.
    #[schema(minimum = 0, maximum = 100)]
    percent: u64,
    /// Rows with data that were read.
    rows: u64,
    /// Rows that became leads, or contacts.
    created: u64,
    /// Rows whose number is a lead of the campaign, or a contact, already, which now holds what they say.
    updated: u64,
    /// Rows whose number is a lead of the campaign, or a contact, already, which stays as it is.
    duplicates: u64,
    /// Rows whose number is on a do-not-call list that counts for the campaign. They are leads, whom nobody calls.
    suppressed: u64,
    /// Rows that can't become leads.
    invalid: u64,
    /// Cells that can't be read and were left out of leads.
    warnings: u64,
    /// When it was announced, or its file came.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// When it ended.
    finished_at: Option<Timestamp>,
}

/// An import whose file has come or is to be uploaded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnnouncedImport {
    #[serde(flatten)]
    import: ImportView,
    /// Absent if the file came in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<UploadView>,
}

/// How to upload the file: one request with the file as its body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(crate) struct UploadView {
    /// Where to; whoever knows it may upload.
    url: String,
    /// The HTTP method.
    #[schema(example = "PUT")]
    method: String,
    /// Headers that the request must carry.
    headers: BTreeMap<String, String>,
    /// Until when.
    expires_at: Timestamp,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let progress = import.progress;
        let read = progress.position_bytes.saturating_mul(100).checked_div(import.size_bytes);
        let percent = if import.status == ImportStatus::Completed { 100 } else { read.unwrap_or(0).min(100) };
        Self {
            id: import.id,
            campaign_id: import.target.campaign().cloned(),
            contact_list_id: import.target.contact_list().cloned(),
            file_name: import.file_name,
            file_key: import.file_key,
            columns: import.options.columns,
            mapping: import.options.mapping,
            on_duplicate: import.options.on_duplicate,
            default_country: import.options.default_country,
            tags: import.options.tags,
            sheet: import.options.sheet,
            format: import.format,
            headers: import.headers,
            notices: import.notices,
            status: import.status,
            error: import.error,
            size_bytes: import.size_bytes,
            percent,
            rows: progress.rows,
            created: progress.created,
            updated: progress.updated,
            duplicates: progress.duplicates,
            suppressed: progress.suppressed,
            invalid: progress.invalid,
            warnings: progress.warnings,
            created_at: import.created_at,
            updated_at: import.updated_at,
            finished_at: import.finished_at,
        }
    }
}

impl From<PresignedUpload> for UploadView {
    fn from(upload: PresignedUpload) -> Self {
        Self {
            url: upload.url,
            method: upload.method,
            headers: upload.headers.into_iter().collect(),
            expires_at: upload.expires_at,
        }
    }
}
