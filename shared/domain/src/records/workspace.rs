//! Workspaces: tenants, and the limits that all of their campaigns share.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::base::ids::{CallerNumberId, WorkspaceId};
use crate::base::language_model::LanguageModel;
use crate::base::numbering::NumberClasses;
use crate::base::time::Timestamp;
use crate::policy::caps::{Cap, CapSource};
use crate::policy::rules::{OwnRule, Rulebook};
use crate::policy::tariff::Tariff;

/// Most calls at once in a workspace, unless it says otherwise.
pub const DEFAULT_WORKSPACE_LIMIT: u32 = 1_000;
/// Most campaigns that run at once in a workspace, unless its plan says otherwise.
pub const DEFAULT_RUNNING_LIMIT: u32 = 100;
/// Most that a plan may say: a plan of calls reads all campaigns that run.
pub const MAX_RUNNING_LIMIT: u32 = 1_000;

/// A tenant: everything else belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub version: u64,
    /// The company's name; `our_company` in templates.
    pub name: String,
    /// Most calls at once, over all campaigns.
    pub concurrent_limit: u32,
    /// Most campaigns that run at once.
    #[serde(default = "default_running_limit")]
    pub running_limit: u32,
    /// How often one person may be contacted, over all campaigns; none means as often as these like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_budget: Option<ContactBudget>,
    /// The classes of numbers that are called all the same: premium rate, satellite...
    #[serde(default, skip_serializing_if = "NumberClasses::is_empty")]
    pub allowed_number_classes: NumberClasses,
    /// Rules of its own, besides the built-in ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<OwnRule>,
    /// The credits below which campaigns pause, in millionths of a US dollar; none if they
    /// never hold anything up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_credits_micros: Option<i64>,
    /// The caller number for assistants that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_number_id: Option<CallerNumberId>,
    /// What attempts cost where their provider does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tariffs: Vec<Tariff>,
    /// The language model that reads its calls; none are read without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_model: Option<ModelAccess>,
    pub created_at: Timestamp,
}

/// A language model, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelAccess {
    #[serde(flatten)]
    pub model: LanguageModel,
    /// What its key is called in the secret store; each key has a name of its own, so that none is sent to an address that it is not
    /// for. None of a model that needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    pub set_at: Timestamp,
}

/// How often one person may be contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactBudget {
    pub max: u32,
    /// In any time of so many minutes.
    pub per_minutes: u32,
}

const fn default_running_limit() -> u32 {
    DEFAULT_RUNNING_LIMIT
}

impl Workspace {
    /// A new workspace with the usual limits.
    pub const fn new(id: WorkspaceId, name: String, now: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            name,
            concurrent_limit: DEFAULT_WORKSPACE_LIMIT,
            running_limit: DEFAULT_RUNNING_LIMIT,
            contact_budget: None,
            allowed_number_classes: NumberClasses::NONE,
            rules: Vec::new(),
            low_credits_micros: None,
            test_number_id: None,
            tariffs: Vec::new(),
            language_model: None,
            created_at: now,
        }
    }

    /// The rules that hold in it.
    pub fn rulebook(&self) -> Arc<Rulebook> {
        static BUILT_IN: LazyLock<Arc<Rulebook>> = LazyLock::new(|| Arc::new(Rulebook::builtin().clone()));
        // Its own were checked when they were set; were they unusable, the built-in ones hold.
        let own = if self.rules.is_empty() { None } else { Rulebook::with(&self.rules).ok() };
        own.map_or_else(|| Arc::clone(&BUILT_IN), Arc::new)
    }

    /// The budget as a cap, if there is one.
    pub fn budget_cap(&self) -> Option<Cap> {
        let budget = self.contact_budget?;
        Some(Cap { max: budget.max, per_minutes: budget.per_minutes, source: CapSource::Budget })
    }
}
