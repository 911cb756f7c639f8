"""Rules: isolation of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import valid
from mavibot_conformance.rules.rule import Level, rule
from mavibot_conformance.rules.trial import LacksInputError
from mavibot_conformance.rules.ways import give
from mavibot_conformance.target.profile import FULL

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial

_KEYS: Final = "document section 'How to generate an API key': a key belongs to one project"
_ABOUT_A_CLIENT: Final = tuple(
    action
    for action, operations in mavibot_contract.load().actions.items()
    if "client_id" in next(iter(operations.values())).schema["properties"]
)


@rule("TEN-1", Level.MUST, source=_KEYS, actions=_ABOUT_A_CLIENT, each=True, needs=["second"])
def a_foreign_key_does_not_reach_a_client(t: Trial, action: str) -> None:
    """With the key of another project an action does not find a client of this one, by any method."""
    parameters = valid(t, action)
    client_id = parameters["client_id"]
    _expect_no_namesake(t, client_id)
    looks = {
        "variables": lambda: t.variables(client_id),
        "history": lambda: t.texts(client_id),
        "current_deal": lambda: t.current_order(client_id),
    }
    with t.unchanged(**looks):
        for method in mavibot_contract.load().actions[action]:
            exchange = t.call(action, key="second", method=method, **parameters)
            t.expect_refusal(exchange)


@rule(
    "TEN-2",
    Level.MUST,
    source=_KEYS,
    actions=[
        "find_client_id_by_phone",
        "find_client_id_by_email",
        "find_client_id_by_var",
        "find_all_client_id_by_var",
        "find_all_client_id_by_several_vars",
        "find_latest_client_id_by_var",
        "find_client_id_by_platform_id",
        "find_clients",
    ],
    each=True,
    needs=["second"],
)
def a_foreign_key_finds_no_client(t: Trial, action: str) -> None:
    """What a project finds, another project does not find with the same search."""
    if action == "find_client_id_by_platform_id" and t.wire.offer.lacks("load_clients"):
        raise LacksInputError("needs load_clients: who was there before may be a client of both projects")
    parameters = valid(t, action)
    own = t.call(action, **parameters)
    t.expect(own.succeeded and _ids(own.data), f"{action} to find the client in its own project", own)
    exchange = t.call(action, key="second", **parameters)
    t.expect(
        not (exchange.succeeded and _ids(exchange.data)), f"{action} to find no client with a foreign key", exchange
    )


@rule(
    "TEN-3",
    Level.MUST,
    source=_KEYS,
    actions=["get_clients", "subscribers"],
    judges=["get_clients", "subscribers"],
    needs=["test_clients", "second"],
)
def a_foreign_key_lists_no_client(t: Trial) -> None:
    """Lists of clients hold no client of another project."""
    added = set(t.clients(3))
    ids = {t.platform_id(each) for each in added}
    pages = t.parts(
        {
            "get_clients": lambda: t.ok("get_clients", key="second", limit=500)["clients"],
            "subscribers": lambda: t.page_of_subscribers(0, key="second"),
        }
    )
    for action, page in pages.items():
        foreign = [row["id"] for row in page if row.get("id") in added and str(_platform_id(row)) in ids]
        t.equal(sorted(foreign), [], f"clients of the other project that {action} shows")


@rule(
    "TEN-4",
    Level.MUST,
    source=_KEYS,
    actions=["broadcast", "add_to_list", "get_clients", "get_history", "delete_clients", "save_variables"],
    judges=["broadcast", "add_to_list", "delete_clients", "save_variables"],
    needs=["channel", "second", "list_id"],
)
def a_foreign_key_writes_to_no_client(t: Trial) -> None:
    """Broadcasts, lists, variables of many and deletions with a foreign key do not touch this project's clients."""
    client_id = t.client()
    calls: dict[str, dict[str, Any]] = {
        "broadcast": {"clients": [client_id], "message": "x"},
        "add_to_list": {"list_id": t.profile.list_id, "clients": [client_id]},
        "save_variables": {"clients": [client_id], "variables": {"client.cnf_a": "x"}},
        "delete_clients": {"client_ids": [client_id]},
    }
    looks = {
        "variables": lambda: t.variables(client_id),
        "history": lambda: t.texts(client_id),
        "list": t.members,
    }
    with t.unchanged(**looks):
        t.each(lambda action: t.call(action, key="second", **calls[action]), calls)
        t.settle(1)


@rule(
    "TEN-5",
    Level.MUST,
    source=_KEYS,
    actions=["load_clients", "find_client_id_by_platform_id"],
    needs=["channel", "second"],
)
def the_same_person_in_two_projects(t: Trial) -> None:
    """The same id in a messenger is a client of its own in each project."""
    item = {"platform_id": str(t.number()), **(t.profile.channel or {})}
    own = t.ok("load_clients", clients=[item])["items"][0]
    t.delete_at_the_end([own["id"]])
    foreign = t.answered("load_clients", key="second", clients=[item])
    if not foreign.succeeded or foreign.data["items"][0].get("status") != "success":
        t.not_run("the second project has no such channel")
    give(t, own["id"], {"client.cnf_a": "own"})
    other = t.ok("get_variables", key="second", client_id=foreign.data["items"][0]["id"])
    t.expect("cnf_a" not in other, "the other project's client to have no such variable", other)


@rule("TEN-6", Level.MUST, source=_KEYS, actions=["connected_channels"], effect="read", needs=["second"])
def each_key_shows_its_own_project(t: Trial) -> None:
    """`connected_channels` shows a different project number for the other key."""
    own, other = t.ok("connected_channels")["project_id"], t.ok("connected_channels", key="second")["project_id"]
    t.expect(own != other, "two project numbers", [own, other])


@rule(
    "TEN-7",
    Level.MUST,
    source=_KEYS,
    actions=[
        action
        for action, operations in mavibot_contract.load().actions.items()
        if "project_id" in next(iter(operations.values())).schema["properties"]
    ],
    each=True,
    needs=["second"],
)
def the_key_chooses_the_project(t: Trial, action: str) -> None:
    """The project is that of the key, whichever `project_id` stands beside it, by any method."""
    parameters = valid(t, action)
    _expect_no_namesake(t, parameters["client_id"])
    own, other = (t.ok("connected_channels", key=key)["project_id"] for key in (FULL, "second"))
    for count, method in enumerate(mavibot_contract.load().actions[action], 1):
        foreign = t.call(action, key="second", method=method, **{**parameters, "project_id": own})
        t.expect_refusal(foreign)
        t.ok(action, method=method, **{**parameters, "project_id": other})
        with t.optional():
            sent = t.texts(parameters["client_id"]).count(parameters["message"])
            t.equal(sent, count, "how often the own key sent it")


@rule(
    "TEN-8",
    Level.MUST,
    source=f"{_KEYS}; section 'Retrieve client list': project_id",
    actions=["get_clients", "connected_channels"],
    effect="read",
    needs=["second"],
)
def each_list_shows_its_own_project(t: Trial) -> None:
    """Clients and channels that are listed with a key show the number of that key's project."""
    for key in (FULL, "second"):
        project = t.ok("connected_channels", key=key)["project_id"]
        shown = {row["project_id"] for row in t.ok("get_clients", key=key, limit=500)["clients"]}
        t.expect(shown <= {project}, f"no client of another project than {project}", sorted(map(str, shown)))


def _ids(data: Any) -> list[Any]:
    """Return the clients that the reply of a search names."""
    if isinstance(data, list):
        return data
    return [each for name in ("client_id", "client_ids") for each in [data.get(name)] if each]


def _platform_id(row: dict[str, Any]) -> Any:
    return row.get("platform_id", row.get("vk_id"))


def _expect_no_namesake(t: Trial, client_id: int) -> None:
    """End the rule undecided if the other project has a client of its own with the same id, whom its key may reach.

    Raises:
        NotRunError: it has.
    """
    has_namesake, mark = False, t.nonce()
    with t.optional():
        give(t, client_id, {f"client.{mark}": mark})
        exchange = t.answered("get_variables", key="second", client_id=client_id)
        has_namesake = exchange.succeeded and bool(exchange.data) and mark not in exchange.text
    if has_namesake:
        t.not_run("the other project has a client of the same id, whom its key may reach")
