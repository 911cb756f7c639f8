"""A shop that reports payments: Flask.

The same shop as [with FastAPI](shop_fastapi.py). Run it with `flask --app shop_flask:from_environment run` and the
settings `MAVIBOT_BASE_URL` and `MAVIBOT_API_KEY`.
"""

from pathlib import Path

from flask import Flask, request
from ledger import Ledger

from mavibot import Mavibot


def create_app(bot: Mavibot, ledger: Ledger) -> Flask:
    """Return the shop."""
    app = Flask(__name__)

    @app.post("/paid")
    def paid() -> tuple[dict[str, str], int]:
        notice = request.get_json()
        outcome = ledger.once(
            notice["payment"],
            lambda: bot.callback(
                client_id=notice["client_id"],
                message="order_paid",
                payment=notice["payment"],
                amount=notice["amount"],
            ),
        )
        return {"outcome": outcome}, 503 if outcome == "failed" else 200

    return app


def from_environment() -> Flask:
    """Return the shop with a client for as long as the process lives; threads share it."""
    return create_app(Mavibot(), Ledger(Path("calls.db")))
