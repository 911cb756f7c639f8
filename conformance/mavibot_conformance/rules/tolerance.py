"""Rules: tolerance of input."""
