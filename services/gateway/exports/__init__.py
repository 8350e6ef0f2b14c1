"""Lists of cases as files."""
