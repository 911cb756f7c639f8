"""The server under test: what is known of it, how it is called, and what a run may do to it."""
