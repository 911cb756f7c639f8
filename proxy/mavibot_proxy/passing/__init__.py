"""Passes a call on and its reply back: the two sides are parsed and written anew, and neither body is decoded."""
