"""Rules: search."""

from mavibot_conformance.rules.search import conditions, people, values

__all__ = ["conditions", "people", "values"]
