"""Many workers with one limit.

All workers of a machine share one limit, which is kept in a file: no server is needed. For workers on several
machines put Redis or Postgres in its place; [rate limits](../guides/rate-limits.md#many-workers-of-one-key) shows both.

It needs `pip install 'mavibot[ratelimit]' filelock`.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from pyrate_limiter import Limiter, Rate, SQLiteBucket

from mavibot import Mavibot


def work(api_key: str, base_url: str, client_ids: Iterable[int], shared: Path, rates: list[Rate]) -> int:
    """Message some clients as one of many workers; return how many were messaged.

    Args:
        api_key: key of the project.
        base_url: address of the platform.
        client_ids: this worker's clients.
        shared: the file that all workers name.
        rates: the limit of all of them together, such as `[Rate(5, 1000)]`: 5 calls in 1000 milliseconds.
    """
    bucket = SQLiteBucket.init_from_file(rates, db_path=str(shared), use_file_lock=True)
    sent = 0
    with Limiter(bucket) as limiter, Mavibot(api_key, base_url=base_url, rate=limiter) as bot:
        for client_id in client_ids:
            bot.message(client_id=client_id, message="Hello")
            sent += 1
    return sent


if __name__ == "__main__":
    key, url, *clients = sys.argv[1:]
    print(work(key, url, map(int, clients), Path("limit.db"), [Rate(5, 1000)]))
