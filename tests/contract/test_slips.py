"""A slip in the contract's source is a `ContractError` that names the file and the key."""

import re
import shutil
from pathlib import Path

import pytest
from tests.contract.walk import OPENAPI

from generator.bundle import ContractError, bundle

ORDER = "paths/deals/create_order.yaml"
CLIENTS = "paths/clients/get_clients.yaml"
TWIN = "paths/bot/callback.yaml"
#: What is wrong -> file, text in it (a pattern), what stands in its place, words of the error.
SLIPS: dict[str, tuple[str, str, str, str]] = {
    **{
        f"no {key}": (ORDER, rf"(?m)^  {key}:.*\n(    .*\n)*", "", rf"create_order\.yaml: post: {key} is missing")
        for key in (
            *("operationId", "tags", "summary", "description"),
            *("x-permission", "x-effect", "x-idempotent", "x-evidence", "x-source"),
        )
    },
    "a twin without evidence": (
        TWIN,
        r"(?ms)(^get:.*?)^  x-evidence:.*?\n",
        r"\1",
        r"callback\.yaml: get: x-evidence is missing",
    ),
    "an empty key": (ORDER, r"(?m)^  tags:.*$", "  tags: []", r"create_order\.yaml: post: tags is missing"),
    "no replies": (CLIENTS, r"(?ms)^  responses:\n.*", "", r"get_clients\.yaml: get: responses is missing"),
    "no 200": (CLIENTS, r'"200":', '"201":', r"get_clients\.yaml: get: responses: 200 is missing"),
    "a 200 that is a number": (CLIENTS, r'"200":', "200:", r"get_clients\.yaml: get: responses: 200 is missing"),
    "a 200 without JSON": (
        CLIENTS,
        "application/json:",
        "text/plain:",
        r"get_clients\.yaml: get: responses: 200: content: application/json is missing",
    ),
    "no body": (ORDER, "requestBody:", "x-body:", r"create_order\.yaml: post: requestBody is missing"),
    "a parameter without description": (
        CLIENTS,
        r"      description: ",
        "      x-comment: ",
        r"get_clients\.yaml: get: parameter \w+: description is missing",
    ),
    "a property without description": (
        ORDER,
        r"(?m)^( {14,})description: ",
        r"\1x-comment: ",
        r"create_order\.yaml: post: requestBody: \w+: description is missing",
    ),
    "a shared parameter without description": (
        "components/parameters/var.yaml",
        r"(?m)^description:.*\n",
        "",
        r"find_\w+\.yaml: get: parameter var: description is missing",
    ),
    "a reference out of the folder": (
        ORDER,
        r"\.\./\.\./components/schemas/ClientId\.yaml",
        "../../../pyproject.toml",
        r"create_order\.yaml: \$ref '\.\./\.\./\.\./pyproject\.toml' leaves openapi/",
    ),
    "a reference to nothing": (
        ORDER,
        r"schemas/ClientId\.yaml",
        "schemas/ClientNumber.yaml",
        r"create_order\.yaml: \$ref '\S+ClientNumber\.yaml' leads to no file",
    ),
    "a key that stands twice": (
        ORDER,
        r"(?m)^  x-effect:.*\n",
        "  x-effect: write\n  x-effect: read\n",
        r"create_order\.yaml: key 'x-effect' stands twice",
    ),
    "a property that stands twice": (
        "components/schemas/Client.yaml",
        r"(?m)^properties:\n",
        "properties:\n  id: {type: integer}\n",
        r"Client\.yaml: key 'id' stands twice",
    ),
    "no YAML": (ORDER, r"(?m)^post:", "post: {", r"create_order\.yaml: "),
    "an empty file": (ORDER, r"(?s).+", "", r"create_order\.yaml: is not a mapping"),
    "an alias that nobody describes": (
        TWIN,
        "value_phone:",
        "value_telephone:",
        r"callback\.yaml: post: alias 'value_telephone' has no file",
    ),
    "a twin of another action": (
        TWIN,
        r"x-twin-of: \w+",
        "x-twin-of: message",
        r"callback\.yaml: get: x-twin-of must name the POST operation of the same file",
    ),
    "no paths": ("openapi.yaml", r"(?m)^paths:", "x-paths:", r"openapi\.yaml: paths is missing"),
}


@pytest.mark.parametrize(("file", "pattern", "replacement", "error"), SLIPS.values(), ids=SLIPS.keys())
def test_slip(file: str, pattern: str, replacement: str, error: str, tmp_path: Path) -> None:
    copy = shutil.copytree(OPENAPI, tmp_path / "openapi")
    (tmp_path / "pyproject.toml").touch()
    # Few actions are enough, and quicker to read.
    root = copy / "openapi.yaml"
    kept = "callback|create_order|get_clients|find_client_id_by_var"
    root.write_text(re.sub(rf"(?m)^  /(?!({kept}):).*\n", "", root.read_text()))
    text = (copy / file).read_text()
    mended, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, f"openapi/{file} no longer has {pattern!r}: adapt the table of this test"
    (copy / file).write_text(mended)
    with pytest.raises(ContractError) as caught:
        bundle(copy / "openapi.yaml")
    assert re.search(error, str(caught.value))
