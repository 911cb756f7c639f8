"""A campaign that continues after a crash.

A text of its own for each client of a CSV file (`client_id,name`). Start the same command again after a crash: a
client who got the message does not get it twice, and one whose message may have gone out is named and left alone.
[Bulk](../guides/bulk.md) explains the outcomes.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from mavibot import Mavibot


def letters(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the id of each client and the text for it."""
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield int(row["client_id"]), f"{row['name']}, the spring sale has begun"


def send(bot: Mavibot, file: Path) -> dict[str, int]:
    """Send what was not sent yet; return how many messages have which outcome."""
    run = bot.bulk.messages(letters(file), resume=file.with_suffix(".progress"))
    for chunk in run:
        if chunk.outcome in {"failed", "unknown"}:
            print(f"client {chunk.items[0][0]}: {chunk.outcome}: {chunk.error}")
    summary = run.summary
    return {"done": summary.done, "skipped": summary.skipped, "failed": summary.failed, "unknown": summary.unknown}


if __name__ == "__main__":
    with Mavibot(rate="5/s") as bot:
        print(send(bot, Path(sys.argv[1])))
