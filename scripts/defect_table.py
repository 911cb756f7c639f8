"""Plants each seeded defect in the mock and shows which rules and layers find it; a survivor is a missing rule."""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from mavibot_conformance.plan import Plan, RunLevel
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.rules.rule import all_rules
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Mock, Server, defects

#: Which rules kill a defect; the tests run just these.
KILLERS: Final = Path(__file__).parents[1] / "tests" / "data" / "defect-killers.json"

_LEVELS: Final = {"rules": RunLevel.RULES, "coverage": RunLevel.COVERAGE, "fuzz": RunLevel.FULL}
_WORKERS: Final = 2
#: Enough for the tests: more rules would only repeat the proof.
_KILLERS_KEPT: Final = 2
#: What no rule may call wrong, since no source says what is right.
_UNDECIDED: Final = {"duplicate-keys-take-the-first"}
_FOUND: Final = {Verdict.FAIL, Verdict.NON_STRICT}


def examine(level: RunLevel, seed: int, *, selection: str | None = None) -> Results:
    """Run the suite over a fresh mock: the rules alone in this process, further layers over a port."""
    if level is not RunLevel.RULES:
        with Server() as server:
            return run(Plan(server.url, mock_profile(server.url), level=level, consent="send", seed=seed))
    with Mock() as mock:
        transport = mock.transport()
        profile = mock_profile(mock.url, transport=transport)
        return run(Plan(mock.url, profile, consent="send", seed=seed, transport=transport, selection=selection))


def examine_defect(name: str, level: RunLevel) -> tuple[str, list[str], list[str], dict[str, int]]:
    """Return a defect, the rules that find it, those to keep, and how many broken checks each further layer has."""
    with defects.applied(name):
        results = examine(level, seed=1)
        found = finders(results)
        # A rule can find a defect by what another rule left behind: the kept ones must do it alone.
        kept = found[:_KILLERS_KEPT]
        if kept:
            kept = finders(examine(RunLevel.RULES, seed=1, selection=",".join(kept)))
    return name, found, kept, {layer.name: len(layer.failures) + len(layer.non_strict) for layer in results.layers}


def finders(results: Results) -> list[str]:
    """Return the rules that found something: those that failed first, then those that run just once."""
    runs_often = {rule.id: rule.each for rule in all_rules()}
    found = [each for each in results.outcomes if each.verdict in _FOUND]
    found.sort(key=lambda each: (each.verdict, runs_often[each.rule]))
    return list(dict.fromkeys(each.rule for each in found))


def main() -> int:
    """Print the table and return the exit code: 1 where a defect survives or the clean mock is not silent."""
    parser = argparse.ArgumentParser(prog="scripts/defects", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="defects to plant; all where none is named")
    parser.add_argument("--group", choices=defects.KINDS, help="plant those of one group (default: both)")
    parser.add_argument("--layers", choices=_LEVELS, default="rules", help="run up to this layer (default: rules)")
    parser.add_argument(
        "--seeds", type=int, default=5, help="runs over a clean mock, which must be silent (default: 5)"
    )
    parser.add_argument("--write", action="store_true", help=f"write which rules kill which defect to {KILLERS.name}")
    options = parser.parse_args()
    names = options.names or defects.names(options.group)
    level = _LEVELS[options.layers]
    killers: dict[str, list[str]] = {}
    survivors, noisy = [], []
    with ProcessPoolExecutor(_WORKERS) as pool:
        noisy = [
            name
            for found in pool.map(examine, [RunLevel.RULES] * options.seeds, range(1, options.seeds + 1))
            for name in finders(found)
        ]
        print(f"clean mock, rules on {options.seeds} seeds: {', '.join(noisy) or 'silent'}\n")
        print(f"{'defect':44} {'rules':40} other layers")
        for name, rules, kept, layers in pool.map(examine_defect, names, [level] * len(names)):
            killers[name] = kept
            others = ", ".join(f"{layer} {count}" for layer, count in layers.items() if count) or "-"
            shown = ", ".join(rules[:4]) + (f" and {len(rules) - 4} more" if len(rules) > 4 else "")
            print(f"{name:44} {shown or 'SURVIVES':40} {others}", flush=True)
            if not rules and name not in _UNDECIDED:
                survivors.append(name)
    print()
    for group in defects.KINDS:
        planted = [killers[name] for name in names if defects.find(name).group == group]
        if planted:
            print(f"{group}: {sum(map(bool, planted))} of {len(planted)} defects are killed by rules")
    print(f"survivors: {', '.join(survivors) or 'none'}")
    if options.write:
        known = {**json.loads(KILLERS.read_text()), **killers}
        in_order = {name: known[name] for name in defects.names() if name in known}
        KILLERS.write_text(json.dumps(in_order, indent=2) + "\n")
    return 1 if survivors or noisy else 0


if __name__ == "__main__":
    sys.exit(main())
