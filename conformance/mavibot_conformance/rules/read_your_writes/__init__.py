"""Rules: what was written is read."""

from mavibot_conformance.rules.read_your_writes import clients, deals, lists, messages, refusals, variables

__all__ = ["clients", "deals", "lists", "messages", "refusals", "variables"]
