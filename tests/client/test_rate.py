"""The limit of calls in a time: shared by threads and coroutines, and by machines where a server keeps it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from pyrate_limiter import InMemoryBucket, Limiter, Rate, RedisBucket
from tests.client.support import BASE_URL, KEY

from mavibot import AsyncMavibot, ConfigurationError, Mavibot, TimedOut

REDIS = os.environ.get("MAVIBOT_TEST_REDIS_URL")

#: Calls that may be made in a second.
CALLS = 10


class Counter:
    """A server that notes when it was called."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.transport = httpx2.MockTransport(self._answer)
        self._began = time.monotonic()

    def _answer(self, _: httpx2.Request) -> httpx2.Response:
        self.moments.append(time.monotonic() - self._began)
        return httpx2.Response(200, json={"project_id": 1})

    def kept_the_limit(self, calls: int = CALLS) -> bool:
        """Return True if no call came before its second, which a busy machine can only delay.

        Args:
            calls: number of calls in a second.
        """
        # The clock of a limiter counts milliseconds.
        return all(moment > place // calls - 0.01 for place, moment in enumerate(sorted(self.moments)))


def test_threads_share_the_limit() -> None:
    server = Counter()
    with (
        Mavibot(KEY, base_url=BASE_URL, transport=server.transport, rate=f"{CALLS}/s") as bot,
        ThreadPoolExecutor(4) as pool,
    ):
        list(pool.map(lambda _: bot.connected_channels(), range(14)))
    assert len(server.moments) == 14
    assert server.kept_the_limit()


def test_coroutines_share_the_limit() -> None:
    server = Counter()

    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=BASE_URL, transport=server.transport, rate=f"{CALLS}/s") as bot:
            await asyncio.gather(*(bot.connected_channels() for _ in range(14)))

    asyncio.run(main())
    assert len(server.moments) == 14
    assert server.kept_the_limit()


def test_what_counts_against_no_limit_of_the_platform_does_not_wait() -> None:
    limiter = Limiter(Rate(1, 3_600_000))
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, text="ok"))
    with limiter, Mavibot(KEY, base_url=BASE_URL, transport=transport, rate=limiter) as bot:
        for _ in range(3):
            bot.save_variables(client_id=1, variables={"a": 1})
        assert limiter.buckets()[0].count() == 0
        bot.message(client_id=1, message="x")
        assert limiter.buckets()[0].count() == 1


def test_a_copy_with_other_options_shares_the_limit() -> None:
    limiter = Limiter(Rate(100, 3_600_000))
    with limiter, Mavibot(KEY, base_url=BASE_URL, transport=Counter().transport, rate=limiter) as bot:
        bot.connected_channels()
        bot.with_options(timeout=1).connected_channels()
        assert limiter.buckets()[0].count() == 2


@pytest.mark.parametrize("rate", ["5", "5/day", "0/s", "fast", "-1/s", "5/s/s", ""])
def test_a_rate_that_cannot_be_read_is_explained(rate: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^rate: .*5/s, 100/min or 6000/h"):
        Mavibot(KEY, base_url=BASE_URL, rate=rate)


def test_a_missing_extra_is_one_clear_line() -> None:
    code = (
        "import sys; sys.modules['pyrate_limiter'] = None\n"
        "from mavibot import Mavibot, ConfigurationError\n"
        "try: Mavibot('k', base_url='http://127.0.0.1', rate='5/s')\n"
        "except ConfigurationError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "rate: needs an extra; install it with: pip install 'mavibot[ratelimit]'\n"


@pytest.mark.skipif(REDIS is None, reason="no Redis: set MAVIBOT_TEST_REDIS_URL to run this test")
def test_two_clients_share_a_limit_that_redis_keeps() -> None:
    redis: Any = pytest.importorskip("redis")
    bucket = RedisBucket.init([Rate(CALLS, 1_000)], redis.Redis.from_url(REDIS), f"mavibot-test-{os.getpid()}")
    server = Counter()
    clients = [Mavibot(KEY, base_url=BASE_URL, transport=server.transport, rate=Limiter(bucket)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda bot: [bot.connected_channels() for _ in range(7)], clients))
    assert server.kept_the_limit(CALLS + len(clients))


def test_a_call_that_comes_to_its_turn_too_late_is_not_sent() -> None:
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, text="ok")

    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(answer), rate="1/h") as bot:
        bot.message(client_id=1, message="x")
        started = time.monotonic()
        with pytest.raises(TimedOut, match="nothing was sent") as caught:
            bot.with_options(deadline=0.05).message(client_id=1, message="x")
    assert not caught.value.sent
    assert time.monotonic() - started < 3600
    assert len(requests) == 1


def test_a_bucket_in_place_of_a_limiter_is_explained() -> None:
    with pytest.raises(ConfigurationError, match=r"^rate: .*Limiter\(bucket\)"):
        Mavibot(KEY, base_url=BASE_URL, rate=InMemoryBucket([Rate(1, 1_000)]))  # type: ignore[arg-type]
