"""Photos: taken in, made harmless, kept and shown."""
