"""Spans of OpenTelemetry: one a call, with what may be told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx2
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.client.support import BASE_URL, KEY

from mavibot import ApiError, AsyncMavibot, Mavibot, RetryPolicy


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The spans of a program that traces."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


def test_a_call_is_one_span_without_its_parameters(spans: InMemorySpanExporter) -> None:
    replies = iter(
        [httpx2.Response(503, headers={"Retry-After": "0"}), httpx2.Response(200, json={"status": "success"})]
    )
    with Mavibot(
        KEY, base_url=BASE_URL, transport=httpx2.MockTransport(lambda _: next(replies)), retries=RetryPolicy(attempts=2)
    ) as bot:
        bot.save_variables(client_id=25554, variables={"secret": "word"})
    (span,) = spans.get_finished_spans()
    assert span.name == "save_variables"
    assert span.kind is trace.SpanKind.CLIENT
    assert dict(span.attributes or {}) == {
        "mavibot.action": "save_variables",
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "mavibot.attempt": 2,
    }
    assert not {"25554", "word", KEY} & set(span.to_json().split('"'))


def test_a_call_that_fails_says_how_and_no_more(spans: InMemorySpanExporter) -> None:
    async def main() -> None:
        transport = httpx2.MockTransport(lambda _: httpx2.Response(400, json={"status": "fail", "message": "no such"}))
        async with AsyncMavibot(KEY, base_url=BASE_URL, transport=transport) as bot:
            await bot.message(client_id=1, message="hello")

    with pytest.raises(ApiError):
        asyncio.run(main())
    (span,) = spans.get_finished_spans()
    assert not span.status.is_ok
    assert (span.attributes or {})["error.type"] == "RejectedRequest"
    assert "no such" not in span.to_json()
    assert not span.events
