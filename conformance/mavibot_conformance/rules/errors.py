"""Rules: error shapes."""
