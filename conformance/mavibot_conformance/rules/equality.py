"""Rules: the same call in another form."""
