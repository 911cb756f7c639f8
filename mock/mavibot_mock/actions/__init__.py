"""What each action of the contract does to the state of a project: one module a tag, one function an action."""
