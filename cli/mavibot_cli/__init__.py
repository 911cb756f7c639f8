"""The command line `mavibot`: one module a command, and a few that all commands share."""
