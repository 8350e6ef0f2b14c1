"""What is made in the background: ordered, claimed by one process at a time, kept, and fetched."""
