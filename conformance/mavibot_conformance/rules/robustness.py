"""Rules: robustness."""
