"""The main job end to end: the mock answers real calls, the client tells a story, schemathesis looks for cracks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from mavibot import Mavibot, errors
from mavibot_conformance import fuzz
from replay import FILES, load_calls, replay

#: Actions that the mock implements so far.
ACTIONS = (
    *("load_clients", "get_clients", "message", "callback"),
    *("save_variables", "get_variables", "get_history", "connected_channels"),
)
# What the demo project has, so that random calls reach more than "not found".
_KNOWN: dict[str, list[Any]] = {"client_id": [25554, "49177759"], "message_id": [390]}
_MARKS = {True: "ok  ", False: "FAIL"}


class Demonstration:
    """Runs the parts one after another and counts what went wrong."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url = url
        self._api_key = api_key
        self.done = 0
        self.failed = 0

    def run(self) -> None:
        """Run all parts."""
        for source, file in FILES.items():
            self._replay(source, file)
        self._story()
        self._fuzz()

    def _say(self, good: bool, line: str, details: list[str] | None = None) -> None:
        self.done += 1
        self.failed += not good
        print(f"  {_MARKS[good]} {line}", *(f"         {detail}" for detail in details or []), sep="\n")

    def _replay(self, source: str, file: Path) -> None:
        print(f"\nCalls of {source}")
        with httpx.Client(base_url=f"{self._url}/api/{self._api_key}/") as client:
            for call in load_calls(file):
                outcome = replay(client, call)
                answer = outcome.text if len(outcome.text) <= 70 else f"{outcome.text[:70]}…"
                noticed = [f"noticed: {deviation}" for deviation in outcome.deviations]
                self._say(
                    not outcome.mismatches,
                    f"{call['action']:<20} {call['method']:<4} {_short(call)} -> {outcome.http_status} {answer}",
                    outcome.mismatches + noticed,
                )

    def _story(self) -> None:
        print("\nA story through the client")
        with Mavibot(api_key=self._api_key, base_url=self._url) as bot:
            loaded = bot.load_clients(
                clients=[{"platform_id": f"demo-{n}", "group_id": "example_bot", "client_type": 1} for n in (1, 2, 3)]
            )
            numbers = [item.id for item in loaded.items]
            self._say(all(isinstance(number, int) for number in numbers), f"load_clients gave the numbers {numbers}")
            client_id: Any = numbers[0]
            reply = bot.message(client_id=client_id, message="Your order is on its way")
            self._say(reply.status == "ok", f"message to {client_id} was answered {reply.status!r}")
            reply = bot.callback(
                client_id=client_id, message="order_paid", amount=4900, variables={"client.city": "Paris"}
            )
            self._say(reply.status == "ok", f"callback with two variables was answered {reply.status!r}")
            variables = bot.get_variables(client_id=client_id)
            saved = {name: variables.get(name) for name in ("amount", "city")}
            self._say(saved == {"amount": 4900, "city": "Paris"}, f"get_variables has {saved}")
            history = [message.text for message in bot.get_history(client_id=client_id).result]
            wanted = ["order_paid", "Your order is on its way"]
            self._say(history == wanted, f"get_history has, newest first, {history}")
            self._refusal(bot)

    def _refusal(self, bot: Mavibot) -> None:
        try:
            bot.call("mesage", client_id=1)
        except errors.UnknownAction as error:
            self._say(error.suggestion == "message", f"a slip is explained: {error}")
        else:
            self._say(False, "a slip in an action's name is explained")

    def _fuzz(self) -> None:
        print("\nSchemathesis with the contract (coverage cases and random ones)")
        report = fuzz(self._url, self._api_key, actions=ACTIONS, known=_KNOWN)
        for operation in sorted(report.calls):
            broken = [failure for failure in report.failures if failure.operation == operation]
            self._say(
                not broken and operation not in report.never_succeeded,
                f"{operation:<30} {report.calls[operation]:>4} calls, {report.successes[operation]:>4} successful",
                [f"{failure.check}: {failure.message}\n         {failure.curl}" for failure in broken],
            )
        for error in report.errors:
            self._say(False, error)


@contextmanager
def running_mock() -> Iterator[dict[str, Any]]:
    """Start `mavibot mock` on a free port; give what its first line says."""
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not (line := process.stdout.readline()):
                raise RuntimeError("the mock did not start; its own words stand above")
            yield json.loads(line)
        finally:
            process.terminate()


def _short(call: dict[str, Any]) -> str:
    given = {**call["query"], **call["body"]} if isinstance(call["body"], dict) else {"": call["body"] or call["query"]}
    text = ", ".join(f"{name}={value}" if name else str(value) for name, value in given.items())
    return text if len(text) <= 80 else f"{text[:80]}…"


def main() -> int:
    """Run the demonstration; return 0 only if everything went as the contract says."""
    with running_mock() as mock:
        print(f"mavibot mock answers at {mock['url']}")
        demonstration = Demonstration(mock["url"], mock["api_key"])
        demonstration.run()
    print(f"\n{demonstration.done} steps, {demonstration.failed} not as the contract says")
    return 1 if demonstration.failed else 0


if __name__ == "__main__":
    sys.exit(main())
