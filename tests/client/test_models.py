"""The models as a module of their own, which imports each one when it is used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.client.support import Api, sent

import mavibot
import mavibot_api.models as generated
from mavibot import models
from mavibot.models import Button, ButtonType

#: Prints the modules with models that a line imports.
SCRIPT = """
{line}
import json, sys
print(json.dumps([name for name in sys.modules if name.startswith("mavibot_api.models.")]))
"""


def imported_by(line: str) -> set[str]:
    """Return the names of the modules with models that a line of Python imports."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT.format(line=line)], capture_output=True, text=True, check=True
    )
    return {name.rsplit(".", 1)[1] for name in json.loads(run.stdout)}


def test_a_model_can_be_imported_by_its_name() -> None:
    assert Button is generated.Button is models.Button is mavibot.models.Button


def test_all_models_are_there() -> None:
    assert dir(models) == sorted(generated.__all__)
    assert all(getattr(models, name) is getattr(generated, name) for name in generated.__all__)


def test_an_import_takes_what_it_names() -> None:
    assert imported_by("import mavibot.models") == set()
    assert imported_by("from mavibot.models import ButtonType") == {"button_type"}


def test_a_name_that_is_none_is_refused() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from mavibot.models import Xyzzy"], capture_output=True, text=True, check=False
    )
    assert "ImportError: cannot import name 'Xyzzy'" in run.stderr


@pytest.mark.heavy
def test_mypy_knows_the_names(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from mavibot import models\n"
        "from mavibot.models import Button, ButtonType\n"
        "button: models.Button = Button(type_=ButtonType.REPLY)\n"
        "from mavibot.models import Xyzzy\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}", str(program)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    errors = [line for line in run.stdout.splitlines() if ": error: " in line]
    assert len(errors) == 1
    assert 'has no attribute "Xyzzy"' in errors[0]


def test_a_model_is_sent(api: Api) -> None:
    api("message", client_id=1, message="Hello", buttons=[Button(type_=ButtonType.REPLY, text="Prices")])
    assert sent(api.requests[0])["buttons"] == [{"type": "reply", "text": "Prices"}]


def test_a_plain_value_in_place_of_an_enum_is_sent(api: Api) -> None:
    api("message", client_id=1, message="Hello", buttons=[Button(type_="reply", text="Prices")])  # type: ignore[arg-type]
    assert sent(api.requests[0])["buttons"] == [{"type": "reply", "text": "Prices"}]


def test_a_wrong_plain_value_is_explained(api: Api) -> None:
    reasons = api.refused("message", client_id=1, message="x", buttons=[Button(type_="rply")])  # type: ignore[arg-type]
    assert "one of reply, inline" in reasons["buttons[0].type"]
