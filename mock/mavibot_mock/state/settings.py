"""The settings of a project: what its owner sets, and behaviour on which the evidence conflicts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Type of a default -> what the setting may be.
_KINDS: Final[Mapping[type, type | tuple[type, ...]]] = {str: str, bool: bool, int: int, float: (int, float)}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a project; each default follows the vendor's document.

    Attributes:
        time_zone: the project's zone, an IANA name or an offset such as `+03:00`.
        strict: refuse what the contract does not offer, such as another method or content type, instead of noting it.
        success_reply: how actions without data answer: plain text `ok`, or `{"status": "success"}`.
        created_at: how moments are shown: Unix seconds, or text such as `2026-03-10 09:00:00.000000`.
        orders_key: under which key `get_orders` lists the deals.
        refusal_status: of a refused key or permission: an error (401, 403), or 200 with a failure in the body.
        not_found_status: of a client who is not found: 404 where the contract has it, or always 200.
        contact_variables: where a phone number or e-mail address is searched: in variables of the client, or in those
            of its deals too.
        webhook_url: where the project's messages are posted; empty for nowhere.
        webhook_timeout: seconds that the webhook's receiver may take.
        calls_per_second: most calls of one key in a second, or `None` for any number.
        calls_at_once: how many calls a key may save up for one moment.
        messages_kept: how many messages of the project are kept; the oldest go first.
        cors: what web pages of other sites may do (assumed): read replies to requests that need no permission before
            (`simple`), send any request (`full`), or read nothing (`off`).
    """

    time_zone: str = "+03:00"
    strict: bool = False
    success_reply: Literal["text", "json"] = "text"
    created_at: Literal["number", "text"] = "number"
    orders_key: Literal["order_id", "result"] = "order_id"
    refusal_status: Literal["error", "ok"] = "error"
    not_found_status: Literal["error", "ok"] = "error"
    contact_variables: Literal["client", "client_and_deals"] = "client"
    webhook_url: str = ""
    webhook_timeout: float = 10.0
    calls_per_second: float | None = None
    calls_at_once: int = 10
    messages_kept: int = 1_000_000
    cors: Literal["simple", "full", "off"] = "simple"

    @property
    def zone(self) -> tzinfo:
        """The project's zone.

        Raises:
            ValueError: there is none with this name.
        """
        try:
            if self.time_zone.startswith(("+", "-")):
                return datetime.strptime(self.time_zone, "%z").tzinfo or UTC
            return ZoneInfo(self.time_zone)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(
                f"time_zone: '{self.time_zone}' is neither a zone such as Europe/Moscow nor an offset such as +03:00"
            ) from error


def settings_of(kept: object) -> Settings:
    """Return settings that a database keeps.

    Raises:
        ValueError: they are not those of this version of the mock.
    """
    known = {field.name: field.default for field in fields(Settings)}
    if not isinstance(kept, dict):
        raise ValueError("its settings are not those of this mock")  # noqa: TRY004 - a wrong file, not a wrong call
    for name, value in kept.items():
        if name not in known:
            raise ValueError(f"has a setting '{name}', which this mock does not know")
        if known[name] is not None and not isinstance(value, _KINDS[type(known[name])]):
            raise ValueError(f"its setting {name} is {value!r}")
    return Settings(**kept)
