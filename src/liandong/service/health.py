"""Whether the service lives, and whether its board can be read."""

from fastapi import APIRouter

from liandong import __version__
from liandong.config import Settings
from liandong.console.reading import Reader
from liandong.errors import NotReadyError
from liandong.store.standing import standing
from liandong.texts import LANGUAGES


def health(reader: Reader) -> APIRouter:
    """Return the routes ``/health`` and ``/ready``."""
    router = APIRouter()

    @router.get("/health")
    async def alive() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok", "version": __version__}

    @router.get("/ready")
    def ready() -> dict[str, str | int]:
        """Say that the board can be served, and which act is its last; 503 if it cannot."""
        store = reader.board.store
        found = list(standing(store, Settings().disk_floor))
        if found:
            what = {lang: "; ".join(f[lang] for f in found) for lang in LANGUAGES}
            raise NotReadyError(board=store.location, what=what)
        return {"status": "ok", "acts": store.state()}

    return router
