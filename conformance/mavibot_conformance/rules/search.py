"""Rules: search."""
