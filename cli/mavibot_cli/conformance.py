"""`mavibot conformance`: checks whether a server follows the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from typer.core import TyperGroup

from mavibot_cli.client_internals import KEY_VARIABLE
from mavibot_cli.exits import UsageProblem
from mavibot_cli.network import Proxy

EXAMPLE: Final = (
    "Example: mavibot conformance http://127.0.0.1:8080 --html report.html\n\n"
    "Two more commands: mavibot conformance diff A.json B.json; mavibot conformance replay RULE results.json\n\n"
    "Exit codes: 0 the server conforms; 1 it deviates; 2 wrong usage; 3 inconclusive, the run proves too little;"
    " 4 the server does not answer; 5 a rule of the suite broke, which says nothing about the server;"
    " 130 ended by Ctrl-C and 143 by SIGTERM, and the reports say so."
)
_RUN: Final = "run"
#: Package -> extra that installs it.
_EXTRAS: Final = {
    **dict.fromkeys(("jinja2", "jsonschema_rs", "schemathesis", "hypothesis", "requests", "yaml"), "conformance"),
    **dict.fromkeys(("starlette", "uvicorn", "orjson", "python_multipart"), "mock"),
}


class _RunByDefault(TyperGroup):
    """A group whose first command needs no name: `mavibot conformance URL` runs it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the command's name if it is missing."""
        is_named = bool(args) and args[0] in self.commands
        # Nothing is known yet where the shell asks how the first argument goes on.
        is_open = not args and ctx.resilient_parsing
        return super().parse_args(ctx, args if is_named or is_open else [_RUN, *args])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return how the first argument can go on: as a command, or as an option of a run."""
        options = self.commands[_RUN].shell_complete(ctx, incomplete)
        return [*super().shell_complete(ctx, incomplete), *options]


commands = typer.Typer(cls=_RunByDefault, help="Check whether a server follows the contract.")

_Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="FILE.toml",
        help="What the run may use on the server: environment variables with its keys, test clients, a list, stages …."
        f" Without it the key is taken from {KEY_VARIABLE}; on a local mock everything is created.",
        show_default=False,
    ),
]
_Effects = Annotated[
    Literal["read", "write", "send"] | None,
    typer.Option(
        "--allow-effects",
        metavar="EFFECT",
        help="Strongest effect of a call: read, write, or send, which reaches people. Default: send on this machine,"
        " read elsewhere.",
        show_default=False,
    ),
]
_Clients = Annotated[
    str | None,
    typer.Option(
        "--clients",
        metavar="N,…",
        help="Ids of test clients. On a remote server only these clients are written to.",
        show_default=False,
    ),
]
_Host = Annotated[
    str | None,
    typer.Option(
        "--confirm-host",
        metavar="HOST",
        help="The server's host again, to allow writes and sends on a remote server.",
        show_default=False,
    ),
]
_Actions = Annotated[
    str | None,
    typer.Option(
        "--actions",
        metavar="NAME,…",
        help="Call only these actions, on a server that has no others.",
        show_default=False,
    ),
]
_Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="N",
        min=0.01,
        help="Maximum calls per second. Default: 5 on a remote server.",
        show_default=False,
    ),
]
_Patience = Annotated[
    str | None,
    typer.Option(
        "--patience",
        metavar="TIME",
        help="Wait so long, such as 30s, for what is delayed, on a server whose clock cannot be moved. Default: not at"
        " all.",
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
            metavar="LEVEL",
            help="How much to run: smoke (the fastest rules), rules (all of them), coverage (also schemathesis'"
            " coverage cases) or full (also its random ones).",
        ),
    ] = "rules",
    rules: Annotated[
        str | None,
        typer.Option(
            "--rules", metavar="ID,…", help="Run only these rules and families, such as EQ-2,LIM.", show_default=False
        ),
    ] = None,
    list_rules: Annotated[bool, typer.Option("--list", help="List the rules; needs no server.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print each request that a run would send, and send nothing to the server.")
    ] = False,
    init_profile: Annotated[
        bool,
        typer.Option(
            "--init-profile",
            help="Ask what a run may use on the server, try it by calls that read, and write it with comments to the"
            " new file of --profile, or to mavibot-profile.toml."
            f" Without a terminal {KEY_VARIABLE} and --clients answer.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed for everything random.")] = 1,
    profile: _Profile = None,
    allow_effects: _Effects = None,
    clients: _Clients = None,
    confirm_host: _Host = None,
    actions: _Actions = None,
    rate: _Rate = None,
    patience: _Patience = None,
    proxy: Proxy = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the results, for diff and replay.", show_default=False),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write a JUnit report, for CI servers.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a report for reading.", show_default=False)
    ] = None,
    har: Annotated[
        Path | None,
        typer.Option(
            "--har",
            metavar="FILE",
            help="Write the calls of everything but plain passes as HAR, for tools that show HTTP.",
            show_default=False,
        ),
    ] = None,
    ndjson: Annotated[
        Path | None,
        typer.Option(
            "--ndjson", metavar="FILE", help="Write the results as lines of JSON, for logs.", show_default=False
        ),
    ] = None,
    github: Annotated[
        bool,
        typer.Option("--github", help="Annotate the GitHub workflow that runs this, and write its step's summary."),
    ] = False,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline",
            metavar="FILE.toml",
            help="Known deviations, each with a reason and an expiry date; they do not count.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print only the verdict, and no progress.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print the whole report, however long.")] = False,
) -> None:
    """Check, with evidence, whether a server follows the contract: a mock, a staging server or the platform.

    On a remote server only read actions are called, unless --allow-effects, --clients and --confirm-host allow more.
    """
    with _extras():
        from mavibot_cli import conformance_run  # noqa: PLC0415 - an extra, and slow to import
        from mavibot_cli.report_files import ReportFiles  # noqa: PLC0415 - as above
        from mavibot_conformance.plan import Target  # noqa: PLC0415 - as above

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
            actions=actions,
            rate=rate,
            patience=patience,
            baseline=baseline,
            proxy=proxy,
        )
        if init_profile:
            from mavibot_cli import conformance_profile  # noqa: PLC0415 - as above

            conformance_profile.init_profile(target)
            return
        if plan:
            conformance_run.show_plan(target)
            return
        reports = ReportFiles(json=json_file, junit=junit, html=html, har=har, ndjson=ndjson)
        code = conformance_run.run(target, reports, quiet=quiet, verbose=verbose, github=github)
    raise typer.Exit(code)


@commands.command("diff", epilog="Exit codes: 0 nothing is worse; 1 something fails that did not before.")
def diff(
    *,
    before: Annotated[Path, typer.Argument(metavar="A.json", help="Results of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="Results of the later run.")],
) -> None:
    """Print what changed between two runs."""
    with _extras():
        from mavibot_cli import conformance_run  # noqa: PLC0415 - an extra, and slow to import

        code = conformance_run.show_difference(before, after)
    raise typer.Exit(code)


@commands.command(
    "replay", epilog="Example: mavibot conformance replay RYW-1 results.json\n\nExit codes: those of a run."
)
def replay(
    *,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule, such as EQ-2.")],
    target: Annotated[
        str,
        typer.Argument(
            metavar="URL|FILE",
            help="The server, or results of a run to repeat its server, seed, test clients, actions and patience.",
        ),
    ],
    action: Annotated[
        str | None,
        typer.Option(
            "--action",
            metavar="NAME",
            help="Only this action, if the rule runs for each.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Seed. Default: the file's, or 1.", show_default=False),
    ] = None,
    profile: _Profile = None,
    allow_effects: _Effects = None,
    clients: _Clients = None,
    confirm_host: _Host = None,
    actions: _Actions = None,
    rate: _Rate = None,
    patience: _Patience = None,
    proxy: Proxy = None,
) -> None:
    """Rerun one rule and print each call with its reply."""
    with _extras():
        from mavibot_cli import conformance_run  # noqa: PLC0415 - an extra, and slow to import
        from mavibot_conformance.plan import Target  # noqa: PLC0415 - as above

        url, used, given = conformance_run.target_of(target)
        code = conformance_run.replay(
            Target(
                url=url,
                rules=rule,
                seed=used if seed is None else seed,
                profile=profile,
                effects=allow_effects,
                clients=clients or given.get("clients"),
                confirm_host=confirm_host,
                actions=actions or given.get("actions"),
                rate=rate,
                patience=patience or given.get("patience"),
                proxy=proxy,
            ),
            action,
        )
    raise typer.Exit(code)


@contextmanager
def _extras() -> Iterator[None]:
    """Name the extra that is missing.

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
