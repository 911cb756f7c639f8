"""The Mavibot API as code, made by `scripts/generate` from the contract; not edited by hand."""
