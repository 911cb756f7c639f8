"""The protocol rules, one readable function each, a module a family."""
