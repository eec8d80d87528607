"""Whether the service lives, and whether its board can be read."""

from fastapi import APIRouter

from liandong import __version__
from liandong.console.reading import Reader


def health(reader: Reader) -> APIRouter:
    """Return the routes ``/health`` and ``/ready``."""
    router = APIRouter()

    @router.get("/health")
    def alive() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok", "version": __version__}

    @router.get("/ready")
    def ready() -> dict[str, str | int]:
        """Say that the board can be read, and which act is its last."""
        return {"status": "ok", "acts": reader.now().state}

    return router
