"""Demo customers for a fresh installation: hand-written data and the pure functions that turn it into records."""
