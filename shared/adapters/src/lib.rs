//! One file for each neighbour: voice providers, queues, files, secrets.
