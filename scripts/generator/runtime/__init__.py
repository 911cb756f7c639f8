"""Modules that go into the generated package as they are."""
