"""Rules: keys and permissions."""
