"""A staging server of another make: nine actions in Flask, four of them right and five wrong."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import BadRequest
from werkzeug.serving import WSGIRequestHandler, make_server

KEY: Final = "staging-key-0123456789"
CLIENTS: Final = (25554, 85856)
#: What is wrong, by action.
WRONG: Final = {
    "get_clients": "takes any limit",
    "get_history": "shows the ids of messages as text",
    "find_client_id_by_email": "crashes where no client has the address",
    "check_whatsapp": "takes any key",
    "create_order": "answers the deal that is there, and makes none",
}
RIGHT: Final = ("get_variables", "get_current_order_id", "get_order_vars", "get_orders")

_ID: Final = re.compile(r"[1-9][0-9]{0,15}")
_GREATEST: Final = 2**53 - 1


def make_app() -> Flask:
    """Return the server, with nothing saved yet."""
    app = Flask(__name__)
    orders = dict(zip(CLIENTS, (40632, 40633), strict=True))
    saved: dict[int, dict[str, Any]] = {client_id: {"city": "Oslo"} for client_id in CLIENTS}

    @app.before_request
    def check_key() -> None:
        values = request.view_args
        if values is not None and values["key"] != KEY and request.endpoint != "check_whatsapp":
            abort(_fail(401, "api_key: is unknown"))

    @app.errorhandler(KeyError)
    def crash(_: KeyError) -> Response:
        return _fail(500, "Internal Server Error")

    @app.errorhandler(BadRequest)
    def refuse(_: BadRequest) -> Response:
        return _fail(400, "the body is not JSON")

    @app.get("/api/<key>/get_variables")
    def get_variables(key: str) -> Response:
        client_id = _id(request.args.get("client_id"), "client_id")
        return jsonify(saved[client_id]) if client_id in saved else _status(404, "client_not_found")

    @app.get("/api/<key>/get_current_order_id")
    def get_current_order_id(key: str) -> Response:
        client_id = _id(request.args.get("client_id"), "client_id")
        if client_id not in orders:
            return _status(200, "client_not_found")
        return jsonify(status="success", order_id=orders[client_id])

    @app.post("/api/<key>/get_order_vars")
    def get_order_vars(key: str) -> Response:
        order_id = _order(body := _body())
        names = body.get("variables", [])
        if not isinstance(names, list) or not all(isinstance(each, str) and 1 <= len(each) <= 100 for each in names):
            return _fail(400, "variables: must be names")
        return _status(200, "order not found") if order_id is None else jsonify(status="success", result={})

    @app.post("/api/<key>/create_order")
    def create_order(key: str) -> Response:
        client_id = _id(_body().get("client_id"), "client_id")
        if client_id not in orders:
            return _status(200, "client_not_found")
        return jsonify(status="success", order_id=orders[client_id])

    @app.get("/api/<key>/get_orders")
    def get_orders(key: str) -> Response:
        client_id = _id(request.args.get("client_id"), "client_id")
        status = request.args.get("order_status", "0")
        if status not in ("0", "1", "2"):
            return _fail(400, "order_status: must be 0, 1 or 2")
        if client_id not in orders:
            return _status(200, "client_not_found")
        return jsonify(status="success", order_id=[orders[client_id]] if status == "0" else [])

    def _order(body: dict[str, Any]) -> int | None:
        client_id = _id(body.get("client_id"), "client_id")
        named = _id(body["order_id"], "order_id") if "order_id" in body else None
        if client_id not in orders:
            abort(_status(200, "client_not_found"))
        return orders[client_id] if named in (None, orders[client_id]) else None

    @app.get("/api/<key>/get_clients")
    def get_clients(key: str) -> Response:
        rows = [_client(client_id) for client_id in sorted(CLIENTS, reverse=True)]
        return jsonify(status="success", clients=rows[: request.args.get("limit", 500, int)])

    @app.get("/api/<key>/get_history")
    def get_history(key: str) -> Response:
        client_id = _id(request.args.get("client_id"), "client_id")
        if client_id not in saved:
            return _status(404, "client_not_found")
        return jsonify(status="success", result=[_message("1")])

    @app.get("/api/<key>/find_client_id_by_email")
    def find_client_id_by_email(key: str) -> Response:
        return jsonify(client_id={"client@example.com": 25554}[request.args.get("email", "")])

    @app.route("/api/<key>/check_whatsapp", methods=["GET", "POST"])
    def check_whatsapp(key: str) -> Response:
        phone = _body().get("phone") if request.method == "POST" else request.args.get("phone")
        if isinstance(phone, int) and not isinstance(phone, bool) and 1 <= phone <= _GREATEST:
            phone = str(phone)
        if not isinstance(phone, str) or not (1 <= len(phone) <= 64 and re.search("[0-9]", phone)):
            return _fail(400, "phone: must be a phone number")
        return jsonify(status="success", result=True)

    return app


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def staging() -> Iterator[str]:
    """Run the server; yield its URL."""
    server = make_server("127.0.0.1", 0, make_app(), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def _body() -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        abort(_fail(400, "the body: must be an object"))
    return {**request.args, **body}


def _id(value: Any, name: str) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _ID.fullmatch(text) or (isinstance(value, int) and value > _GREATEST):
        abort(_fail(400, f"{name}: must be a number"))
    return int(text)


def _fail(status: int, message: str) -> Response:
    response = jsonify(status="fail", message=message)
    response.status_code = status
    return response


def _status(status: int, word: str) -> Response:
    response = jsonify(status=word)
    response.status_code = status
    return response


def _client(client_id: int) -> dict[str, Any]:
    return {
        "id": client_id,
        "platform_id": str(client_id),
        "client_type": 1,
        "name": None,
        "avatar": None,
        "message_id": None,
        "project_id": 1,
        "created_at": 1588248599,
        "updated_at": 1588248599,
        "custom_answer": None,
        "tag": None,
        "group": "staging_bot",
        "operator_start_dialog": None,
    }


def _message(message_id: str) -> dict[str, Any]:
    return {
        "id": message_id,
        "answered": True,
        "client_replica": False,
        "message_id": None,
        "message_from_outside": 1,
        "created_at": 1588248599,
        "text": "hello",
        "attachments": {},
        "delivered": True,
        "error_message": None,
        "manager_id": None,
        "manager_email": None,
    }
