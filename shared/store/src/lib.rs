//! The single table: keys, entities, access patterns.
