"""The audit log: who did what with accounts, keys and other people's data; only ever added to."""
