"""Builds the site into a folder that git ignores; a broken link or anchor is an error."""

from __future__ import annotations

import argparse
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from docsite.assemble import PROJECT, assemble

if TYPE_CHECKING:
    from collections.abc import Sequence

_TARGET: Final = PROJECT / "site"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the command line without its first word; `None` takes it from the process.

    Returns:
        The exit code: 0, or 1 for a site that cannot be built.
    """
    parser = argparse.ArgumentParser(prog="scripts/docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="keep nothing; say only whether the site can be built")
    parser.add_argument("--serve", action="store_true", help="show the site on this machine until Ctrl-C")
    parser.add_argument("--port", type=int, default=8000, help="where to show it (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.check:
        with TemporaryDirectory() as folder:
            return build(Path(folder))
    code = build(_TARGET)
    if code == 0 and options.serve:
        serve(_TARGET / "html", options.port)
    return code


def build(target: Path) -> int:
    """Build the site into `html/` of a folder; return 0, or 1 where something is wrong with it.

    Args:
        target: the folder.
    """
    target.mkdir(parents=True, exist_ok=True)
    assemble(target)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "zensical.toml"]
    done = subprocess.run(command, cwd=target, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr.partition("Traceback")[0], sep="", file=sys.stderr)
        return 1
    print(f"built {target / 'html'}")
    return 0


def serve(folder: Path, port: int) -> None:
    """Serve a folder on this machine until Ctrl-C."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/; Ctrl-C stops it", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    sys.exit(main())
