"""All that touches schemathesis: what it is told, what it must hold of a reply, and what it may send."""
