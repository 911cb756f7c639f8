"""Calls of a record in the journal: they were made elsewhere, and are read as the mock reads those made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mavibot_contract
from mavibot_mock.request.replies import RefusedError
from mavibot_mock.server.api import reader_of

if TYPE_CHECKING:
    from mavibot_mock.server.journal import Entry


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
