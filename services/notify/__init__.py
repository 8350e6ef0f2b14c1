"""notify: who must hear of a case, and through which channel."""
