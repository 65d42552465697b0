//! The whole of Carillon in one process, with a simulated phone network.
