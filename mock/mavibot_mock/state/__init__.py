"""What a project owns: its database, settings and clock, and what the contract says of them."""
