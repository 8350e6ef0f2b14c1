"""Programs: hotlines, mini-programs and dashboards, each with a key of its own."""
