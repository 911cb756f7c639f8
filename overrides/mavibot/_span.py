"""A span of OpenTelemetry a call, where the program traces (extra `[otel]`); never an address or a parameter."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mavibot._wire import Request


class Span:
    """What a trace records about one call."""

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def answered(self, http_status: int, attempt: int) -> None:
        """Tell that the server answered."""
        if self._span is not None:
            self._span.set_attributes({"http.response.status_code": http_status, "mavibot.attempt": attempt})


_UNTRACED: Final = nullcontext(Span())


def span_of(request: Request) -> AbstractContextManager[Span]:
    """Trace a call, if the program has imported OpenTelemetry; importing it here would slow down every start."""
    return _traced(request) if "opentelemetry.trace" in sys.modules else _UNTRACED


@contextmanager
def _traced(request: Request) -> Iterator[Span]:
    from opentelemetry import context, trace  # noqa: PLC0415 - an extra

    attributes = {"mavibot.action": request.action, "http.request.method": request.method}
    tracer = trace.get_tracer("mavibot")
    # An exception's text and traceback are not for a span: they hold words of the reply.
    with tracer.start_as_current_span(
        request.action,
        kind=trace.SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        # Instrumentations of HTTP libraries look here whether to keep quiet; theirs would repeat the address with its
        # parameters. They import this name too: there is no public one.
        token = context.attach(context.set_value(context._SUPPRESS_HTTP_INSTRUMENTATION_KEY, True))
        try:
            yield Span(span)
        except Exception as error:
            span.set_status(trace.StatusCode.ERROR, type(error).__name__)
            span.set_attributes({"error.type": type(error).__name__, "mavibot.attempt": getattr(error, "attempts", 1)})
            raise
        finally:
            context.detach(token)
