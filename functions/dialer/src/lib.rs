//! Places the calls that the planner claimed, and asks about those that fell silent.
