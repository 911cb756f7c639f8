"""The running mock: projects, their jobs, faults and journal, and the HTTP server around them."""
