"""The pages that the mock shows in a browser: what goes on in each project, and the reference."""
