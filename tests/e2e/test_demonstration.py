"""The demonstration is the main job end to end; it must end as the contract says."""

import json
from pathlib import Path

import pytest

import demonstration
import replay


def test_the_demonstration_goes_as_the_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    code = demonstration.main()
    said = capsys.readouterr().out
    assert code == 0, said
    assert "0 not as the contract says" in said
    assert "FAIL" not in said


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
    monkeypatch.setattr(demonstration, "ACTIONS", ("connected_channels",))
    assert demonstration.main() == 1
    said = capsys.readouterr().out
    assert "expected HTTP 404, got 200" in said
    assert "expected a refusal that names 'nothing'" in said


@pytest.mark.parametrize("file", replay.FILES.values(), ids=lambda file: file.name)
def test_calls_for_later_are_known_actions_that_the_mock_does_not_implement(file: Path) -> None:
    every = json.loads(file.read_text())
    later = {call["action"] for call in every if call.get("later")}
    assert later.isdisjoint(demonstration.ACTIONS)
    assert {call["action"] for call in replay.load_calls(file)} <= {*demonstration.ACTIONS, "vk_subscribers"}
