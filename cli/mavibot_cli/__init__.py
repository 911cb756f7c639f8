"""The command line `mavibot`: one module per command, and a few that all commands share."""
