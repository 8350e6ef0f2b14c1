"""Places and responsible parties, asked of the grid service."""
