"""stats: the read model. What is known of each case, and how many cases are in which set."""
