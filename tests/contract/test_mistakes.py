"""A mistake in the contract's source is a `ContractError` that names the file and the key."""

import re
import shutil
from pathlib import Path

import pytest
from tests.contract.source import OPENAPI

from generator.bundle import ContractError, bundle

ORDER = "paths/deals/create_order.yaml"
CLIENTS = "paths/clients/get_clients.yaml"
TWIN = "paths/bot/callback.yaml"
#: What is wrong -> file, text in it (a pattern), what stands in its place, words of the error.
MISTAKES: dict[str, tuple[str, str, str, str]] = {
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
        r"create_order\.yaml, line \d+: key 'x-effect' stands twice",
    ),
    "a property that stands twice": (
        "components/schemas/Client.yaml",
        r"(?m)^properties:\n",
        "properties:\n  id: {type: integer}\n",
        r"Client\.yaml, line \d+: key 'id' stands twice",
    ),
    "no YAML": (ORDER, r"(?m)^post:", "post: {", r"create_order\.yaml, line \d+: "),
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
    "an action that no line names": (
        "openapi.yaml",
        r"(?m)^  /create_order:.*\n",
        "",
        r"create_order\.yaml: .* add below `paths`:   /create_order: \{\$ref: paths/deals/create_order\.yaml\}",
    ),
    "an action without its slash": (
        "openapi.yaml",
        r"(?m)^  /create_order:",
        "  create_order:",
        r"openapi\.yaml: paths: the line of create_order must be /create_order: \{\$ref: paths/TAG/create_order",
    ),
    "a line that leads to another action": (
        "openapi.yaml",
        r"deals/create_order\.yaml",
        "clients/get_clients.yaml",
        r"openapi\.yaml: paths: the line of /create_order must be",
    ),
    "another action's operationId": (
        CLIENTS,
        "operationId: get_clients",
        "operationId: subscribers",
        r"get_clients\.yaml: get: operationId is 'subscribers', must be 'get_clients' like the file's name",
    ),
    "a tag that is no list": (
        CLIENTS,
        r"tags: \[clients\]",
        "tags: clients",
        r"get_clients\.yaml: get: tags is 'clients', must be \['clients'\] like the file's folder",
    ),
    "another folder's tag": (
        CLIENTS,
        r"tags: \[clients\]",
        "tags: [bot]",
        r"get_clients\.yaml: get: tags is \['bot'\]",
    ),
    "a tag that is not described": (
        "openapi.yaml",
        "name: clients",
        "name: customers",
        r"get_clients\.yaml: tag 'clients' is not described",
    ),
    "an unknown permission": (
        CLIENTS,
        "x-permission: clients:read",
        "x-permission: client:read",
        r"get_clients\.yaml: x-permission is 'client:read', must be one of clients:read, ",
    ),
    "an unknown effect": (ORDER, "x-effect: write", "x-effect: writes", r"must be one of read, write, send"),
    "a text for true": (
        ORDER,
        "x-idempotent: false",
        'x-idempotent: "no"',
        r"x-idempotent is 'no', must be one of true,",
    ),
    "an unknown level of evidence": (
        ORDER,
        "x-evidence: documented",
        "x-evidence: document",
        r"must be one of documented,",
    ),
    "neither GET nor POST": (CLIENTS, r"(?m)^get:", "put:", r"get_clients\.yaml: must begin with `get:` or `post:`"),
    "a parameter in the path": (
        CLIENTS,
        "in: query",
        "in: path",
        r"get_clients\.yaml: parameter offset: in is 'path', must",
    ),
    "an unknown type": (
        CLIENTS,
        "type: integer",
        "type: int",
        r"get_clients\.yaml: type is 'int', must be one of string, ",
    ),
    "a parameter without type": (
        CLIENTS,
        "type: integer, ",
        "",
        r"get_clients\.yaml: parameter offset: type is missing",
    ),
    "a parameter without example": (
        CLIENTS,
        r", examples: \[500\]",
        "",
        r"get_clients\.yaml: parameter offset: examples is missing",
    ),
    "a list without items": (CLIENTS, r"(?m)^ +items: .*\n", "", r"get_clients\.yaml: a list without items"),
    "an object without title": (
        CLIENTS,
        r"(?m)^ +title: .*\n",
        "",
        r"get_clients\.yaml: the object of status, clients: title is missing",
    ),
    "another object's title": (
        CLIENTS,
        "title: ClientsReply",
        "title: Client",
        r"schemas/Client\.yaml and openapi/paths/clients/get_clients\.yaml: both have an object with the title Client,",
    ),
    "a text with a colon": (
        CLIENTS,
        "description: One page of clients.",
        "description: One page: clients.",
        r"get_clients\.yaml, line \d+: mapping values are not allowed here; put a text that holds a colon in quotes",
    ),
    "a tab": (CLIENTS, r"(?m)^      in:", "\tin:", r"get_clients\.yaml, line \d+: .*; indent with spaces"),
    "a reference into the bundle": (
        ORDER,
        r"\$ref: \S+ClientId\.yaml",
        "$ref: '#/components/schemas/ClientId'",
        r"create_order\.yaml: \$ref .* leads to no file; name the file, as in \.\./\.\./components/",
    ),
    "no paths": ("openapi.yaml", r"(?m)^paths:", "x-paths:", r"openapi\.yaml: paths is missing"),
}


@pytest.mark.parametrize(("file", "pattern", "replacement", "error"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake(file: str, pattern: str, replacement: str, error: str, tmp_path: Path) -> None:
    copy = shutil.copytree(OPENAPI, tmp_path / "openapi")
    (tmp_path / "pyproject.toml").touch()
    # Few actions are enough, and quicker to read.
    root = copy / "openapi.yaml"
    kept = ("callback", "create_order", "get_clients", "find_client_id_by_var")
    root.write_text(re.sub(rf"(?m)^  /(?!({'|'.join(kept)}):).*\n", "", root.read_text()))
    for path in (copy / "paths").rglob("*.yaml"):
        if path.stem not in kept:
            path.unlink()
    text = (copy / file).read_text()
    mended, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, f"openapi/{file} no longer has {pattern!r}: adapt the table of this test"
    (copy / file).write_text(mended)
    with pytest.raises(ContractError) as caught:
        bundle(copy / "openapi.yaml")
    assert re.search(error, str(caught.value))
