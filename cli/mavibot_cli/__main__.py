"""The command `mavibot`; says which extra is missing where the command line is not installed."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        _run()
    except KeyboardInterrupt:  # importing takes a while, and no command has begun that could handle it
        sys.exit(130)


def _run() -> None:
    try:
        from mavibot_cli.app import app  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        sys.exit("mavibot: the command line is an extra; install it with: pip install 'mavibot[cli]'")
    app(prog_name="mavibot")


if __name__ == "__main__":
    main()
