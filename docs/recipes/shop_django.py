"""A shop that reports payments: Django.

The same shop as [with FastAPI](shop_fastapi.py), as a view that a project puts into its `urlpatterns`: `path("paid",
paid_view(bot, ledger))`. One client serves all threads; make it where your settings are read.
"""

import json
from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ledger import Ledger

from mavibot import Mavibot


def paid_view(bot: Mavibot, ledger: Ledger) -> Callable[[HttpRequest], JsonResponse]:
    """Return the view that takes the notices of the payment service."""

    @csrf_exempt
    @require_POST
    def paid(request: HttpRequest) -> JsonResponse:
        notice = json.loads(request.body)
        outcome = ledger.once(
            notice["payment"],
            lambda: bot.callback(
                client_id=notice["client_id"],
                message="order_paid",
                payment=notice["payment"],
                amount=notice["amount"],
            ),
        )
        return JsonResponse({"outcome": outcome}, status=503 if outcome == "failed" else 200)

    return paid
