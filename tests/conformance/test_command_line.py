"""`mavibot conformance` as a user runs it, and every example of its guide."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import httpx2
import pytest
from tests.cli.support import KEY, refused, run, run_on_terminal

import mavibot_contract
from mavibot_cli import conformance_run, report_files
from mavibot_conformance import suite
from mavibot_conformance.baseline import read_baseline
from mavibot_conformance.plan import Plan
from mavibot_conformance.reports.files import read_results, write_results
from mavibot_conformance.results import Outcome, Results, Verdict
from mavibot_conformance.rules.rule import FAMILIES, Rule, all_rules
from mavibot_conformance.session import Session
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.wire import UnreachableError
from mavibot_mock import Server

GUIDE = (Path(__file__).parents[2] / "docs/guides/conformance.md").read_text(encoding="utf-8")
REMOTE = "https://staging.example"
LOCAL = "http://127.0.0.1:9"
FEW = "EQ-2,AUTH-5,AUTH-8"
EQ_2 = next(rule for rule in all_rules() if rule.id == "EQ-2")
PASSED = f"The same call in another form: {len(EQ_2.actions)} pass"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("there was a call")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def staging(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let `staging.example` be the mock: a server that looks as if it were elsewhere."""
    port = httpx2.URL(server.url).port
    original = socket.getaddrinfo

    def elsewhere(host: Any, *arguments: Any, **options: Any) -> Any:
        return original("127.0.0.1" if host in ("staging.example", b"staging.example") else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    return f"http://staging.example:{port}"


def calls(server: Server) -> list[dict[str, Any]]:
    """Return the calls that the demo project has had, and forget them."""
    journal = f"{server.url}/_mock/v1/projects/1/journal"
    found: list[dict[str, Any]] = httpx2.get(journal, params={"limit": 10_000}).json()
    httpx2.delete(journal)
    return found


# On a mock


def test_a_mock_needs_nothing_and_every_report_is_written(server: Server, tmp_path: Path) -> None:
    reports = [tmp_path / name for name in ("r.json", "r.xml", "r.html")]
    options = zip(("--json", "--junit", "--html"), map(str, reports), strict=True)
    done = run("conformance", server.url, "--rules", FEW, *[part for option in options for part in option])
    assert done.exit_code == 0
    assert f"{server.url} conforms to the contract" in done.stdout
    assert f"EQ {PASSED}" in done.stdout
    # Plain lines for whoever watches no bar.
    assert PASSED in done.stderr.splitlines()
    assert all(file.stat().st_size > 1000 for file in reports)


def test_quiet_is_one_line(server: Server) -> None:
    done = run("conformance", server.url, "--rules", "AUTH-8", "-q")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.heavy
def test_a_terminal_has_a_bar(server: Server) -> None:
    code, text = run_on_terminal("conformance", server.url, "--rules", FEW)
    assert code == 0
    assert "━" in text
    assert f"{PASSED}\r\n" in text
    assert text.count("another form") == 1


def test_the_same_seed_gives_the_same_requests(server: Server) -> None:
    first, second, other = (
        run("conformance", server.url, "--rules", "EQ-2", "--plan", "--seed", seed).stdout for seed in ("7", "7", "8")
    )
    assert first == second
    assert first != other


def test_a_family_of_which_some_rules_wait_is_one_line(server: Server, tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text('[keys]\nfull = "MAVIBOT_API_KEY"\n[test]\nclients = [25554]\n')
    done = run("conformance", server.url, "--rules", "HOOK,AUTH-8", "--profile", str(profile), key="demo-full")
    lines = done.stderr.splitlines()
    assert len([line for line in lines if line.startswith(FAMILIES["HOOK"][1])]) == 1
    counts = [int(count) for line in lines for count in re.findall(r"\b(\d+) (?:pass|not run|fail|info)", line)]
    assert sum(counts) == len(list(Plan("", Profile(keys={}), selection="HOOK,AUTH-8").cases()))


def test_a_long_run_says_how_long_the_rest_takes(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance_run, "_ESTIMATES_S", (0,))
    count = len(EQ_2.actions)
    done = run("conformance", server.url, "--rules", "EQ-2")
    told = f"1 of {count} outcomes after "
    [line] = [line for line in done.stderr.splitlines() if line.startswith(told)]
    assert "; at this pace the rest takes about 1 min" in line


def test_what_is_taken_back_in_the_end_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def taking_back(plan: Plan, *, on_outcome: Any, on_over: Any, **_: Any) -> Results:
        outcomes = [Outcome("EQ-2", action, Verdict.PASS) for action in EQ_2.actions]
        for outcome in outcomes:
            on_outcome(outcome)
        outcomes[-1].verdict = Verdict.NOT_RUN
        on_over()
        return Results(target=plan.url, outcomes=outcomes, rules=[EQ_2.as_record()])

    monkeypatch.setattr(suite, "run", taking_back)
    lines = run("conformance", server.url, "--rules", "EQ-2").stderr.splitlines()
    title, count = FAMILIES["EQ"][1], len(EQ_2.actions)
    assert f"{title}: {count} pass" in lines
    assert f"without what the server turned out not to offer: {title}: {count - 1} pass, 1 not run" in lines


def test_a_known_deviation(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text('[[known]]\nrule = "EQ-2"\nreason = "ticket 41"\nexpires = 2099-12-31\n')
    done = run("conformance", server.url, "--rules", "EQ-2", "--baseline", str(file))
    assert done.exit_code == 1
    assert "baseline: EQ-2: passes (until 2099-12-31: ticket 41)" in done.stdout


# Exit codes


def test_a_deviation_is_exit_code_1(server: Server, tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    # A key that reads clients alone in place of the one that may do everything.
    profile.write_text('[keys]\nfull = "MAVIBOT_API_KEY"\n[test]\nclients = [25554]\n')
    done = run("conformance", server.url, "--rules", "AUTH-8", "--profile", str(profile), key="demo-clients-read")
    assert done.exit_code == 1
    assert "fail AUTH-8" in done.stdout
    assert "demo-clients-read" not in done.output


def test_a_run_that_proves_too_little_is_exit_code_3(server: Server, tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text('[keys]\nfull = "MAVIBOT_API_KEY"\n')
    done = run("conformance", server.url, "--rules", "TEN", "--profile", str(profile), key="demo-full")
    assert done.exit_code == 3
    assert "only 0 of 0 outcomes in scope were decided" in done.stdout
    assert "the profile lacks second" in done.stdout


def test_no_server_is_exit_code_4() -> None:
    said = refused("conformance", "http://127.0.0.1:9", code=4)
    assert said == "mavibot conformance: http://127.0.0.1:9 does not answer\n"


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "which server?"),
        (("localhost:8080",), "URL: give scheme and host, such as"),
        (("http://127.0.0.1:0",), "URL: give scheme and host, such as"),
        ((f"{REMOTE}/api/{KEY}",), "URL: give scheme and host, and a path before /api if there is one"),
        ((f"{REMOTE}/{KEY}",), "URL: give scheme and host, and a path before /api if there is one"),
        ((f"https://{KEY}@staging.example",), "URL: give scheme and host"),
        ((f"{REMOTE}?key={KEY}",), "URL: give scheme and host"),
        ((REMOTE, "--rules", "EQ-999"), "rules: there is no rule or family 'EQ-999'; --list shows all"),
        ((REMOTE, "--rules", ",", "--allow-effects", "send"), "confirm-host: "),
        ((REMOTE, "--profile", "missing.toml"), "missing.toml: No such file"),
        ((REMOTE, "--baseline", "missing.toml"), "missing.toml: No such file"),
        ((REMOTE, "--clients", "1;2"), "clients: give numbers with commas"),
        ((REMOTE, "--html", "no/such/folder/r.html"), "there is no folder no/such/folder"),
        ((REMOTE, "--json", "."), ".: cannot be written: Is a directory"),
        ((REMOTE, "--junit", "/proc/r.xml"), "/proc/r.xml: cannot be written: "),
        ((REMOTE, "--json", "r", "--html", "r"), "two reports would be written to the same file"),
        ((REMOTE, "--allow-effects", "write"), "confirm-host: with allow-effects write real people could be reached"),
        ((REMOTE, "--allow-effects", "send", "--confirm-host", "example"), "confirm-host: "),
        ((REMOTE, "--allow-effects", "send", "--confirm-host", "staging.example"), "name the test clients"),
        # On this machine too, where a run without a profile asks the server first of all.
        ((LOCAL, "--patience", "99h"), "patience: give a time such as 30s or 2m, an hour at most"),
        ((LOCAL, "--clients", "1;2"), "clients: give numbers with commas"),
        ((LOCAL, "--actions", "message,nothing"), "actions: there is no action 'nothing'"),
        ((LOCAL, "--rules", "EQ-999"), "rules: there is no rule or family 'EQ-999'"),
        ((LOCAL, "--rate", "nan"), "rate: give a number of calls a second above 0"),
        ((LOCAL, "--profile", "missing.toml"), "missing.toml: No such file"),
        ((LOCAL, "--baseline", "missing.toml"), "missing.toml: No such file"),
        ((LOCAL, "--init-profile", "--clients", "1;2"), "clients: give numbers with commas"),
        ((LOCAL, "--init-profile", "--clients", "1", "--actions", "nothing"), "actions: there is no action 'nothing'"),
        (("replay", "EQ-2", LOCAL, "--action", "broadcast"), "--action: EQ-2 does not run for broadcast alone"),
        (("replay", "EQ-2", "missing.json"), "missing.json: No such file"),
        (("diff", "missing.json", "b.json"), "missing.json: No such file"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_sent(arguments: tuple[str, ...], says: str) -> None:
    assert says in refused("conformance", *arguments)


@pytest.mark.usefixtures("no_network")
def test_no_key_is_told() -> None:
    assert "no API key; set MAVIBOT_API_KEY" in refused("conformance", REMOTE, key=None)


@pytest.mark.parametrize(
    ("package", "arguments", "extra"),
    [
        ("jinja2", ("http://127.0.0.1:9", "--html", "r.html"), "conformance"),
        ("schemathesis", ("http://127.0.0.1:9", "--level", "coverage"), "conformance"),
        ("jsonschema_rs", ("--list",), "conformance"),
        ("starlette", ("http://127.0.0.1:9", "--plan"), "mock"),
    ],
)
def test_a_missing_extra_is_one_line(package: str, arguments: tuple[str, ...], extra: str) -> None:
    code = f"import sys\nsys.modules[{package!r}] = None\nfrom mavibot_cli.__main__ import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, "conformance", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"mavibot conformance: {package} is missing; install it with: pip install 'mavibot[{extra}]'\n"
    )


# Reports that cannot be written, and runs that are cut short


def test_an_earlier_report_stays_where_the_run_does_not_begin(tmp_path: Path) -> None:
    before, new = tmp_path / "r.json", tmp_path / "r.html"
    before.write_text("earlier")
    refused("conformance", "http://127.0.0.1:9", "--json", str(before), "--html", str(new), code=4)
    assert before.read_text() == "earlier"
    assert not new.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a full disk to write to")
def test_a_report_that_cannot_be_written_after_all_is_told(server: Server, tmp_path: Path) -> None:
    other = tmp_path / "r.xml"
    done = run("conformance", server.url, "--rules", "AUTH-8", "--json", "/dev/full", "--junit", str(other))
    assert done.exit_code == 3
    assert "mavibot conformance: /dev/full: cannot be written: No space left on device" in done.stderr
    assert "conforms to the contract" in done.stdout
    assert other.exists()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("end", "code"),
    [(KeyboardInterrupt(), 130), (signal.SIGTERM, 143), (UnreachableError("it does not answer"), 4)],
    ids=["ctrl-c", "sigterm", "dead"],
)
def test_a_run_that_is_cut_short_leaves_reports_that_say_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException | signal.Signals, code: int
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    said = end.name if isinstance(end, signal.Signals) else str(end) or "Ctrl-C"
    whole = Session.run

    def run_some(session: Session, rule: Rule, action: str | None) -> Outcome:
        if rule.id == "EQ-2":
            if isinstance(end, BaseException):
                raise end
            signal.raise_signal(end)
        return whole(session, rule, action)

    monkeypatch.setattr(Session, "run", run_some)
    results, xml, page = (tmp_path / name for name in ("r.json", "r.xml", "r.html"))
    reports = ("--json", str(results), "--junit", str(xml), "--html", str(page))
    baseline = tmp_path / "known.toml"
    baseline.write_text('[[known]]\nrule = "AUTH-8"\nreason = "ticket 41"\nexpires = 2099-12-31\n')
    done = run("conformance", server.url, "--rules", FEW, *reports, "--baseline", str(baseline))
    assert done.exit_code == code
    assert f"cut short: {said}" in done.stderr
    assert "Traceback" not in done.stderr
    found = read_results(results)
    assert found.conclusion == "inconclusive"
    assert found.cut_short == said
    assert {each.rule for each in found.outcomes} == {"AUTH-5", "AUTH-8"}
    assert [each["state"] for each in found.baseline] == ["not run"]
    errors = Xml.parse(xml).getroot().findall("testsuite[@name='verdict']/testcase/error")
    assert [said in (error.get("message") or "") for error in errors] == [True]
    assert "Cut short: " in page.read_text()
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("before", ["the results", "the first report"])
def test_a_signal_after_the_last_call_waits_for_all_reports(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, end: signal.Signals, code: int, before: str
) -> None:
    module, name = (suite, "judge") if before == "the results" else (report_files, "write_results")
    whole = getattr(module, name)

    def interrupted(*arguments: object) -> Any:
        signal.raise_signal(end)
        return whole(*arguments)

    monkeypatch.setattr(module, name, interrupted)
    files = {name: tmp_path / f"r.{name}" for name in ("json", "junit", "html", "har", "ndjson")}
    reports = [text for name, file in files.items() for text in (f"--{name}", str(file))]
    done = run("conformance", server.url, "--rules", "AUTH-8", *reports)
    assert done.exit_code == code
    assert "conforms to the contract" in done.stdout
    assert "Traceback" not in done.stderr
    assert [name for name, file in files.items() if not file.stat().st_size] == []
    # The run itself was over.
    assert read_results(files["json"]).cut_short is None


def test_a_second_signal_does_not_stop_the_reports_of_a_run_that_was_cut_short(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def terminated(*_: object) -> Outcome:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("a signal ends a run")

    def impatient(results: Results, file: Path) -> None:
        signal.raise_signal(signal.SIGINT)
        write_results(results, file)

    monkeypatch.setattr(Session, "run", terminated)
    monkeypatch.setattr(report_files, "write_results", impatient)
    results, xml = tmp_path / "r.json", tmp_path / "r.xml"
    done = run("conformance", server.url, "--rules", "AUTH-8", "--json", str(results), "--junit", str(xml))
    assert done.exit_code == 143
    assert read_results(results).cut_short == "SIGTERM"
    assert xml.stat().st_size


def test_ctrl_c_that_is_ignored_stays_so(server: Server) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run("conformance", server.url, "--rules", "AUTH-8").exit_code == 0
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


# Off this machine


def test_elsewhere_a_run_only_reads(server: Server, staging: str) -> None:
    calls(server)
    done = run(
        "conformance", staging, "--rules", "AUTH-8,EQ-2,PRI-2", "--clients", "25554", "--rate", "1000", key="demo-full"
    )
    assert done.exit_code == 0, done.output
    assert {each["action"] for each in calls(server)} == {
        *("connected_channels", "get_variables", "get_current_order_id"),
    }
    assert "reads only" in done.stdout
    assert "it would write, and the run may only read" in done.stdout


@pytest.mark.heavy
def test_elsewhere_only_the_test_clients_are_reached(server: Server, staging: str, tmp_path: Path) -> None:
    calls(server)
    profile, results = tmp_path / "p.toml", tmp_path / "r.json"
    profile.write_text(
        '[keys]\nfull = "MAVIBOT_API_KEY"\n'
        '[test]\nclients = [25554]\nchannel = {client_type = 1, group_id = "Mavibotai_bot"}\n'
    )
    done = run(
        *("conformance", staging, "--rules", "RYW,PRI,EQ", "--rate", "100000", "--profile", str(profile)),
        *("--allow-effects", "send", "--confirm-host", "STAGING.example", "--json", str(results)),
        key="demo-full",
    )
    assert "the run may only" not in done.stdout
    assert json.loads(results.read_text())["refused_by_guard"] > 0
    seen = calls(server)
    own = {25554}
    for each in seen:
        if each["action"] == "load_clients":
            own |= {item["id"] for item in json.loads(each["reply"]).get("items", ())}
    effects = {action: mavibot_contract.load().operation(action).effect for action in mavibot_contract.load().actions}
    written = [each for each in seen if effects.get(each["action"]) != "read"]
    assert {"message", "callback", "save_variables", "delete_clients"} <= {each["action"] for each in written}
    assert all(own.issuperset(each["client_ids"]) for each in written)


# --list, --plan, replay, diff


@pytest.mark.usefixtures("no_network")
def test_the_list_needs_no_server() -> None:
    lines = run("conformance", "--list", key=None).stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [rule.id for rule in all_rules()]
    assert all(rule.title in line for rule, line in zip(all_rules(), lines[1:], strict=True))
    chosen = run("conformance", "--list", "--rules", "EQ-2,TEN", key=None).stdout.splitlines()
    assert {line.split("-")[0] for line in chosen[1:]} == {"EQ", "TEN"}


def test_a_plan_sends_nothing(server: Server) -> None:
    def projects() -> list[int]:
        return [each["id"] for each in httpx2.get(f"{server.url}/_mock/v1/projects").json()]

    before = projects()
    calls(server)
    done = run("conformance", server.url, "--rules", FEW, "--plan")
    assert done.exit_code == 0
    assert calls(server) == []
    assert projects() == before
    assert "  GET /api/API_KEY/get_variables?client_id=25554 (key: full)" in done.stdout.splitlines()
    assert "Where the server answers otherwise, later requests of the same rule differ" in done.stdout


def test_a_plan_foresees_what_a_run_sends(server: Server, tmp_path: Path) -> None:
    planned = run("conformance", server.url, "--rules", "AUTH-6", "--plan").stdout
    run("conformance", server.url, "--rules", "AUTH-6", "--json", str(tmp_path / "r.json"))
    results = json.loads((tmp_path / "r.json").read_text())
    sent = [each["url"].partition("/api/")[2] for outcome in results["outcomes"] for each in outcome["dialogue"]]
    assert sent
    assert all(f"/api/{each} (key" in planned for each in sent)


def test_a_plan_of_a_server_elsewhere_says_what_is_kept_back(tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text('[keys]\nfull = "MAVIBOT_API_KEY"\n[test]\nclients = [431]\nlist_id = 8\n')
    # Nobody is there: nothing is sent.
    text = run("conformance", REMOTE, "--rules", "AUTH-8,EQ-2,AUTH-1", "--plan", "--profile", str(profile)).stdout
    assert "/get_variables?client_id=431 (key: full)" in text
    assert "message has the effect 'send', and only 'read' is allowed" in text
    assert re.search(r"\d+ requests to https://staging.example, at least \d+ s at 5 a second", text)


def test_replay_shows_the_dialogue(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    run("conformance", server.url, "--rules", "EQ-2", "--json", str(file), "--seed", "9")
    by_url = run("conformance", "replay", "EQ-2", server.url, "--action", "callback", "--seed", "9")
    by_file = run("conformance", "replay", "EQ-2", str(file), "--action", "callback")
    assert by_url.exit_code == by_file.exit_code == 0
    assert "pass EQ-2 callback" in by_file.stdout
    # Apart from the numbers of clients the same seed sends the same.
    texts = [re.findall(r"cnf[a-z]{8}", each.stdout) for each in (by_url, by_file)]
    assert texts[0] == texts[1] != []
    assert "whatsapp_callback" not in by_file.stdout


def test_replay_of_a_file_repeats_what_options_gave(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, file, profile = mock_profile(server.url), tmp_path / "r.json", tmp_path / "keys.toml"
    monkeypatch.setenv("REPLAYED_KEY", project.keys["full"])
    profile.write_text('[keys]\nfull = "REPLAYED_KEY"\n', encoding="utf-8")
    given = {"clients": str(project.clients[0]), "actions": "message,get_history", "patience": "5s"}
    options = [each for name, value in given.items() for each in (f"--{name}", value)]
    keys = ("--profile", str(profile))
    run("conformance", server.url, *keys, *options, "--rules", "EQ-3", "--json", str(file))
    assert read_results(file).options == given
    replayed = run("conformance", "replay", "EQ-3", str(file), *keys)
    assert "pass EQ-3" in replayed.stdout
    other = run("conformance", "replay", "EQ-3", str(file), *keys, "--actions", "get_variables")
    assert "--actions leaves out message" in other.stdout


def test_replay_says_what_is_wrong(server: Server) -> None:
    said = refused("conformance", "replay", "EQ-2", server.url, "--action", "broadcast")
    assert "--action: EQ-2 does not run for broadcast alone" in said


def test_diff(server: Server, tmp_path: Path) -> None:
    before, after = tmp_path / "a.json", tmp_path / "b.json"
    run("conformance", server.url, "--rules", "EQ-2", "--json", str(before))
    assert run("conformance", "diff", str(before), str(before)).stdout.splitlines()[1].endswith("nothing changed")
    results = json.loads(before.read_text())
    results["outcomes"][0]["verdict"] = "fail"
    after.write_text(json.dumps(results))
    worse = run("conformance", "diff", str(before), str(after))
    assert worse.exit_code == 1
    assert "EQ-2 callback: pass -> fail" in worse.stdout
    assert run("conformance", "diff", str(after), str(before)).exit_code == 0


# The guide


CONSOLE = "\n".join(re.findall(r"```console\n(.*?)```", GUIDE, re.S))
COMMANDS = [line.removeprefix("$ ") for line in CONSOLE.splitlines()]


@pytest.mark.heavy
def test_the_commands_of_the_guide(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In one test, because later commands use the files of earlier ones.
    monkeypatch.chdir(tmp_path)
    local = [each for each in COMMANDS if each.startswith("mavibot") and REMOTE not in each]
    assert len(local) == 6
    for command in local:
        done = run(*shlex.split(command.replace("http://127.0.0.1:8080", server.url))[1:])
        assert done.exit_code == 0, (command, done.output)


def test_the_remote_commands_of_the_guide_are_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = re.findall(r"```toml\n(# staging.toml\n.*?)```", GUIDE, re.S)
    (tmp_path / "staging.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    for name in re.findall(r"\"(STAGING_\w+)\"", text):
        monkeypatch.setenv(name, f"key-of-{name}")
    remote = [command for command in COMMANDS if REMOTE in command]
    assert len(remote) == 2
    for command in remote:
        # Planned, so that nothing is sent.
        done = run(*shlex.split(command)[1:], "--plan", "--rules", "AUTH-8,PRI-4", key=None)
        assert done.exit_code == 0, done.output
        assert ("POST /api/API_KEY/message" in done.stdout) == ("--allow-effects" in command)


def test_the_baseline_of_the_guide(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n# known.toml\n(.*?)```", GUIDE, re.S)
    (tmp_path / "known.toml").write_text(text)
    assert [known.name for known in read_baseline(tmp_path / "known.toml")] == [
        "EQ-2 vk_callback",
        "not_a_server_error POST /broadcast",
    ]


def test_the_python_of_the_guide(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    exec(code.replace("http://127.0.0.1:8080", server.url), {})
    assert capsys.readouterr().out == "conforms []\n"


def test_the_exit_codes_of_the_guide() -> None:
    documented = re.findall(r"^\| (\d) \|", GUIDE, re.M)
    shown = run("conformance", "--help").stdout
    assert documented == re.findall(
        r"(\d) (?:the server|it deviates|wrong|inconclusive|a rule)", " ".join(shown.split())
    )
