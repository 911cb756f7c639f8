"""All that touches schemathesis: its configuration, its checks of a reply, and what it may send."""
