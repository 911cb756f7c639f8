"""What is kept of the calls: without keys, with pseudonyms in place of what is personal, and bounded on disk."""
