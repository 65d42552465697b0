//! Turns dropped files into leads.
