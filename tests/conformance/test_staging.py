"""The layers on a server of another make, by the suite and by schemathesis' command line: they find what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

import pytest
from schemathesis.checks import CHECKS

from mavibot_conformance.engine import checks, fuzz
from mavibot_conformance.plan import Plan, RunLevel
from mavibot_conformance.suite import run
from mavibot_conformance.target.profile import Profile

from .staging import CLIENTS, KEY, RIGHT, WRONG, staging

_ROOT: Final = Path(__file__).parents[2]
#: The check that finds what is wrong with an action.
_FINDERS: Final = {
    "get_clients": "invalid_calls_are_refused_or_noticed",
    "get_history": "replies_keep_the_contract",
    "find_client_id_by_email": "not_a_server_error",
    "check_whatsapp": "KeysAreEnforced",
    "create_order": "WritesAreRead",
}


def test_every_check_of_schemathesis_has_ours_or_a_reason() -> None:
    stood_for = [name for names in checks.STANDS_FOR.values() for name in names]
    own = {name for name in checks.NAMES if name not in stood_for}
    assert sorted({*stood_for, *checks.LEFT_OUT}) == sorted(set(CHECKS.get_all_names()) - own)


@pytest.mark.heavy
def test_the_suite_finds_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "_RANDOM_CASES", 5)
    monkeypatch.setattr(fuzz, "_SEQUENCES", 3)
    with staging() as url:
        profile = Profile(keys={"full": KEY}, clients=CLIENTS, actions=(*RIGHT, *WRONG))
        results = run(Plan(url, profile, level=RunLevel.FULL, selection="AUTH-8", consent="send"))
    found = {
        (each["operation"].split("/")[1], each["check"])
        for layer in results.layers
        for each in (*layer.failures, *layer.non_strict)
    }
    assert found >= set(_FINDERS.items())
    assert {action for action, _ in found} == set(WRONG)
    called = {operation.split("/")[1] for layer in results.layers for operation in layer.calls}
    assert called == {*RIGHT, *WRONG}
    assert results.checks["replies_keep_the_contract"] == ["response_schema_conformance"]


@pytest.mark.heavy
def test_plain_schemathesis_finds_what_is_wrong(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    chosen = "|".join((*RIGHT, *WRONG))
    with staging() as url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(_ROOT / "schemathesis.toml"), "run"),
                *(str(_ROOT / "generated" / "mavibot_api" / "openapi.json"), "--seed", "1"),
                *("--include-operation-id-regex", f"^({chosen})(_by_get)?$", "--phases", "examples,coverage"),
                *("--report", "junit", "--report-junit-path", str(report)),
            ],
            env={
                **os.environ,
                "MAVIBOT_BASE_URL": url,
                "MAVIBOT_API_KEY": KEY,
                "MAVIBOT_CONFORMANCE_CONSENT": "write",
            },
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    text = report.read_text(encoding="utf-8")
    assert KEY not in done.stdout + text
    cases = Xml.fromstring(text).iter("testcase")
    failed = {str(case.get("name")).split("/")[1] for case in cases if case.find("failure") is not None}
    assert failed == set(WRONG)
