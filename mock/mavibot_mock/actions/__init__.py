"""What each action of the contract does to the state of a project: one module per tag, one function per action."""
