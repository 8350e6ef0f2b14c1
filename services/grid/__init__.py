"""grid: whose is this point? Divisions, grids, compounds, responsible parties, members."""
