"""What `mavibot mock --seed-from` makes of a record: the seed of a project, and calls of its journal."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mavibot_cli.exits import missing_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_mock.server.journal import Entry
    from mavibot_proxy.records.reader import Recorded


def read_record(record: Path, folder: str) -> tuple[Path, list[Entry]]:
    """Return a file with the seed that a record makes, and the calls of the record as a journal has them, oldest first.

    Args:
        record: the record.
        folder: where the file is made.

    Raises:
        OSError: the record cannot be read, or the file cannot be written.
        UsageProblem: the extra for records is missing.
        ValueError: the record is none.
    """
    try:
        from mavibot_proxy.playback.seeding import seed_of  # noqa: PLC0415 - an extra
        from mavibot_proxy.records.reader import read  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "proxy") from None
    calls = read(record)
    seed = Path(folder, f"{record.name}.json")
    seed.write_text(json.dumps(seed_of(calls)), encoding="utf-8")
    return seed, asyncio.run(_entries(calls))


async def _entries(calls: Sequence[Recorded]) -> list[Entry]:
    from mavibot_mock.server.journal import MOST_CALLS  # noqa: PLC0415 - an extra
    from mavibot_mock.server.recorded import understand  # noqa: PLC0415 - an extra

    entries = [_entry(call) for call in calls[-MOST_CALLS:]]
    for entry in entries:
        await understand(entry)
    return entries


def _entry(call: Recorded) -> Entry:
    from mavibot_mock.request.body import Sent  # noqa: PLC0415 - an extra
    from mavibot_mock.server.journal import Entry  # noqa: PLC0415 - an extra

    return Entry(
        call.key,
        call.action,
        Sent(call.method, _bytes(call.query), call.content_type, _bytes(call.sent or "")),
        time=call.ended,
        wall_time=call.ended,
        seconds=call.seconds,
        status=call.status or None,
        reply=_bytes(call.reply),
        deviations=call.departures,
        is_cut=not call.holds_body,
        recorded=call.remarks,
    )


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
