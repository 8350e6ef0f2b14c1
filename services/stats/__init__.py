"""stats: the read model. Counts by division, hour, category, state and party."""
