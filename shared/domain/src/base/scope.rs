//! What a principal may do: a closed list of scopes. Roles are sets of them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! scopes {
    ($($name:ident = $text:literal, $what:literal;)*) => {
        /// What an operation of the API needs, and a key may have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Scope {
            $(#[doc = $what] #[serde(rename = $text)] $name,)*
        }

        impl Scope {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The scope as it is written: an area and what may be done there.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

scopes! {
    CampaignsRead = "campaigns:read", "See campaigns, their figures, explanations and forecasts.";
    CampaignsRun = "campaigns:run", "Start, schedule, pause, resume and cancel campaigns.";
    CampaignsWrite = "campaigns:write", "Create, change, copy and delete campaigns.";
    LeadsRead = "leads:read", "See leads, contacts, their lists, and imports.";
    LeadsWrite = "leads:write", "Add, change and import leads and contacts.";
    CallsRead = "calls:read", "See interactions, slots and evidence.";
    CallsWrite = "calls:write", "Call by hand.";
    DoNotCallRead = "do_not_call:read", "See do-not-call lists.";
    DoNotCallWrite = "do_not_call:write", "Put numbers on do-not-call lists, and take them off.";
    SettingsRead = "settings:read", "See the workspace, its rules, assistants and caller numbers.";
    SettingsWrite = "settings:write", "Change the workspace, its rules, assistants and caller numbers.";
    SecretsWrite = "secrets:write", "Set and remove the secrets that are shared with providers.";
    WebhooksRead = "webhooks:read", "See endpoints of webhooks, and all that is delivered to them.";
    WebhooksWrite = "webhooks:write", "Create, change, test and delete endpoints of webhooks: all that happens can be sent to them.";
    CreditsRead = "credits:read", "See credits and top-ups.";
    CreditsWrite = "credits:write", "Top up credits.";
    KeysRead = "keys:read", "See API keys.";
    KeysWrite = "keys:write", "Create and revoke API keys.";
    AuditRead = "audit:read", "See who changed what.";
}

impl Scope {
    /// Whether nothing can be changed with it.
    pub fn is_read_only(self) -> bool {
        self.name().ends_with(":read")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!(["campaigns:read", "leads:write"])))]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// What of these `granter` does not have, and so can't give.
    pub fn beyond(&self, granter: &Self) -> Vec<Scope> {
        self.0.difference(&granter.0).copied().collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_stored_as_it_is_written() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).expect("a scope"), scope.name());
            assert!(
                scope
                    .name()
                    .split_once(':')
                    .is_some_and(|(_, verb)| ["read", "write", "run"].contains(&verb))
            );
        }
    }

    #[test]
    fn nobody_gives_what_they_do_not_have() {
        let reader: Scopes = Scope::ALL.iter().copied().filter(|scope| scope.is_read_only()).collect();
        assert_eq!(reader.beyond(&Scopes::all()), []);
        let beyond = Scopes::all().beyond(&reader);
        assert!(beyond.contains(&Scope::KeysWrite) && beyond.iter().all(|scope| !scope.is_read_only()));
        assert_eq!(beyond.len() + reader.iter().count(), Scope::ALL.len());
    }
}
