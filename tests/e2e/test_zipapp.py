"""The packages load from a zip archive, as `python -m zipapp` makes one; what they need stays outside of it."""

from __future__ import annotations

import subprocess
import sys
import zipapp
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    *("openapi/mavibot_contract", "generated/mavibot_api", "overrides/mavibot"),
    "conformance/mavibot_conformance",
)
PROGRAM: Final = """
import mavibot, mavibot_api, mavibot_contract
from mavibot import Mavibot, errors

assert all(".pyz" in package.__file__ for package in (mavibot, mavibot_api, mavibot_contract))
assert "message" in mavibot_contract.load().actions
with Mavibot("key", base_url="http://127.0.0.1:9") as bot:
    try:
        bot.message(client_id="many", message="Hello")
    except errors.InvalidParameters as error:
        print(error)

from mavibot_conformance import Results
from mavibot_conformance.reports import files, html

assert files.schema()["properties"].keys() == Results().as_json().keys()
assert "<html" in html.page(Results())
"""


def test_client_contract_and_suite_load_from_a_zip_archive(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for package in PACKAGES:
        copytree(PROJECT / package, source / Path(package).name, ignore=ignore_patterns("__pycache__"))
    (source / "__main__.py").write_text(PROGRAM)
    zipapp.create_archive(source, tmp_path / "program.pyz")
    done = subprocess.run(
        [sys.executable, "-W", "error", tmp_path / "program.pyz"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "client_id" in done.stdout
