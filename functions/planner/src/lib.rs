//! Plans a workspace: who is dialled next, when, from which number.
