"""Turns the hand-written contract in `openapi/` into the package `generated/mavibot_api`."""
