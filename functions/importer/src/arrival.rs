//! From an event of the bucket to an import.

use carillon_adapters::files::FilesError;
use carillon_domain::base::ids::{ContactListId, ImportId, JobId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::contact_list::ContactList;
use carillon_domain::records::import::{Import, ImportOptions, ImportTarget};
use carillon_runtime::context::Context;
use carillon_runtime::messages::{ContinueImport, FeedWalk, RewriteIndex};
use serde::Deserialize;

use crate::error::ImportError;

/// Uploads through signed addresses: `imports/<workspace>/<campaign or contact list>/<import>/<file>`.
const UPLOADS: &str = "imports";
/// Among them, numbers for a do-not-call list: `imports/<workspace>/do-not-call/<job>/<file>`.
const NUMBERS: &str = "do-not-call";
/// Files dropped straight into the bucket: `drops/<workspace>/<campaign or contact list>/<file>`.
const DROPS: &str = "drops";
/// What stands in the place of a target where a file makes a contact list of its own:
/// `drops/<workspace>/contacts/<file>`.
const NEW_LIST: &str = "contacts";
/// Longest name that a list gets from its file, in characters.
const MAX_LIST_NAME_CHARS: usize = 200;

/// What the import queue carries.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Message {
    /// An import to go on with.
    Continue(ContinueImport),
    /// A walk over a campaign's leads.
    Walk(FeedWalk),
    /// A search index to write anew.
    RewriteIndex(RewriteIndex),
    Bucket(BucketEvent),
    /// S3 shows that it may send to the queue.
    Test(TestEvent),
}

/// The part of an S3 event that matters.
#[derive(Debug, Deserialize)]
pub(crate) struct BucketEvent {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// What S3 sends when its notifications are set up.
#[derive(Debug, Deserialize)]
pub(crate) struct TestEvent {
    #[serde(rename = "Event")]
    _name: TestEventName,
}

#[derive(Debug, Deserialize)]
enum TestEventName {
    #[serde(rename = "s3:TestEvent")]
    TestEvent,
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(rename = "eventTime")]
    at: Timestamp,
    s3: S3,
}

#[derive(Debug, Deserialize)]
struct S3 {
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
    #[serde(default)]
    sequencer: String,
}

/// The imports that a message starts or goes on with.
pub(crate) async fn imports(context: &Context, message: Message) -> Result<Vec<ContinueImport>, ImportError> {
    let event = match message {
        Message::Continue(import) => return Ok(vec![import]),
        Message::Walk(_) | Message::RewriteIndex(_) | Message::Test(_) => return Ok(Vec::new()),
        Message::Bucket(event) => event,
    };
    let mut imports = Vec::new();
    for record in event.records {
        let key = form_decoded(&record.s3.object.key);
        if let Some((workspace, job)) = job(&key) {
            // A job's file has come; it is the worker's.
            context.send_job(&workspace, &job, 0).await?;
            continue;
        }
        match place(&key) {
            Some(place) => imports.extend(arrive(context, &record, place).await?),
            None => tracing::error!(
                key = record.s3.object.key,
                "a file lies where no campaign or contact list is named"
            ),
        }
    }
    Ok(imports)
}

#[derive(Debug, PartialEq, Eq)]
struct Place {
    key: String,
    workspace: WorkspaceId,
    /// None if the file makes a contact list.
    target: Option<ImportTarget>,
    /// Only of an upload: it was announced.
    import: Option<ImportId>,
    file_name: String,
}

fn place(key: &str) -> Option<Place> {
    let parts: Vec<&str> = key.split('/').collect();
    let (workspace, target, import, file_name) = match parts.as_slice() {
        [UPLOADS, workspace, target, import, file] => (workspace, target, Some(import), file),
        [DROPS, workspace, target, file] => (workspace, target, None, file),
        _ => return None,
    };
    let target = match (*target, import) {
        (NEW_LIST, None) => None,
        (target, _) => Some(target.parse().ok()?),
    };
    Some(Place {
        key: key.to_owned(),
        workspace: workspace.parse().ok()?,
        target,
        import: import.map(|id| id.parse()).transpose().ok()?,
        file_name: (*file_name).to_owned(),
    })
}

/// The job whose file has this key.
fn job(key: &str) -> Option<(WorkspaceId, JobId)> {
    match key.split('/').collect::<Vec<_>>().as_slice() {
        [UPLOADS, workspace, NUMBERS, job, _] => Some((workspace.parse().ok()?, job.parse().ok()?)),
        _ => None,
    }
}

/// Finds the import that was announced, or makes one: the same event again finds the same import.
async fn arrive(
    context: &Context,
    record: &Record,
    place: Place,
) -> Result<Option<ContinueImport>, ImportError> {
    let ws = &place.workspace;
    let id = match &place.import {
        Some(announced) => announced.clone(),
        None => ImportId::derive(&place.key, &record.s3.object.sequencer, record.at),
    };
    let (target, is_list_new) = match &place.target {
        Some(target) => (target.clone(), false),
        None => (ImportTarget::ContactList(ContactListId::derive(&id)), true),
    };
    let known = context.store.import(ws, &target, &id).await?;
    if known.is_none() {
        if is_list_new {
            make_list(context, ws, &id, &place.file_name).await?;
        }
        if !is_there(context, ws, &target).await? {
            tracing::error!(
                key = place.key,
                "a file was dropped for a campaign or contact list that is not there"
            );
            return Ok(None);
        }
        let Place { key, file_name, .. } = &place;
        let (key, name) = (key.clone(), file_name.clone());
        let import =
            Import::new(id.clone(), target.clone(), key, name, ImportOptions::default(), context.now());
        context.store.create_import(ws, &import).await?;
    }
    match context.files.size(&place.key).await {
        Ok(_) => {}
        // Removed again before we came to it.
        Err(FilesError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    Ok(Some(ContinueImport { workspace: place.workspace, target, import: id, failures: 0, last_row: 0 }))
}

/// Makes the contact list of a file, which is called as the file is; the same file's again changes nothing.
async fn make_list(
    context: &Context,
    ws: &WorkspaceId,
    import: &ImportId,
    file_name: &str,
) -> Result<(), ImportError> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let name: String = stem.trim().chars().take(MAX_LIST_NAME_CHARS).collect();
    let now = context.now();
    let list = ContactList {
        id: ContactListId::derive(import),
        version: 1,
        name: if name.is_empty() { NEW_LIST.to_owned() } else { name },
        description: None,
        is_closed: false,
        created_at: now,
        updated_at: now,
    };
    context.store.create_contact_list(ws, &list).await?;
    Ok(())
}

async fn is_there(context: &Context, ws: &WorkspaceId, target: &ImportTarget) -> Result<bool, ImportError> {
    Ok(match target {
        ImportTarget::Campaign(campaign) => context.store.campaign(ws, campaign).await?.is_some(),
        ImportTarget::ContactList(list) => context.store.contact_list(ws, list).await?.is_some(),
    })
}

/// Keys in S3 events are encoded as in forms; what is no encoding stays as it is.
fn form_decoded(text: &str) -> String {
    // No two fields, whatever is in it.
    let field = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(field.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WS: &str = "ws_01ARYZ6S410000000000000000";
    const CMP: &str = "cmp_01ARYZ6S410000000000000000";
    const LIST: &str = "lst_01ARYZ6S410000000000000000";
    const IMP: &str = "imp_01ARYZ6S410000000000000000";

    #[test]
    fn a_key_names_workspace_target_and_file() {
        let dropped = place(&format!("drops/{WS}/{CMP}/my people.csv")).expect("a drop");
        assert_eq!((dropped.import, dropped.file_name.as_str()), (None, "my people.csv"));
        let listed = place(&format!("drops/{WS}/{LIST}/p.csv")).expect("a drop");
        assert_eq!(listed.target.map(|target| target.to_string()).as_deref(), Some(LIST));
        assert_eq!(place(&format!("drops/{WS}/contacts/Autumn fair.csv")).expect("a drop").target, None);
        let uploaded = place(&format!("imports/{WS}/{CMP}/{IMP}/p.csv")).expect("an upload");
        assert_eq!(uploaded.import.map(|id| id.to_string()).as_deref(), Some(IMP));
    }

    #[test]
    fn numbers_for_a_list_are_a_jobs() {
        let of = |key: String| job(&key).map(|(workspace, job)| (workspace.to_string(), job.to_string()));
        let id = "job_01ARYZ6S410000000000000000".to_owned();
        let key = format!("imports/{WS}/do-not-call/{id}/n.csv");
        assert_eq!(of(key.clone()), Some((WS.to_owned(), id)));
        assert_eq!(place(&key), None);
        assert_eq!(of(format!("imports/{WS}/{CMP}/{IMP}/p.csv")), None);
    }

    #[test]
    fn a_file_anywhere_else_is_nobodys() {
        for key in ["people.csv", "drops/people.csv", "drops/ws_1/cmp_1/p.csv", "reports/a/b/c.csv"] {
            assert_eq!(place(key), None, "{key}");
        }
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        let of = |text: &str| serde_json::from_str::<Message>(text).ok();
        let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-21T09:10:00.000Z",
            "Bucket":"carillon","RequestId":"1","HostId":"2"}"#;
        assert!(matches!(of(test), Some(Message::Test(_))));
        assert!(matches!(of(r#"{"Records":[]}"#), Some(Message::Bucket(_))));
        // Those of another version come into the dead-letter queue, to be sent again.
        for odd in [
            format!(r#"{{"workspace_id":"{WS}","campaign":"{CMP}","import":"{IMP}"}}"#),
            r#"{"Event":"s3:ObjectCreated:Put"}"#.to_owned(),
            r#"{"Records":{}}"#.to_owned(),
            "{}".to_owned(),
        ] {
            assert!(of(&odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn keys_are_decoded_as_forms_are() {
        assert_eq!(form_decoded("a+b/%C3%A4%2B.csv"), "a b/ä+.csv");
        assert_eq!(form_decoded("100%.csv"), "100%.csv");
    }
}
