"""What `mavibot mock --seed-from` makes of a record: the seed of a project, and what its page shows of the record."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mavibot_cli.exits import missing_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mavibot_mock.server.journal import Entry
    from mavibot_mock.server.recorded import Recorded
    from mavibot_mock.webhook.outbox import Attempt
    from mavibot_proxy.records.reader import Recorded as Read


def read_record(record: Path, folder: str) -> tuple[Path, Recorded]:
    """Return a file with the seed that a record makes, and its calls and webhooks as a mock keeps its own.

    Args:
        record: the record.
        folder: where the file is made.

    Raises:
        OSError: the record cannot be read, or the file cannot be written.
        UsageProblem: the extra for records is missing.
        ValueError: the file is not a record.
    """
    try:
        from mavibot_proxy.playback.seeding import seed_of  # noqa: PLC0415 - an extra
        from mavibot_proxy.records.reader import read  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "proxy") from None
    calls = read(record)
    seed = Path(folder, f"{record.name}.json")
    seed.write_text(json.dumps(seed_of(calls)), encoding="utf-8")
    return seed, asyncio.run(_shown(calls))


async def _shown(calls: Sequence[Read]) -> Recorded:
    from mavibot_mock.server.journal import MOST_CALLS  # noqa: PLC0415 - an extra
    from mavibot_mock.server.recorded import Recorded, understand  # noqa: PLC0415 - an extra
    from mavibot_mock.webhook.outbox import KEPT  # noqa: PLC0415 - an extra

    entries = [_entry(call) for call in [each for each in calls if not each.is_webhook][-MOST_CALLS:]]
    for entry in entries:
        await understand(entry)
    return Recorded(entries, [_attempt(each) for each in [each for each in calls if each.is_webhook][-KEPT:]])


def _entry(call: Read) -> Entry:
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


def _attempt(event: Read) -> Attempt:
    from mavibot_mock.webhook.outbox import Attempt  # noqa: PLC0415 - an extra

    return Attempt(
        number=0,
        message=None,
        time=event.ended,
        state="delivered" if 200 <= event.status < 300 else "failed",
        request=_bytes(event.sent or "") if event.holds_body else None,
        status=event.status or None,
        reply=_bytes(event.reply),
        latency=event.seconds,
        recorded=(*event.departures, *event.remarks),
    )


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
