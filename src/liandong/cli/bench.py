"""Finding and running the benchmarks; each is a module with ``bench(quick) -> dict``."""

import importlib.util
import os
import platform
import sys
from pathlib import Path
from types import ModuleType

import liandong
from liandong.cli import show
from liandong.errors import NotFoundError
from liandong.texts import both


def _folder() -> Path:
    package = Path(liandong.__file__).parent
    installed = package / "benchmarks"
    return installed if installed.exists() else package.parents[1] / "benchmarks"


def names() -> list[str]:
    """Return the names of all benchmarks."""
    return sorted(p.stem.removeprefix("bench_") for p in _folder().glob("bench_*.py"))


def bench(name: str, *, quick: bool, as_json: bool) -> None:
    """Run one benchmark, or list them.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    if not name:
        for known in names():
            show.line(known)
        return
    if name not in names():
        remedy = both("advice.known", known=", ".join(names()))
        raise NotFoundError(kind=both("kind.benchmark"), name=name, remedy=remedy)
    figures = {**_module(name).bench(quick=quick), **_machine()}
    if as_json:
        show.as_json(figures)
        return
    for key, value in figures.items():
        show.line(f"{key:40} {value}")


def _module(name: str) -> ModuleType:
    path = _folder() / f"bench_{name}.py"
    spec = importlib.util.spec_from_file_location(f"liandong_bench_{name}", path)
    if spec is None or spec.loader is None:
        remedy = both("advice.check_file", path=path)
        raise NotFoundError(kind=both("kind.benchmark"), name=name, remedy=remedy)
    sys.path.insert(0, str(_folder()))  # they share a module that measures
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _machine() -> dict[str, object]:
    return {
        "machine.cores": os.cpu_count(),
        "machine.python": platform.python_version(),
        "machine.liandong": liandong.__version__,
    }
