//! `/workspace`: the limits that all campaigns of a workspace share.

use std::collections::BTreeSet;

use axum::extract::State;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{CallerNumberId, WorkspaceId};
use carillon_domain::base::numbering::{Country, NumberClass};
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::caps::{MAX_CAP, MAX_CAP_MINUTES};
use carillon_domain::policy::rules::{OwnRule, Rulebook};
use carillon_domain::policy::tariff::{MAX_PRICE_MICROS, Tariff};
use carillon_domain::records::credits::MAX_THRESHOLD_MICROS;
use carillon_domain::records::workspace::{ContactBudget, Workspace};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::callers::{Voices, announce};
use crate::http::change::{Patchable, change};
use crate::http::etag::{Changeable, ETag, Tagged};
use crate::http::if_match::IfMatch;
use crate::http::json::Patch;
use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};
use crate::money::{micros, usd};

/// Most calls at once that a workspace may ask for.
const MAX_WORKSPACE_LIMIT: u32 = 10_000;
/// Most rows of the table of prices: one for each channel and country.
const MAX_TARIFFS: usize = 600;
/// Minutes of an hour.
const MINUTES_PER_HOUR: u32 = 60;
/// Minutes of a day.
const MINUTES_PER_DAY: u32 = 24 * 60;
/// Longest time of a contact budget, in days.
const MAX_BUDGET_DAYS: u32 = MAX_CAP_MINUTES / MINUTES_PER_DAY;

/// The settings of a workspace.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspaceForm {
    /// The company's name; `our_company` in templates.
    #[schema(example = "Acme", min_length = 1, max_length = 200)]
    name: String,
    /// Most calls at once, over all campaigns.
    #[schema(minimum = 1, maximum = 10000)]
    concurrent_limit: u32,
    /// How often one person may be called, over all campaigns; null means as often as these like.
    contact_budget: Option<BudgetForm>,
    /// The classes of numbers that are called all the same. Unless it is named here, a number of a class is
    /// refused wherever it comes from, and not dialled.
    allowed_number_classes: BTreeSet<NumberClass>,
    /// Rules of its own. A rule adds to the built-in ones, which `GET /rules` lists; one that names
    /// some of them in `replaces` stands in their place where it holds, and must say why.
    #[schema(max_items = 100)]
    rules: Vec<OwnRule>,
    /// The credits, in US dollars, under which campaigns pause and none starts; at most six
    /// decimals. Null means that no campaign waits for credits; costs are booked all the same.
    #[schema(minimum = 0, maximum = 1000000, example = 10.0)]
    low_credits_usd: Option<f64>,
    /// What calls and texts cost where their provider does not say: that much is booked to the credits. A row
    /// for the country of the person's number comes before the row without a country.
    #[serde(default)]
    #[schema(max_items = 600)]
    tariffs: Vec<TariffForm>,
    /// The caller number that an assistant gets that has none, once a campaign of its is to call; none unless set.
    #[serde(default)]
    test_number_id: Option<CallerNumberId>,
}

/// A price.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Tariff)]
pub(crate) struct TariffForm {
    channel: Channel,
    /// ISO 3166-1 alpha-2; null for all countries that have no row of their own.
    #[serde(default)]
    #[schema(example = "DE")]
    country: Option<Country>,
    /// US dollars a minute of a call, counted by the second, or a text; at most six decimals.
    #[schema(minimum = 0, maximum = 1000, example = 0.12)]
    usd: f64,
}

/// How often one person may be called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactBudget)]
pub(crate) struct BudgetForm {
    /// Most attempts.
    #[schema(minimum = 1, maximum = 32, example = 3)]
    max: u32,
    /// In any so many days, each of 24 hours.
    #[schema(minimum = 1, maximum = 90, example = 7)]
    per_days: u32,
}

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workspace)]
pub(crate) struct WorkspaceView {
    /// Its id.
    id: WorkspaceId,
    /// The company's name; `our_company` in templates.
    name: String,
    /// Most calls at once, over all campaigns.
    concurrent_limit: u32,
    /// Most campaigns that run at once; the plan says it, and whoever runs Carillon sets it.
    running_limit: u32,
    /// How many campaigns run.
    running: usize,
    /// How often one person may be called, over all campaigns.
    contact_budget: Option<BudgetForm>,
    /// The classes of numbers that are called all the same.
    allowed_number_classes: BTreeSet<NumberClass>,
    /// Rules of its own.
    rules: Vec<OwnRule>,
    /// The credits, in US dollars, under which campaigns pause and none starts; null if they never hold one up.
    low_credits_usd: Option<f64>,
    /// What calls and texts cost where their provider does not say.
    tariffs: Vec<TariffForm>,
    /// The caller number that an assistant gets that has none, once a campaign of its is to call.
    test_number_id: Option<CallerNumberId>,
    /// When it was created.
    created_at: Timestamp,
}

type WorkspacePatch = Patch<WorkspaceForm>;

/// Shows the workspace of the API key.
#[utoipa::path(get, path = "/workspace", tag = "workspace",
    responses((status = 200, body = WorkspaceView)))]
pub(crate) async fn get_workspace(
    State(context): State<Context>,
    principal: Principal,
) -> Result<Tagged<WorkspaceView>, Problem> {
    let workspace = load(&context, &principal.workspace).await?;
    show(&context, workspace).await
}

/// Changes the workspace of the API key.
///
/// What is dialled from then on keeps to the new limits; calls that are up go on.
#[utoipa::path(patch, path = "/workspace", tag = "workspace", request_body = WorkspacePatch,
    responses((status = 200, body = WorkspaceView)))]
pub(crate) async fn change_workspace(
    State(context): State<Context>,
    principal: Principal,
    if_match: IfMatch,
    patch: WorkspacePatch,
) -> Result<Tagged<WorkspaceView>, Problem> {
    let ws = &principal.workspace;
    let numbers = Voices::of(&context, ws).await?.numbers;
    let make = |before: &Workspace, form: WorkspaceForm| form.onto(before.clone(), &numbers);
    let save = |before, after| save(&context, &principal, before, after);
    let changed = change(&if_match, &patch, || load(&context, ws), make, save).await?;
    announce(&context, ws).await?;
    show(&context, changed).await
}

async fn save(
    context: &Context,
    principal: &Principal,
    before: Workspace,
    after: Workspace,
) -> Result<bool, Problem> {
    let store = principal.noting(context, &after.id, &before.form(), &after.form())?;
    Ok(store.update_workspace(&after).await?)
}

pub(crate) async fn load(context: &Context, ws: &WorkspaceId) -> Result<Workspace, Problem> {
    context.store.workspace(ws).await?.ok_or_else(|| Problem::not_found("workspace", ws))
}

async fn show(context: &Context, workspace: Workspace) -> Result<Tagged<WorkspaceView>, Problem> {
    let running = context.store.plan_state(&workspace.id).await?.map_or(0, |state| state.running.len());
    let etag = Some(workspace.etag());
    let view = WorkspaceView {
        running,
        contact_budget: workspace.contact_budget.map(BudgetForm::from),
        allowed_number_classes: Vec::from(workspace.allowed_number_classes).into_iter().collect(),
        low_credits_usd: workspace.low_credits_micros.map(usd),
        tariffs: workspace.tariffs.iter().map(TariffForm::from).collect(),
        test_number_id: workspace.test_number_id,
        rules: workspace.rules,
        id: workspace.id,
        name: workspace.name,
        concurrent_limit: workspace.concurrent_limit,
        running_limit: workspace.running_limit,
        created_at: workspace.created_at,
    };
    Ok(Tagged { etag, view })
}

impl WorkspaceForm {
    /// The workspace with these settings.
    fn onto(self, before: Workspace, numbers: &[CallerNumber]) -> Result<Workspace, Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("name", &self.name, MAX_NAME_CHARS);
        errors.check_range("concurrent_limit", self.concurrent_limit, 1..=MAX_WORKSPACE_LIMIT);
        if let Some(budget) = self.contact_budget {
            errors.check_range("contact_budget.max", budget.max, 1..=MAX_CAP);
            errors.check_range("contact_budget.per_days", budget.per_days, 1..=MAX_BUDGET_DAYS);
        }
        check_rules(&mut errors, &self.rules);
        if let Some(id) = self.test_number_id.as_ref().filter(|id| numbers.iter().all(|one| one.id != **id)) {
            let reason = format_args!("there is no caller number {id} in this workspace");
            errors.push("test_number_id", reason);
        }
        let threshold = self
            .low_credits_usd
            .map(|usd| micros(&mut errors, "low_credits_usd", usd, 0..=MAX_THRESHOLD_MICROS));
        let tariffs = tariffs(&mut errors, self.tariffs);
        errors.into_result()?;
        Ok(Workspace {
            version: before.version + 1,
            name: self.name.trim().to_owned(),
            concurrent_limit: self.concurrent_limit,
            contact_budget: self.contact_budget.map(|budget| ContactBudget {
                max: budget.max,
                per_minutes: budget.per_days * MINUTES_PER_DAY,
            }),
            allowed_number_classes: self.allowed_number_classes.into_iter().collect(),
            rules: self.rules,
            low_credits_micros: threshold,
            test_number_id: self.test_number_id,
            tariffs,
            ..before
        })
    }
}

impl Changeable for Workspace {
    fn etag(&self) -> ETag {
        ETag::of(self.version, &self.form())
    }
}

impl Patchable for Workspace {
    type Form = WorkspaceForm;

    fn form(&self) -> WorkspaceForm {
        self.into()
    }
}

impl From<&Workspace> for WorkspaceForm {
    fn from(workspace: &Workspace) -> Self {
        Self {
            name: workspace.name.clone(),
            concurrent_limit: workspace.concurrent_limit,
            contact_budget: workspace.contact_budget.map(BudgetForm::from),
            allowed_number_classes: Vec::from(workspace.allowed_number_classes).into_iter().collect(),
            rules: workspace.rules.clone(),
            low_credits_usd: workspace.low_credits_micros.map(usd),
            tariffs: workspace.tariffs.iter().map(TariffForm::from).collect(),
            test_number_id: workspace.test_number_id.clone(),
        }
    }
}

impl From<&Tariff> for TariffForm {
    fn from(tariff: &Tariff) -> Self {
        let usd = usd(i64::try_from(tariff.micros).unwrap_or(i64::MAX));
        Self { channel: tariff.channel, country: tariff.country, usd }
    }
}

/// The table, where each channel has at most one row a country.
fn tariffs(errors: &mut FieldErrors, forms: Vec<TariffForm>) -> Vec<Tariff> {
    if forms.len() > MAX_TARIFFS {
        errors.push("tariffs", format_args!("there are {}; at most {MAX_TARIFFS} fit", forms.len()));
    }
    let mut rows = BTreeSet::new();
    let mut tariffs = Vec::new();
    for (place, TariffForm { channel, country, usd }) in forms.into_iter().enumerate() {
        if !rows.insert((channel, country)) {
            errors.push(format!("tariffs[{place}]"), "another row is for the same channel and country");
        }
        let field = format!("tariffs[{place}].usd");
        let micros = micros(errors, &field, usd, 0..=MAX_PRICE_MICROS.cast_signed()).unsigned_abs();
        tariffs.push(Tariff { channel, country, micros });
    }
    tariffs
}

/// Whether the rules can be kept, and used together.
fn check_rules(errors: &mut FieldErrors, rules: &[OwnRule]) {
    for (place, rule) in rules.iter().enumerate() {
        for cap in &rule.rule().caps {
            let field = format!("rules[{place}].caps");
            errors.check_range(&field, cap.max.get(), 1..=MAX_CAP);
            errors.check_range(&field, cap.per_hours.get(), 1..=MAX_CAP_MINUTES / MINUTES_PER_HOUR);
        }
    }
    if let Err(error) = Rulebook::with(rules) {
        errors.push("rules", error);
    }
}

impl From<ContactBudget> for BudgetForm {
    fn from(budget: ContactBudget) -> Self {
        Self { max: budget.max, per_days: budget.per_minutes.div_ceil(MINUTES_PER_DAY) }
    }
}
