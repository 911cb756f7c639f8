"""What a project posts to its webhook: which messages, in which order, and where to."""
