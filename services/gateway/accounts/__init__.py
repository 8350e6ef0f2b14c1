"""People: accounts, sessions and what was done with them."""
