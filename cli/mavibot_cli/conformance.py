"""`mavibot conformance`: tells whether a server speaks the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from typer.core import TyperGroup

from mavibot._config import KEY_VARIABLE
from mavibot_cli.exits import UsageProblem

EXAMPLE: Final = (
    "Example: mavibot conformance http://127.0.0.1:8080 --html report.html\n\n"
    "Two more commands: mavibot conformance diff A.json B.json; mavibot conformance replay RULE results.json\n\n"
    "Exit codes: 0 the server conforms; 1 it deviates; 2 wrong usage; 3 inconclusive, the run proves too little;"
    " 4 the server does not answer."
)
_RUN: Final = "run"
#: Packages of extras, and the extra that has them.
_EXTRAS: Final = {
    **dict.fromkeys(("jinja2", "jsonschema_rs", "schemathesis", "hypothesis", "requests"), "conformance"),
    **dict.fromkeys(("starlette", "uvicorn", "orjson", "yaml", "python_multipart"), "mock"),
}


class _RunByDefault(TyperGroup):
    """A group whose first command needs no name: `mavibot conformance URL` runs it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name in front where there is none."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_RUN, *args])


commands = typer.Typer(cls=_RunByDefault, help="Tell whether a server speaks the contract.")

_Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="FILE.toml",
        help="What is known of the server: names of the variables that hold its keys, test clients, a list, stages …."
        f" Without it the key is that of {KEY_VARIABLE}; for a mock on this machine everything is made.",
        show_default=False,
    ),
]
_Effects = Annotated[
    Literal["read", "write", "send"] | None,
    typer.Option(
        "--allow-effects",
        help="Greatest effect by the contract; 'send' reaches people. By default 'send' on this machine, else 'read'.",
        show_default=False,
    ),
]
_Clients = Annotated[
    str | None,
    typer.Option(
        "--clients",
        metavar="N,…",
        help="Numbers of test clients: on a server that is not on this machine only they are written to.",
        show_default=False,
    ),
]
_Host = Annotated[
    str | None,
    typer.Option(
        "--confirm-host",
        metavar="HOST",
        help="The server's host once more, to allow writes and sends on a server that is not on this machine.",
        show_default=False,
    ),
]
_Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="N",
        min=0.01,
        help="Most calls in a second; by default 5 on a server that is not on this machine.",
        show_default=False,
    ),
]


@commands.command(_RUN, epilog=EXAMPLE)
def run(
    *,
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="Scheme and host of the server.", show_default=False)
    ] = None,
    level: Annotated[
        Literal["smoke", "rules", "coverage", "full"],
        typer.Option(
            "--level",
            help="How much to do: the quickest rules, all rules, schemathesis' coverage cases, random ones too.",
        ),
    ] = "rules",
    rules: Annotated[
        str | None,
        typer.Option(
            "--rules", metavar="ID,…", help="Only these rules and families, such as EQ-2,LIM.", show_default=False
        ),
    ] = None,
    list_rules: Annotated[bool, typer.Option("--list", help="Print the rules; no server is needed.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print each request that would be sent, and send nothing to the server.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of everything that is random.")] = 1,
    profile: _Profile = None,
    allow_effects: _Effects = None,
    clients: _Clients = None,
    confirm_host: _Host = None,
    rate: _Rate = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the results, for diff and replay.", show_default=False),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write a report for build servers.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report to look at.", show_default=False)
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="FILE.toml",
            help="Known deviations with reason and day of expiry; they do not count.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print the verdict alone.")] = False,
) -> None:
    """Tell, with evidence, whether a server speaks the contract: a mock, a staging server or the platform.

    On a server that is not on this machine only reading actions are called, unless --allow-effects, --clients and
    --confirm-host say otherwise.
    """
    with _extras():
        from mavibot_cli import conformance_run  # noqa: PLC0415 - takes a while, and needs an extra
        from mavibot_conformance.plan import Target  # noqa: PLC0415

        if list_rules:
            conformance_run.show_rules(level, rules)
            return
        if url is None:
            raise UsageProblem("which server? Give its URL, such as http://127.0.0.1:8080; --list needs none")
        target = Target(
            url=url,
            level=level,
            rules=rules,
            seed=seed,
            profile=profile,
            effects=allow_effects,
            clients=clients,
            confirm_host=confirm_host,
            rate=rate,
            baseline=baseline,
        )
        if plan:
            conformance_run.show_plan(target)
            return
        code = conformance_run.run(target, json_file=json_file, junit_file=junit, html_file=html, quiet=quiet)
    raise typer.Exit(code)


@commands.command("diff", epilog="Exit codes: 0 nothing is worse; 1 something fails that did not before.")
def diff(
    *,
    before: Annotated[Path, typer.Argument(metavar="A.json", help="Results of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="Results of the later run.")],
) -> None:
    """Print what changed between two runs."""
    with _extras():
        from mavibot_cli import conformance_run  # noqa: PLC0415

        code = conformance_run.show_difference(before, after)
    raise typer.Exit(code)


@commands.command("replay", epilog="Example: mavibot conformance replay RYW-1 results.json")
def replay(
    *,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule, such as EQ-2.")],
    target: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="The server, or results.json, whose server and seed are used.")
    ],
    action: Annotated[
        str | None,
        typer.Option(
            "--action", metavar="NAME", help="Of a rule that runs for each action, only this.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Another seed than 1 or the file's.", show_default=False)
    ] = None,
    profile: _Profile = None,
    allow_effects: _Effects = None,
    clients: _Clients = None,
    confirm_host: _Host = None,
    rate: _Rate = None,
) -> None:
    """Run one rule again and print each of its calls and replies."""
    with _extras():
        from mavibot_cli import conformance_run  # noqa: PLC0415
        from mavibot_conformance.plan import Target  # noqa: PLC0415

        url, used = conformance_run.target_of(target)
        code = conformance_run.replay(
            Target(
                url=url,
                rules=rule,
                seed=used if seed is None else seed,
                profile=profile,
                effects=allow_effects,
                clients=clients,
                confirm_host=confirm_host,
                rate=rate,
            ),
            action,
        )
    raise typer.Exit(code)


@contextmanager
def _extras() -> Iterator[None]:
    """Say which extra is missing.

    Raises:
        UsageProblem: a package of an extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        raise UsageProblem(
            f"{package} is missing; install it with: pip install 'mavibot[{_EXTRAS[package]}]'"
        ) from None
