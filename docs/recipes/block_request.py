"""A block's request, answered in time.

A block of the bot asks your server in the middle of a dialogue and waits about 13 seconds. What is ready sooner is
the answer; what takes longer is answered with "wait", goes on, and is reported to the bot as an event. The block
saves `data|price -> price` and `data|state -> state`, and a second block waits for the event `price_ready`.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, HTTPException, Request

from mavibot import AsyncMavibot
from mavibot.webhooks import parse_block_request

#: Seconds that the block is kept waiting: below the platform's 13, so that the answer still arrives.
IN_TIME = 8.0


def create_app(
    bot: AsyncMavibot, price_of: Callable[[str], Awaitable[int]], secret: str, in_time: float = IN_TIME
) -> FastAPI:
    """Return the server.

    Args:
        bot: reports what was not ready in time.
        price_of: finds out the price of an article; may take long.
        secret: what the block sends in the header `X-Secret`.
        in_time: seconds after which the block is answered with "wait".
    """
    app = FastAPI()
    late: set[asyncio.Task[None]] = set()

    async def report(client_id: int, price: asyncio.Future[int]) -> None:
        await bot.callback(client_id=client_id, message="price_ready", price=await price)

    @app.post("/price")
    async def price(request: Request) -> dict[str, dict[str, object]]:
        if not hmac.compare_digest(request.headers.get("X-Secret", ""), secret):
            raise HTTPException(403, "wrong secret")
        sent = parse_block_request(await request.body(), request.headers.get("Content-Type"))
        work = asyncio.ensure_future(price_of(str(sent["article"])))
        done, _ = await asyncio.wait([work], timeout=in_time)
        if done:
            return {"data": {"state": "ready", "price": work.result()}}
        task = asyncio.create_task(report(int(sent["client_id"]), work))
        late.add(task)  # the event loop alone does not keep a task alive
        task.add_done_callback(late.discard)
        return {"data": {"state": "wait"}}

    return app
