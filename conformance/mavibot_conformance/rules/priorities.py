"""Rules: which parameter wins."""
