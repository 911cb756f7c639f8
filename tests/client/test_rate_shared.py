"""A limit that a server keeps for all workers of a key: Redis or Postgres, where one is named."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from pyrate_limiter import AbstractBucket, Limiter, PostgresBucket, Rate, RedisBucket
from tests.cli.support import platform
from tests.client.support import BASE_URL, KEY
from tests.client.test_rate import CALLS, Counter

from mavibot import AsyncMavibot, Mavibot

REDIS: Final = os.environ.get("MAVIBOT_TEST_REDIS_URL")
POSTGRES: Final = os.environ.get("MAVIBOT_TEST_POSTGRES_URL")

#: Makes one more bucket of the same limit, as a further worker does.
Bucket = Callable[[], AbstractBucket]


def most_calls(bucket: AbstractBucket, workers: int) -> int:
    """Return the most calls in a second: Redis counts by the clocks of the workers, who can be let through together."""
    return CALLS + workers if isinstance(bucket, RedisBucket) else CALLS


def in_redis(stack: ExitStack) -> Bucket:
    """Keep a new limit in Redis."""
    redis: Any = pytest.importorskip("redis")
    name = f"mavibot-test-{uuid4()}"

    def bucket() -> RedisBucket:
        connection = stack.enter_context(closing(redis.Redis.from_url(REDIS)))
        stack.callback(connection.delete, name)
        made = RedisBucket.init([Rate(CALLS, 1_000)], connection, name)
        assert isinstance(made, RedisBucket)
        return made

    return bucket


def in_postgres(stack: ExitStack) -> Bucket:
    """Keep a new limit in Postgres."""
    psycopg: Any = pytest.importorskip("psycopg")
    psycopg_pool: Any = pytest.importorskip("psycopg_pool")
    name = f"mavibot_test_{uuid4().hex}"
    stack.callback(_drop, psycopg, name)

    def bucket() -> PostgresBucket:
        pool = stack.enter_context(psycopg_pool.ConnectionPool(POSTGRES, min_size=1, max_size=2, open=True))
        return PostgresBucket(pool, name, [Rate(CALLS, 1_000)])

    return bucket


def _drop(psycopg: Any, name: str) -> None:
    # A limiter that is closed closes its pool, so this needs a connection of its own.
    with psycopg.connect(POSTGRES) as connection:
        connection.execute(f"DROP TABLE IF EXISTS ratelimit___{name}")


NO_REDIS: Final = pytest.mark.skipif(not REDIS, reason="no Redis: set MAVIBOT_TEST_REDIS_URL to run this test")
NO_POSTGRES: Final = pytest.mark.skipif(
    not POSTGRES, reason="no Postgres: set MAVIBOT_TEST_POSTGRES_URL to run this test"
)


@pytest.fixture(
    params=[
        pytest.param(in_redis, id="redis", marks=NO_REDIS),
        pytest.param(in_postgres, id="postgres", marks=NO_POSTGRES),
    ]
)
def bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    with ExitStack() as stack:
        yield request.param(stack)


@pytest.mark.parametrize("workers", [2, 10])
def test_blocking_clients_share_a_limit(bucket: Bucket, workers: int) -> None:
    server = Counter()
    calls = 50 // workers
    with ExitStack() as stack:
        limiters = [stack.enter_context(Limiter(bucket())) for _ in range(workers)]
        clients = [Mavibot(KEY, base_url=BASE_URL, transport=server.transport, rate=limiter) for limiter in limiters]
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda bot: [bot.connected_channels() for _ in range(calls)], clients))
    assert len(server.moments) == workers * calls
    assert server.kept_the_limit(most_calls(bucket(), workers))


def test_asynchronous_clients_share_a_limit(bucket: Bucket) -> None:
    server = Counter()

    async def main() -> None:
        with ExitStack() as stack:
            limiters = [stack.enter_context(Limiter(bucket())) for _ in range(2)]
            clients = [
                AsyncMavibot(KEY, base_url=BASE_URL, transport=server.transport, rate=limiter) for limiter in limiters
            ]
            await asyncio.gather(*(bot.connected_channels() for bot in clients for _ in range(CALLS)))

    asyncio.run(main())
    assert len(server.moments) == 2 * CALLS
    assert server.kept_the_limit(most_calls(bucket(), 2))


# --- docs/guides/rate-limits.md ---


@pytest.mark.parametrize(
    "number", [0, pytest.param(1, id="redis", marks=NO_REDIS), pytest.param(2, id="postgres", marks=NO_POSTGRES)]
)
def test_every_example_of_the_guide(number: int) -> None:
    if number:
        pytest.importorskip(["redis", "psycopg_pool"][number - 1])
    text = (Path(__file__).parents[2] / "docs/guides/rate-limits.md").read_text("utf-8")
    example = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[number]
    with platform() as server:
        for shown, real in (
            ("http://127.0.0.1:8080", server.url),
            ("redis://localhost:6379", REDIS),
            ("postgresql://localhost/example", POSTGRES),
        ):
            example = example.replace(shown, real or "")
        exec(compile(example, "rate-limits.md", "exec"), {"Mavibot": Mavibot, "KEY": KEY, "URL": server.url})
        assert {request.action for request in server.requests} == {"message"}
