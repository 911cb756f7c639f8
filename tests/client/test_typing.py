"""The types that a user of the client meets, as `mypy --strict` sees them."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

#: A program as an integrator writes it; nothing in it is wrong.
RIGHT = '''
import asyncio
from collections.abc import Iterator

import httpx2

from mavibot import (
    ApiError, AsyncMavibot, ClientNotFound, InvalidParameters, Mavibot, RateLimited, Reply, UnreadableReply, models,
)
from mavibot.bulk import BulkRun, ChunkResult


def tell(bot: Mavibot, client_id: int | str) -> str | None:
    """Send a message with buttons."""
    buttons = [models.Button(type_=models.ButtonType.REPLY, text="Prices", line=0, index_in_line=0)]
    bot.message(client_id=client_id, message="Hello", buttons=buttons)
    bot.message(client_id=client_id, message="Hello", buttons=models.ButtonSet(buttons=buttons, hint="Answer"))
    bot.message(client_id=client_id, message_id="390", method="GET")
    bot.message(
        client_id=client_id, attachment_url="https://a.example/b.jpg", attachment_type=models.AttachmentType.IMAGE
    )
    bot.message(client_id=client_id, attachment_url="https://a.example/b.jpg", attachment_type="image")
    bot.callback(client_id=client_id, message="paid", variables={"amount": 4900, "promo": None}, city="Paris")
    bot.broadcast(clients=["5", 58], message="Hello", shift=0.3)
    orders = bot.get_orders(client_id=client_id, order_status=0)
    bot.get_orders(client_id=client_id, order_status=models.OrderStatus.ACTIVE)
    if isinstance(orders.order_id, list):
        first: int = orders.order_id[0]
        print(first)
    variables: dict[str, str | float | bool | None] = bot.get_variables(client_id=client_id)
    name = variables.get("name")
    return name if isinstance(name, str) else None


def clients(bot: Mavibot) -> Iterator[models.Client]:
    """Read a page of clients."""
    yield from bot.get_clients(limit=500, offset=0).clients


def ids(bot: Mavibot) -> list[int]:
    """Find clients by their ids in the messenger."""
    bot.load_clients(
        clients=[
            models.NewClient(platform_id=1, group_id="shop_bot", client_type=models.Messenger.TELEGRAM),
            {"platform_id": 1, "group_id": "shop_bot", "client_type": 1},
        ]
    )
    return [client.id for client in bot.find_client_id_by_platform_id(platform_ids=[1, "2"])]


def order(bot: Mavibot) -> int | None:
    """Create a deal and say why it failed."""
    try:
        return bot.create_order(client_id=25554, budget=4900).order_id
    except ClientNotFound:
        return None
    except UnreadableReply as error:
        print(error.accepted, error.body)
    except RateLimited as error:
        wait: float = error.retry_after or 1.0
        print(wait)
    except ApiError as error:
        print(error.action, error.http_status, error.body)
    except InvalidParameters as error:
        print([problem.field for problem in error.problems])
    return None


def many(bot: Mavibot) -> int | None:
    """Run actions over many clients; the type of a chunk's reply is that of the action."""
    for sent in bot.bulk.messages([(1, "Hello"), ("2", {"message": "Hello", "buttons": []})], resume="run.jsonl"):
        acknowledged: models.Acknowledgement | None = sent.reply
        print(acknowledged)
    for loaded in bot.bulk.load_clients([{"platform_id": 1, "group_id": "shop_bot", "client_type": 1}]):
        if loaded.reply is not None:
            print([item.status for item in loaded.reply.items])
    run: BulkRun[models.CallbacksSent] = bot.bulk.send_callbacks([1], callback_text="hello")
    for chunk in run:
        result: ChunkResult[models.CallbacksSent] = chunk
        return None if result.reply is None else result.reply.callback_sended
    return None


async def many_later(bot: AsyncMavibot) -> None:
    """Likewise, without blocking."""
    async for chunk in bot.bulk.add_to_list(5, [1, 2]):
        reply: models.StatusReply | None = chunk.reply
        print(reply)
    async for sent in bot.bulk.messages([(1, "Hello")]):
        print(sent.reply.status if sent.reply is not None else sent.error)


async def later() -> models.Acknowledgement:
    """Send a message without blocking."""
    async with AsyncMavibot("key", base_url="https://mavibot.test", timeout=5) as bot:
        reply: Reply = await bot.call("get_history", client_id=25554, limit=10)
        print(reply.http_status, reply.text, reply.headers, reply.result)
        return await bot.message(client_id=25554, message="Hello")


with Mavibot(base_url="https://mavibot.test", transport=httpx2.MockTransport(lambda _: httpx2.Response(200))) as client:
    print(tell(client, 25554), list(clients(client)), ids(client), order(client), many(client))
asyncio.run(later())
'''

#: A wrong line -> the code of mypy's error.
WRONG = {
    'bot.message("25554", "Hello")': "call-arg misc",
    'bot.message(message="Hello")': "call-arg",
    'bot.message(client_id=25554, text="Hello")': "call-arg",
    "bot.message(client_id=25554, message=5)": "arg-type",
    'bot.message(client_id=1.5, message="Hello")': "arg-type",
    'bot.message(client_id=None, message="Hello")': "arg-type",
    'bot.message(client_id=25554, message="Hello", attachment_type="picture")': "arg-type",
    'bot.message(client_id=25554, message="Hello", method="PUT")': "arg-type",
    'bot.message(client_id=25554, message="Hello", buttons=5)': "arg-type",
    'bot.get_clients(limit="500")': "arg-type",
    'bot.get_clients(method="POST")': "call-arg",
    "bot.add_to_list(list_id=1, clients=5)": "arg-type",
    'bot.callback(client_id=1, message="paid", variables=["city"])': "arg-type",
    'bot.callback(client_id=1, message="paid", variables={"city": ["Paris"]})': "dict-item list-item arg-type",
    'bot.create_order(client_id=1, budget="much", stage=5)': "call-arg",
    'bot.find_clients(q={"city": "Paris"}, search_in="deal")': "arg-type",
    'bot.find_all_client_id_by_several_vars(variables={"city": ["Paris"]})': "dict-item list-item arg-type",
    "bot.xyzzy(client_id=1)": "attr-defined",
    "bot.get_clients().xyzzy": "attr-defined",
    "number: str = bot.create_order(client_id=1).order_id": "assignment",
    "Mavibot(5)": "arg-type",
    'Mavibot("key", "https://mavibot.test")': "call-arg misc",
    'Mavibot("key", base_url="https://mavibot.test", transport="proxy")': "arg-type",
    "count: int = next(iter(bot.bulk.add_to_list(5, [1]))).reply": "assignment",
    'next(iter(bot.bulk.messages([(1, "Hello")]))).reply.xyzzy': "attr-defined union-attr",
    'bot.bulk.messages(["Hello"])': "list-item",
    'bot.bulk.messages([(1, "Hello")], xyzzy=1)': "call-arg",
    'text: str = bot.get_order_vars(client_id=1, order_id=1).result["sum"]': "assignment",
    "models.Xyzzy": "attr-defined",
    "mavibot.Xyzzy": "attr-defined",
    "from mavibot import Xyzzy": "attr-defined",
}
WRONG_START = "import mavibot\nfrom mavibot import Mavibot, models\n\nbot = Mavibot()\n"


def errors_of(folder: Path, cache: Path) -> dict[str, dict[int, set[str]]]:
    """Return the codes of the errors that mypy finds in a folder, by file and line."""
    # Without a mypy path: as for a user, what is installed counts, and only if it is marked as typed.
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", cache, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in done.stdout.splitlines():
        if match := re.match(r"(\w+\.py):(\d+): error: .*\[([\w-]+)\]$", line):
            found[match[1]][int(match[2])].add(match[3])
    return found


@pytest.mark.heavy
def test_mypy_accepts_a_right_program_and_refuses_every_wrong_line(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(RIGHT, "utf-8")
    (tmp_path / "wrong.py").write_text(WRONG_START + "".join(f"{line}\n" for line in WRONG), "utf-8")
    # One cache for all runs, so that only the first one reads the libraries.
    stored = getattr(pytestconfig, "cache", None)
    cache = tmp_path / "cache" if stored is None else stored.mkdir("mypy")
    found = errors_of(tmp_path, cache)
    assert not dict(found["right.py"])
    start = len(WRONG_START.splitlines()) + 1
    missed = [
        line
        for number, (line, codes) in enumerate(WRONG.items(), start)
        if not found["wrong.py"][number] & set(codes.split())
    ]
    assert not missed
