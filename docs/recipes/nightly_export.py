"""A nightly export of all clients.

All clients with their variables, a line of JSON each. Memory stays flat however many there are, a rate keeps the
project usable meanwhile, and the file of the day before stays until the new one is whole. For a CSV file, or an
export that continues after a crash, there is [`mavibot clients
export`](../guides/command-line.md#many-clients-mavibot-clients).
"""

import json
import sys
from pathlib import Path

from mavibot import ClientNotFound, Mavibot


def export(bot: Mavibot, target: Path) -> int:
    """Write all clients to a file; return how many there are."""
    part = target.with_name(f"{target.name}.part")
    written = 0
    with part.open("w", encoding="utf-8") as file:
        # Oldest first: who comes meanwhile comes at the end.
        for client in bot.iter_clients(reverse=True):
            try:
                variables = bot.get_variables(client_id=client.id)
            except ClientNotFound:
                continue  # deleted since the page was read
            file.write(json.dumps({**client.to_dict(), "variables": variables}, ensure_ascii=False) + "\n")
            written += 1
    part.replace(target)
    return written


if __name__ == "__main__":
    with Mavibot(rate="5/s") as bot:
        print(export(bot, Path(sys.argv[1])))
