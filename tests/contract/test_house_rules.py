"""The house rules of the contract; each failure names the file to edit."""

import re
from collections import Counter
from difflib import get_close_matches
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.contract.source import CARDS, OPENAPI, PROJECT, bundled

from generator.walk import components, operations, schemas, subschemas

EXTENSIONS = set(re.findall(r"^\| (.*?) \|", (OPENAPI / "README.md").read_text(), re.M))
SECTIONS_FILE = "tests/data/document-sections.txt"
SECTIONS = set((PROJECT / SECTIONS_FILE).read_text().splitlines())
LEVELS = {"documented", "field", "assumed"}
SOURCES = re.compile(
    r"(document section '(?P<section>[^']+)'|vendor's Russian document|public integration|recorded reply|assumption)"
    r"(: .+)?"
)
# A file number, an address of a repository or of a machine is no source that a reader could use.
NO_SOURCE = re.compile(r"\bid \d|github|https?://|\.\./", re.IGNORECASE)

LIMITING = {
    *("minLength", "maxLength", "pattern", "minimum", "maximum", "default"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
}
BEYOND_THE_DOCUMENT = ("assumption", "vendor's Russian document", "public integration", "recorded reply")
#: File, place and keyword of each limit that the vendor's document states -> its value; patterns are left to
#: test_conditions.py, which tries them.
DOCUMENTED_LIMITS: dict[tuple[str, str, str], Any] = {
    ("paths/bot/send_callback_by_platform_id.yaml", "platform_ids", "maxItems"): 300,
    ("paths/messages/broadcast.yaml", "shift", "default"): 0.2,
    ("paths/messages/get_history.yaml", "limit", "maximum"): 2000,
    ("paths/messages/get_history.yaml", "limit", "default"): 2000,
    ("paths/messages/get_history.yaml", "result", "maxItems"): 2000,
    ("paths/clients/get_clients.yaml", "limit", "maximum"): 500,
    ("paths/clients/get_clients.yaml", "limit", "default"): 500,
    ("paths/clients/get_clients.yaml", "clients", "maxItems"): 500,
    ("paths/search/find_all_client_id_by_several_vars.yaml", "variables", "maxProperties"): 3,
    ("components/schemas/SendTime.yaml", "", "pattern"): None,
    ("components/schemas/Day.yaml", "", "pattern"): None,
    ("components/schemas/OrderNotFound.yaml", "status", "pattern"): None,
    **{
        ("components/schemas/ProjectMessage.yaml", key, keyword): value
        for key in ("is_input", "delivered")
        for keyword, value in (("minimum", 0), ("maximum", 1))
    },
}


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


#: Sections that the document has gained with an action that has no card yet; the action itself names them.
NEW_SECTIONS = {
    match["section"]
    for _, node in ACTIONS
    if node["operationId"].removesuffix("_by_get") not in CARDS
    for match in SOURCES.finditer(node["x-source"])
    if match["section"]
}


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
    shown = {name for name, card in CARDS.items() if card["permission_text"] != card["permission_badge"]}
    assert actions & CARDS.keys() == shown
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
        elif (section := match["section"]) and section not in SECTIONS:
            if section not in NEW_SECTIONS:
                found.append(f"the document has no section {section!r} ({SECTIONS_FILE})")
            elif meant := get_close_matches(section, SECTIONS, n=1, cutoff=0.9):
                found.append(f"{section!r} is a typo of {meant[0]!r}, or a new section that {SECTIONS_FILE} must name")
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
    """A new value must not make a reply unreadable: beside a list of values stands a branch without one."""
    wrong = [
        f"{file}: closed enum in a reply: {part.get('$ref', part.get('enum'))}"
        for file, schema in reply_schemas()
        for part in closed_parts(schema)
    ]
    assert not wrong, broken(wrong)


def reply_schemas() -> list[tuple[str, dict[str, Any]]]:
    """Return every schema of what the platform sends, with its file: replies, the webhook, and their components."""
    holders = [(file, response) for file, node in ACTIONS for response in node["responses"].values()]
    holders += [(file, node["requestBody"]) for file, node in OPERATIONS[len(ACTIONS) :]]
    holders += [(file, node) for file, kind, node in components(bundled()) if kind == "responses"]
    found = [(file, media["schema"]) for file, node in holders for media in node.get("content", {}).values()]
    reached: set[str] = set()
    queue = [reference for _, schema in found for reference in references(schema)]
    while queue:
        name = queue.pop().rsplit("/", 1)[-1]
        if name not in reached:
            reached.add(name)
            node = bundled()["components"]["schemas"][name]
            # A component that is a list of values is judged where it is referred to.
            found += [] if "enum" in node else [(f"openapi/components/schemas/{name}.yaml", node)]
            queue += references(node)
    return found


def closed_parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a schema that only let a list of values through."""
    known = bundled()["components"]["schemas"]
    let_through: set[int] = set()
    for holder in subschemas(schema):
        # A list of values that are excluded, or that a condition asks for, closes nothing.
        for key in holder.keys() & {"not", "if"}:
            let_through |= {id(part) for part in subschemas(holder[key])}
    closed = [
        part
        for part in subschemas(schema)
        if "enum" in part or "enum" in known.get(part.get("$ref", "").rsplit("/", 1)[-1], {})
    ]
    for holder in subschemas(schema):
        branches = holder.get("anyOf", [])
        if any(branch not in closed for branch in branches):
            let_through |= {id(branch) for branch in branches}
    return [part for part in closed if id(part) not in let_through]


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


def test_only_limits_that_the_document_states_pass_as_documented() -> None:
    """Every other limit says in the nearest `x-source` above it that it is assumed, where it was seen, or its value."""
    wrong = [
        f"{file}: {place or 'all'}: {keyword} {value!r}: name the assumption in x-source, or what the document says, "
        f"as in `document section '…': at most {value}`"
        for file, place, keyword, value, source in limits()
        if not any(kind in source for kind in BEYOND_THE_DOCUMENT)
        and not re.search(rf"document section '[^']+': .*\b{re.escape(str(value))}\b", source)
        and (file.removeprefix("openapi/"), place, keyword) not in DOCUMENTED_LIMITS
    ]
    assert not wrong, broken(wrong)


def test_the_table_of_documented_limits_is_not_stale() -> None:
    found = {(file.removeprefix("openapi/"), place, keyword): value for file, place, keyword, value, _ in limits()}
    wrong = [
        f"openapi/{file}: {place}: {keyword} is {found.get((file, place, keyword))!r}, not {value!r}"
        for (file, place, keyword), value in DOCUMENTED_LIMITS.items()
        if value is not None and found.get((file, place, keyword)) != value
    ]
    wrong += [f"openapi/{key[0]}: {key[1]}: no {key[2]}" for key in DOCUMENTED_LIMITS.keys() - found.keys()]
    assert not wrong, broken(wrong)


Limit = tuple[str, str, str, Any, str]


def limits() -> list[Limit]:
    """Return file, place, keyword, value and nearest source of every limit; a twin repeats those of its POST."""
    holders = [(file, node) for file, node in OPERATIONS if "x-twin-of" not in node]
    holders += [(file, node) for file, _, node in components(bundled())]
    return [limit for file, node in holders for limit in limits_below(node, file, "", node.get("x-source", ""))]


def limits_below(node: Any, file: str, place: str, source: str) -> list[Limit]:
    if isinstance(node, list):
        return [limit for item in node for limit in limits_below(item, file, place, source)]
    if not isinstance(node, dict):
        return []
    source = node.get("x-source", source)
    # A parameter of a query has its name inside; a property has it as its key.
    place = node["name"] if {"name", "in", "schema"} <= node.keys() else place
    found: list[Limit] = [(file, place, key, node[key], source) for key in sorted(LIMITING & node.keys())]
    for key, value in node.items():
        if key == "properties":
            for name, member in value.items():
                found += limits_below(member, file, f"{place}.{name}".removeprefix("."), source)
        elif key == "responses":
            found += limits_below(list(value.values()), file, place, source)  # its key "default" is no limit
        elif key not in {"example", "examples", "enum", "const", "default"}:
            found += limits_below(value, file, place, source)
    return found


def _cut_texts(text: str) -> list[str]:
    """Return the names in braces that have no value: the end of an unquoted text behind a comma."""
    found = []
    flows: list[bool] = []
    last = None
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            flows.append(isinstance(event, yaml.MappingStartEvent) and bool(event.flow_style))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            flows.pop()
        elif isinstance(event, yaml.ScalarEvent):
            begin: Any = event.start_mark
            end: Any = event.end_mark
            is_absent = not event.value and event.implicit[0] and begin.index == end.index
            if is_absent and flows and flows[-1]:
                found.append(f"{begin.line + 1}: {last}")
            last = event.value
    return found


def test_no_text_in_braces_is_cut_at_a_comma() -> None:
    files = [*OPENAPI.rglob("*.yaml"), *(PROJECT / "mock").rglob("*.yaml")]
    assert len(files) > 50
    cut = {str(file.relative_to(PROJECT)): _cut_texts(file.read_text()) for file in files}
    assert {file: texts for file, texts in cut.items() if texts} == {}


def test_a_text_in_braces_that_is_cut_at_a_comma_is_found() -> None:
    assert _cut_texts("a: {description: What was sent, exactly., type: string}") == ["1: exactly."]
    assert _cut_texts('a: {description: "What was sent, exactly.", type: [string, "null"], b: null}') == []
