"""Spans of OpenTelemetry around what takes time; none are made until :func:`trace` was called."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from liandong.errors import MissingExtraError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Variables of the environment, of which any says where spans go."""


class _Tracing:
    tracer: "Tracer | None" = None


def wanted() -> bool:
    """Tell whether the environment says where spans go, and does not switch them off."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not off and any(os.environ.get(name) for name in WANTED)


def export() -> None:
    """Make spans from now on, and send them where the environment says.

    Raises
    ------
    MissingExtraError
        If the packages for it are not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingExtraError(package="opentelemetry-sdk", extra="otel") from error
    name = os.environ.get("OTEL_SERVICE_NAME", "liandong")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace(provider.get_tracer("liandong"))


def trace(tracer: "Tracer | None") -> None:
    """Make spans with a tracer from now on; None: no more."""
    _Tracing.tracer = tracer


@contextmanager
def span(name: str, **about: str) -> Iterator[None]:
    """Make a span of the block, below the one that it lies in."""
    if _Tracing.tracer is None:
        yield
        return
    with _Tracing.tracer.start_as_current_span(name, attributes=about):
        yield


@contextmanager
def request_span(method: str, headers: Mapping[str, str]) -> Iterator[str]:
    """Make the span of a request, below that of its caller; yield the id of the trace, or ""."""
    if _Tracing.tracer is None:
        yield ""
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind, format_trace_id

    above = extract(headers)
    with _Tracing.tracer.start_as_current_span(method, above, kind=SpanKind.SERVER) as made:
        yield format_trace_id(made.get_span_context().trace_id)


def answered(method: str, route: str, status: int) -> None:
    """Say of the span of a request what it turned out to be."""
    if _Tracing.tracer is None:
        return
    from opentelemetry.trace import get_current_span

    made = get_current_span()
    made.update_name(f"{method} {route}")
    made.set_attributes({
        "http.request.method": method, "http.route": route, "http.response.status_code": status,
    })  # fmt: skip
