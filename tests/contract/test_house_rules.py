"""The house rules of the contract; each failure names the file to edit."""

import re
from collections import Counter
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.contract.walk import OPENAPI, PROJECT, bundled, components, operations, schemas, subschemas

EXTENSIONS = set(re.findall(r"^\| (.*?) \|", (OPENAPI / "README.md").read_text(), re.M))
SECTIONS = set((PROJECT / "tests/data/document-sections.txt").read_text().splitlines())
LEVELS = {"documented", "field", "assumed"}
SOURCES = re.compile(
    r"(document section '(?P<section>[^']+)'|vendor's Russian document|public integration|recorded reply|assumption)"
    r"(: .+)?"
)
# A file number, an address of a repository or of a machine is no source that a reader could use.
NO_SOURCE = re.compile(r"\bid \d|github|https?://|\.\./|/work/", re.IGNORECASE)


def all_nodes(node: Any, file: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every mapping below a node, with the file."""
    if isinstance(node, list):
        return [found for item in node for found in all_nodes(item, file)]
    if not isinstance(node, dict):
        return []
    return [(file, node)] + [found for item in node.values() for found in all_nodes(item, file)]


NODES = [
    found
    for file, node in [*operations(bundled()), *((file, node) for file, _, node in components(bundled()))]
    for found in all_nodes(node, file)
]
OPERATIONS = list(operations(bundled()))
ACTIONS = OPERATIONS[:-1]


def broken(failures: list[str]) -> str:
    return "\n" + "\n".join(sorted(set(failures)))


def test_the_bundle_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(bundled()).iter_errors()] == []


def test_each_action_is_a_file_of_its_own_in_the_folder_of_its_tag() -> None:
    expected = {PROJECT / file for file, _ in ACTIONS}
    assert expected == set((OPENAPI / "paths").rglob("*.yaml"))


def test_operation_ids_are_the_names_of_the_actions() -> None:
    wrong = [
        f"openapi/paths/{node['tags'][0]}{path}.yaml: {node['operationId']}"
        for path, item in bundled()["paths"].items()
        for method, node in item.items()
        if node["operationId"] != path[1:] + ("_by_get" if method == "get" and "post" in item else "")
    ]
    assert not wrong, broken(wrong)


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("x-permission", set(bundled()["x-permissions"])),
        ("x-effect", {"read", "write", "send"}),
        ("x-idempotent", {True, False}),
        ("x-evidence", LEVELS),
    ],
)
def test_each_operation_states(key: str, allowed: set[Any]) -> None:
    wrong = [f"{file}: {key} is {node.get(key)!r}" for file, node in ACTIONS if node.get(key) not in allowed]
    assert not wrong, broken(wrong)


def test_reads_are_idempotent_and_sends_are_not() -> None:
    wrong = [
        f"{file}: x-effect {node['x-effect']} with x-idempotent {node['x-idempotent']}"
        for file, node in ACTIONS
        if node["x-idempotent"] != {"read": True, "send": False}.get(node["x-effect"], node["x-idempotent"])
    ]
    assert not wrong, broken(wrong)


def test_where_text_and_badge_of_a_card_disagree_both_are_stated() -> None:
    disagreeing = {
        node["operationId"]: (node["x-permission-stated"], node["x-permission-badge"], node["x-permission"])
        for _, node in ACTIONS
        if "x-permission-stated" in node or "x-permission-badge" in node
    }
    actions = {name for name in disagreeing if not name.endswith("_by_get")}
    assert len(actions) == 11
    assert all(stated != badge and decision in {stated, badge} for stated, badge, decision in disagreeing.values())


def test_every_operation_response_and_component_has_evidence() -> None:
    holders = [
        *OPERATIONS,
        *(
            (file, response)
            for file, node in OPERATIONS
            for response in node["responses"].values()
            if "$ref" not in response
        ),
        *((file, node) for file, _, node in components(bundled())),
    ]
    wrong = [f"{file}: x-evidence is missing" for file, node in holders if "x-evidence" not in node]
    assert not wrong, broken(wrong)


def test_evidence_has_a_source_of_a_known_kind() -> None:
    wrong = []
    for file, node in NODES:
        if ("x-evidence" in node) != ("x-source" in node):
            wrong.append(f"{file}: x-evidence and x-source go together")
        elif "x-evidence" in node:
            if node["x-evidence"] not in LEVELS:
                wrong.append(f"{file}: x-evidence {node['x-evidence']!r}")
            wrong += [f"{file}: x-source: {problem}" for problem in source_problems(node["x-source"])]
    assert not wrong, broken(wrong)


def source_problems(source: str) -> list[str]:
    """Return what is wrong with one line of sources."""
    found = ["names what a reader cannot look up"] if NO_SOURCE.search(source) else []
    for part in source.split("; "):
        match = SOURCES.fullmatch(part)
        if match is None:
            found.append(f"unknown kind of source in {part!r}")
        elif match["section"] and match["section"] not in SECTIONS:
            found.append(f"the document has no section {match['section']!r}")
    return found


def test_the_level_of_evidence_fits_the_source() -> None:
    needed = {
        "documented": ("document section",),
        "field": ("vendor's Russian document", "public integration", "recorded reply"),
        "assumed": ("assumption",),
    }
    wrong = [
        f"{file}: x-evidence {node['x-evidence']}, but x-source is {node['x-source']!r}"
        for file, node in NODES
        if "x-evidence" in node and not any(kind in node["x-source"] for kind in needed[node["x-evidence"]])
    ]
    assert not wrong, broken(wrong)


def test_every_property_and_parameter_has_type_description_and_example() -> None:
    wrong = []
    for file, schema in schemas(bundled()):
        for part in subschemas(schema):
            if "title" not in part and part is not schema:
                continue  # the branches of a condition repeat declared properties
            for name, node in part.get("properties", {}).items():
                wrong += [f"{file}: {name} has no {key}" for key in missing(node)]
    for file, node in OPERATIONS:
        for parameter in node.get("parameters", []):
            if "$ref" not in parameter:
                whole = {"description": parameter.get("description"), **parameter["schema"]}
                wrong += [f"{file}: {parameter['name']} has no {key}" for key in missing(whole)]
    assert not wrong, broken(wrong)


def missing(node: dict[str, Any]) -> list[str]:
    """Return what a property lacks; a reference has all from its component."""
    if "$ref" in node:
        return []
    lacking = [key for key in ("description", "examples") if not node.get(key)]
    return lacking + ([] if node.keys() & {"type", "anyOf", "const"} else ["type"])


def test_every_object_states_additional_properties_and_has_a_title() -> None:
    wrong = []
    for file, schema in schemas(bundled()):
        for part in subschemas(schema):
            if part.get("type") == "object":
                wrong += [
                    f"{file}: object without {key}" for key in ("additionalProperties", "title") if key not in part
                ]
    assert not wrong, broken(wrong)


def test_titles_are_unique_because_they_name_classes() -> None:
    places: dict[str, set[str]] = {}
    for file, schema in schemas(bundled()):
        for part in subschemas(schema):
            if part.get("type") == "object":
                places.setdefault(part["title"], set()).add(file)
    wrong = [f"{', '.join(sorted(files))}: title {title!r}" for title, files in places.items() if len(files) > 1]
    assert not wrong, broken(wrong)


def test_reply_enums_are_open() -> None:
    known = {name for name, node in bundled()["components"]["schemas"].items() if "enum" in node}
    requests = {file for file, node in OPERATIONS if "requestBody" in node}
    wrong = []
    for file, schema in schemas(bundled()):
        if file in requests or "/components/" not in file:
            continue
        for part in subschemas(schema):
            closed = part.get("$ref", "").rsplit("/", 1)[-1] in known or "enum" in part
            opened = any(part in holder.get("anyOf", []) and len(holder["anyOf"]) > 1 for holder in subschemas(schema))
            if closed and not opened and part is not schema and not request_only(file):
                wrong.append(f"{file}: closed enum in a reply")
    assert not wrong, broken(wrong)


def request_only(file: str) -> bool:
    """Tell whether a component occurs in no reply."""
    name = file.rsplit("/", 1)[-1].removesuffix(".yaml")
    replies = [node["responses"] for _, node in OPERATIONS] + [
        node for path, kind, node in components(bundled()) if kind == "responses"
    ]
    reached: set[str] = set()
    queue = [found for reply in replies for found in references(reply)]
    while queue:
        reference = queue.pop()
        if reference not in reached:
            reached.add(reference)
            kind, target = reference.split("/")[-2:]
            queue += references(bundled()["components"][kind][target])
    return f"#/components/schemas/{name}" not in reached


def references(node: Any) -> list[str]:
    """Return every `$ref` below a node."""
    return [found["$ref"] for _, found in all_nodes(node, "") if "$ref" in found]


def test_every_component_file_is_used() -> None:
    used = {PROJECT / file for file, _, _ in components(bundled())}
    unused = set((OPENAPI / "components").rglob("*.yaml")) - used
    assert not unused, broken([f"{file.relative_to(PROJECT)}: unused" for file in unused])


def test_every_extension_is_described() -> None:
    described = {name for cell in EXTENSIONS for name in re.findall(r"`(x-[a-z-]+)`", cell)}
    used = {key for _, node in NODES for key in node if key.startswith("x-")} | {
        key for key in bundled() if key.startswith("x-")
    }
    assert used <= described, f"openapi/README.md does not describe {sorted(used - described)}"


def test_no_permission_or_common_reply_is_left_out() -> None:
    wrong = [
        f"openapi/openapi.yaml: {node['operationId']} lacks {status}"
        for _, node in ACTIONS
        for status in ("200", "400", "401", "403", "429", "default")
        if status not in node["responses"]
    ]
    assert not wrong, broken(wrong)
    unused = set(bundled()["x-permissions"]) - {node["x-permission"] for _, node in ACTIONS}
    assert not unused, f"openapi/openapi.yaml: no action needs {unused}"


def test_alternatives_of_required_stand_inside_all_of() -> None:
    """A bare `anyOf` of `required` makes openapi-python-client turn the body into `Any` without a warning."""
    wrong = [
        f"{file}: {key} of required at the top of an object"
        for file, schema in schemas(bundled())
        for part in subschemas(schema)
        for key in ("anyOf", "oneOf")
        if part.get("type") == "object" and any(branch.keys() == {"required"} for branch in part.get(key, []))
    ]
    assert not wrong, broken(wrong)


def test_summaries_are_one_line_each_and_unlike() -> None:
    counts = Counter(node["summary"] for _, node in OPERATIONS)
    wrong = [
        f"{file}: summary {node['summary']!r}"
        for file, node in OPERATIONS
        if counts[node["summary"]] > 1 or "\n" in node["summary"] or node["summary"].endswith(".")
    ]
    assert not wrong, broken(wrong)


def test_discrepancies_are_numbered_once() -> None:
    ids = re.findall(r"^\| (D-\d+) \|", (OPENAPI / "DISCREPANCIES.md").read_text(), re.M)
    twice = [name for name, count in Counter(ids).items() if count > 1]
    assert ids
    assert not twice, f"openapi/DISCREPANCIES.md: {twice}"
