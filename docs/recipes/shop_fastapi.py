"""A shop that reports payments: FastAPI.

The payment service posts a notice; the shop tells the bot of the client, once, and answers the service by what is
certain: 200 after *done* and *unknown*, so that it does not come again, and 503 after *failed*, so that it does. The
[ledger](ledger.py) is a page of its own.

Run it with `uvicorn shop_fastapi:app` and the settings `MAVIBOT_BASE_URL` and `MAVIBOT_API_KEY`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Response
from ledger import Ledger
from pydantic import BaseModel

from mavibot import Mavibot


class Notice(BaseModel):
    """What the payment service posts."""

    payment: str
    client_id: int
    amount: int


def create_app(bot: Mavibot, ledger: Ledger) -> FastAPI:
    """Return the shop."""
    app = FastAPI()

    # Not async: the calls block, and FastAPI runs this function in a thread.
    @app.post("/paid")
    def paid(notice: Notice, response: Response) -> dict[str, str]:
        outcome = ledger.once(
            notice.payment,
            lambda: bot.callback(
                client_id=notice.client_id, message="order_paid", payment=notice.payment, amount=notice.amount
            ),
        )
        response.status_code = 503 if outcome == "failed" else 200
        return {"outcome": outcome}

    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    with Mavibot() as bot:
        app.mount("/", create_app(bot, Ledger(Path("calls.db"))))
        yield


app = FastAPI(lifespan=_lifespan)
