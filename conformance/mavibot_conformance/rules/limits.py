"""Rules: limits, defaults and paging."""
