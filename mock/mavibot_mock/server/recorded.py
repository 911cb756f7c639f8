"""What a mock shows of a record: calls and webhooks of elsewhere, read as the mock reads its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mavibot_contract
from mavibot_mock.request.replies import RefusedError
from mavibot_mock.server.api import reader_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_mock.server.journal import Entry
    from mavibot_mock.webhook.outbox import Attempt


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a mock shows of a record.

    Attributes:
        calls: for the journal, oldest first.
        webhooks: for the log of webhooks, oldest first.
    """

    calls: Sequence[Entry] = ()
    webhooks: Sequence[Attempt] = ()


async def understand(entry: Entry) -> None:
    """Add to a recorded call what the contract understands of it, as far as the record holds all of it."""
    contract = mavibot_contract.load()
    if entry.is_cut or entry.action not in contract.actions:
        return
    try:
        reading = await reader_of(entry.action, contract).read(entry.sent, strict=False)
    except RefusedError:
        return
    entry.parameters = {**reading.parameters, **reading.variables}
