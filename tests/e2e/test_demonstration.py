"""The demonstration is the main job end to end; it must end as the contract says."""

import json
from pathlib import Path

import pytest

import demonstration
import mavibot_contract
from mavibot_conformance import RunLevel

pytestmark = pytest.mark.heavy


def test_the_demonstration_goes_as_the_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    code = demonstration.main()
    said = capsys.readouterr().out
    assert code == 0, said
    assert "0 not as the contract says" in said
    assert "FAIL" not in said
    labels = {
        f"{method} /{action} " for action, methods in mavibot_contract.load().actions.items() for method in methods
    }
    assert not [label for label in labels if label not in said]


def test_the_demonstration_fails_if_one_call_is_not_answered_as_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = tmp_path / "calls.json"
    expect = {"status": 404, "refusal": "nothing"}
    call = {
        "action": "get_clients",
        "method": "GET",
        "content_type": "none",
        "query": {},
        "body": None,
        "expect": expect,
    }
    calls.write_text(json.dumps([call]))
    monkeypatch.setattr(demonstration, "FILES", {"a wrong expectation": calls})
    monkeypatch.setattr(demonstration, "LEVEL", RunLevel.SMOKE)
    assert demonstration.main() == 1
    said = capsys.readouterr().out
    assert "expected HTTP 404, got 200" in said
    assert "expected a refusal that names 'nothing'" in said
