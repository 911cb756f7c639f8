"""The main job end to end: the mock answers real calls, the client tells a story, the suite looks for cracks."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx2

from mavibot import Mavibot, errors
from mavibot.webhooks import parse_event
from mavibot_conformance import Plan, RunLevel, run
from mavibot_conformance.results import Verdict
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.receiver import Receiver
from replay import FILES, load_calls, replay

#: How much of the conformance suite runs.
LEVEL = RunLevel.COVERAGE
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
        self._time()
        self._conformance()

    def _say(self, good: bool, line: str, details: list[str] | None = None) -> None:
        self.done += 1
        self.failed += not good
        print(f"  {_MARKS[good]} {line}", *(f"         {detail}" for detail in details or []), sep="\n")

    def _replay(self, source: str, file: Path) -> None:
        print(f"\nCalls of {source}")
        with httpx2.Client(base_url=f"{self._url}/api/{self._api_key}/") as client:
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
            self._say(error.suggestion == "message", f"a typo is explained: {error}")
        else:
            self._say(False, "a typo in an action's name is explained")

    def _time(self) -> None:
        print("\nA day that a test lets pass, and what the project's webhook receives")
        with (
            Mavibot(api_key=self._api_key, base_url=self._url) as bot,
            httpx2.Client(base_url=f"{self._url}/_mock/v1/projects/1/") as control,
            Receiver("127.0.0.1:0") as receiver,
        ):
            control.post("clock/run_until_idle")  # what the calls above left to be done
            control.patch("settings", json={"webhook_url": receiver.url})
            control.post("clock/freeze")
            bot.message(client_id=58, message="Your appointment is today", time_shift=timedelta(hours=24))
            bot.broadcast(clients=[5, 110], message="Our news", shift=timedelta(minutes=30))
            moved = control.post("clock/advance", json={"by": "1d"}).json()
            self._say(
                (moved["ran"], moved["failed"]) == (2, 0), f"a day in one call: {moved['ran']} scheduled jobs ran"
            )
            newest = bot.get_history(client_id=58, limit=1).result[0]
            self._say(newest.text == "Your appointment is today", f"get_history has {newest.text!r}")
            control.post("inbound", json={"client_id": 58, "text": "meow"})
            control.post("webhooks/settle")
            events = [parse_event(post.body) for post in receiver.posts]
            told = [(event.is_input, event.message) for event in events]
            wanted = ["Our news", "Our news", "Your appointment is today", "meow", "Meow meow"]
            self._say([text for _, text in told] == wanted, f"the webhook was told of {told}")
            control.patch("settings", json={"webhook_url": ""})
            control.post("clock/run")

    def _conformance(self) -> None:
        print("\nThe conformance suite: its rules, and schemathesis with the whole contract")
        plan = Plan(url=self._url, profile=mock_profile(self._url), level=LEVEL, consent="send")
        results = run(plan)
        for family, outcomes in groupby(results.outcomes, lambda outcome: outcome.rule.split("-")[0]):
            verdicts = Counter(outcome.verdict for outcome in outcomes)
            counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
            self._say(Verdict.FAIL not in verdicts, f"rules {family:<24} {counts}")
        for layer in results.layers:
            for operation, calls in sorted(layer.calls.items()):
                successful = layer.successes.get(operation, 0)
                broken = [
                    f"{failure['check']}: {failure['message']}\n         {failure['curl']}"
                    for failure in (*layer.failures, *layer.non_strict)
                    if failure["operation"] == operation
                ]
                line = f"{operation:<41} {calls:>4} calls, {successful:>4} successful"
                self._say(not broken and successful > 0, line, broken)
        self._say(not results.reasons, f"conclusion: {results.conclusion}", results.reasons)


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


def main(*, stay: bool = False) -> int:
    """Run the demonstration; return 0 only if everything went as the contract says.

    Args:
        stay: keep the mock running until Ctrl+C, so that its page can be looked at.
    """
    with running_mock() as mock:
        print(f"mavibot mock answers at {mock['url']}")
        demonstration = Demonstration(mock["url"], mock["api_key"])
        demonstration.run()
        print(f"\n{demonstration.done} steps, {demonstration.failed} not as the contract says")
        if stay:
            print(f"Look at {mock['url']}: conversations, calls, webhooks; Ctrl+C ends it")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
        else:
            print("Its page shows all of this: scripts/demo --stay keeps it open, mavibot mock starts it afresh")
    return 1 if demonstration.failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="keep the mock running, so that its page can be looked at")
    sys.exit(main(stay=parser.parse_args().stay))
