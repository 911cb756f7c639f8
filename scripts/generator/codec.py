"""Runs openapi-python-client over the bundle: the codec, which is the models and what parses replies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_TEMPLATES = Path(__file__).parent / "templates"
#: The HTTP library of the generated code, which calls it httpx2; httpx2 has the same names.
HTTP_LIBRARY = "httpx2"

# Parts of the generator's own client, which the codec does without.
_CLIENT = ("client.py", "errors.py")

# Models are named by the contract's titles alone. Ruff runs later, over all files.
_CONFIG = "use_path_prefixes_for_title_model_names: false\npost_hooks: []\n"


class GeneratorError(Exception):
    """openapi-python-client refused the bundle or warned about it."""


def generate_codec(bundle: Path, target: Path, http_library: str = HTTP_LIBRARY) -> None:
    """Write the codec package into `target`.

    Args:
        bundle: the bundled contract, JSON.
        target: folder of the package to write; it must not exist.
        http_library: what the generated code imports under the name httpx2.

    Raises:
        GeneratorError: with the generator's own words; a warning is an error too.
    """
    config = bundle.with_name("openapi-python-client.yaml")
    config.write_text(_CONFIG, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--path",
        str(bundle),
        "--config",
        str(config),
        "--meta",
        "none",
        "--output-path",
        str(target),
        "--custom-template-path",
        str(_TEMPLATES),
        "--fail-on-warning",
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    config.unlink()
    if run.returncode != 0:
        raise GeneratorError(f"openapi-python-client failed:\n{run.stdout}{run.stderr}")
    for name in _CLIENT:
        (target / name).unlink()
    if http_library != "httpx2":
        for module in target.rglob("*.py"):
            text = module.read_text(encoding="utf-8")
            module.write_text(text.replace("import httpx2\n", f"import {http_library} as httpx2\n"), encoding="utf-8")
