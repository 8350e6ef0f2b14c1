"""issues: the system of record. The case, its states and its history."""
