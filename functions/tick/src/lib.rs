//! Every minute: which workspaces are due to be looked at.
