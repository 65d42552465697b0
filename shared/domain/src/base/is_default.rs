//! What need not be stored.

/// Whether a field is as in a new value and need not be stored.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
