"""How a call arrives: its body, aliases, types and checks, and the replies that refuse it."""
