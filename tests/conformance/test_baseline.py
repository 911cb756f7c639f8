"""Known deviations do not count until their day, and are reported once they are gone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mavibot_conformance.baseline import apply_baseline, read_baseline
from mavibot_conformance.results import LayerResult, Outcome, Results, Verdict

TODAY = date(2030, 6, 15)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "known.toml"
    file.write_text(text)
    return file


def entry(**fields: Any) -> str:
    lines = {"reason": '"ticket 41"', "expires": "2030-06-15", **fields}
    return "[[known]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items() if value)


def results() -> Results:
    failure = {"operation": "POST /message", "check": "not_a_server_error", "message": "", "curl": ""}
    return Results(
        outcomes=[
            Outcome("EQ-1", "message", Verdict.FAIL),
            Outcome("EQ-1", "callback", Verdict.FAIL),
            Outcome("EQ-2", None, Verdict.PASS),
            Outcome("EQ-3", None, Verdict.NOT_RUN),
        ],
        layers=[LayerResult("coverage", calls={"POST /message": 1, "GET /message": 1}, failures=[failure])],
    )


@pytest.mark.parametrize(
    ("fields", "state", "known"),
    [
        ({"rule": '"EQ-1"', "action": '"message"'}, "known", ["EQ-1 message"]),
        ({"rule": '"EQ-1"'}, "known", ["EQ-1 message", "EQ-1 callback"]),
        ({"rule": '"EQ-1"', "expires": "2030-06-14"}, "expired", []),
        ({"rule": '"EQ-2"'}, "passes", []),
        ({"rule": '"EQ-2"', "expires": "2030-06-14"}, "passes", []),
        ({"rule": '"EQ-3"'}, "not run", []),
        ({"rule": '"EQ-1"', "action": '"broadcast"'}, "not run", []),
        ({"check": '"not_a_server_error"'}, "known", ["POST /message"]),
        ({"check": '"not_a_server_error"', "operation": '"GET /message"'}, "passes", []),
        ({"check": '"not_a_server_error"', "operation": '"GET /nothing"'}, "not run", []),
    ],
)
def test_states(fields: dict[str, str], state: str, known: list[str], tmp_path: Path) -> None:
    found = results()
    apply_baseline(read_baseline(written(tmp_path, entry(**fields))), found, TODAY)
    assert [each["state"] for each in found.baseline] == [state]
    marked = [f"{each.rule} {each.action}" for each in found.outcomes if each.known == "ticket 41"]
    marked += [failure["operation"] for failure in found.layers[0].failures if failure.get("known") == "ticket 41"]
    assert marked == known


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[known", "is not valid TOML"),
        (f"a = {'[' * 3000}{']' * 3000}", "is nested too deeply"),
        ("[[knwon]]", "must consist of [[known]] entries"),
        (entry(rule='"EQ-1"', reason=""), "known[0].reason: is missing"),
        (entry(rule='"EQ-1"', expires=""), "known[0].expires: is missing"),
        (entry(rule='"EQ-1"', expires='"2030-01-01"'), "known[0].expires: must be a day, such as 2030-12-31"),
        (entry(rule="5"), "known[0].rule: must be a text"),
        (entry(), "known[0]: names either a rule or a check"),
        (entry(rule='"EQ-1"', check='"x"'), "known[0]: names either a rule or a check"),
        (entry(rule='"EQ-999"'), "known[0].rule: there is no rule 'EQ-999'"),
        (entry(rule='"EQ-1"', until="2030-01-01"), "known[0].until: unknown; there are rule, action"),
    ],
)
def test_what_is_wrong_is_named(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(f"known.toml: {says}")):
        read_baseline(written(tmp_path, text))
