"""Rules: isolation of projects."""
