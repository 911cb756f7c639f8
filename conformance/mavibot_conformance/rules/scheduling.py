"""Rules: scheduling."""
