"""Rules: reply shapes."""
