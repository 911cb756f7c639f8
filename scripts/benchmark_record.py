"""Measures client, mock and proxy and keeps the figures in bench/results.json, which the documentation site shows."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import benchmark_client
import benchmark_mock
import benchmark_proxy
import figures


def main() -> None:
    """Measure everything that the site shows, and write it down."""
    parser = argparse.ArgumentParser(prog="scripts/bench record", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="times that each figure is taken, at least 2")
    parser.add_argument("--calls", type=int, default=100, help="calls of the client in a turn")
    parser.add_argument("--seconds", type=int, default=3, help="length of a turn of mock and proxy in seconds")
    parser.add_argument("--no-prism", action="store_true", help="leave out Prism, which npm installs once")
    parser.add_argument("--to", type=Path, default=figures.FILE, metavar="FILE", help="where (default: %(default)s)")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    rounds = ["--rounds", str(options.rounds)]
    benchmark_client.main([*rounds, "--calls", str(options.calls), "--clients", "100000"])
    no_prism = ["--no-prism"] if options.no_prism else []
    benchmark_mock.main(["calls", "start", *rounds, "--seconds", str(options.seconds), *no_prism])
    benchmark_proxy.main([*rounds, "--seconds", str(options.seconds)])
    figures.write(figures.results(load), options.to)
    print(f"wrote {options.to}")


if __name__ == "__main__":
    main()
