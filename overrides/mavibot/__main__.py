"""Makes `python -m mavibot` the command `mavibot`, which is a package of its own."""

import runpy

runpy.run_module("mavibot_cli", run_name="__main__", alter_sys=True)
