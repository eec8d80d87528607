"""The OpenAPI document: complete, with problems and how one says who one is."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from liandong import __version__
from liandong.console.query import LONGEST
from liandong.service.v1.once import HEADER
from liandong.store.casework import VERBS
from liandong.texts import text

OPENAPI = "/v1/openapi.json"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What is wrong with the request (RFC 9457)", "content": _PROBLEM},
    "5XX": {"description": "What is wrong here (RFC 9457)", "content": _PROBLEM},
}
"""Answers that any operation may give."""
SCHEMAS = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "description": "urn:liandong:problem:CODE"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "in the language of the caller"},
            "instance": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
        "example": {
            "type": "urn:liandong:problem:not_found", "title": "Not found", "status": 404,
            "detail": "no party named 'E17'. Check the id.", "instance": "/v1/parties/E17",
        },
    }
}  # fmt: skip
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "an API token"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "a login"},
}
_KEY = {
    "name": HEADER, "in": "header", "required": False,
    "description": "the same request with the same key is answered again, and not done again",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
}  # fmt: skip
_PART = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[^/]+$"}
_KNOWN = {"verb": VERBS}
"""Parts of the path of which there are few."""
_UNCHANGED = {"description": "what If-None-Match names is still so"}


def describe(app: FastAPI) -> None:
    """Have an application describe itself in full."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title="liandong", version=__version__, routes=app.routes)
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {}).update(SCHEMAS)
            parts["securitySchemes"] = SECURITY
            for path, operations in made["paths"].items():
                for method, operation in operations.items():
                    if path.startswith("/v1/"):
                        _complete(path, method, operation)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI foresees


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add what all operations share: parts of the path, the key, and who may call them."""
    given = operation.setdefault("parameters", [])
    known = {p["name"] for p in given}
    for part in path.split("/"):
        name = part.strip("{}")
        if part != name and name not in known:
            schema = {"enum": [*_KNOWN[name]]} if name in _KNOWN else _PART
            given.append({"name": name, "in": "path", "required": True, "schema": schema})
    if method == "post":
        given.append(_KEY)
    else:
        operation["responses"].setdefault("304", _UNCHANGED)
    # A board on which nobody has to log in asks for neither.
    operation["security"] = [{}, *({name: []} for name in SECURITY)]


def listed(document: dict[str, Any], lang: str) -> dict[str, list[dict[str, str]]]:
    """Return the operations of the API by the name of their group, in a language."""
    found: dict[str, list[dict[str, str]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for tag in operation.get("tags", []):
                row = {"method": method.upper(), "path": path,
                       "says": text(f"api.{operation['operationId']}", lang)}  # fmt: skip
                found.setdefault(text(f"api_tag.{tag}", lang), []).append(row)
    return found
