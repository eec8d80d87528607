"""The project's files agree with each other, and name nothing that they should not."""

import json
import re
import tomllib

import pytest

from support.source import ROOT, files

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = SETTINGS["project"]
VENDOR = ROOT / "src/liandong/console/static/vendor"
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def test_no_package_index_is_named() -> None:
    hosts = [b".".join(h) for h in ((b"pypi", b"org"), (b"python" + b"hosted", b"org"))]
    hosts += [b".".join(h) for h in ((b"npmjs", b"org"), (b"npmjs", b"com"), (b"yarnpkg", b"com"))]
    assert not [str(p) for p in files() if any(h in p.read_bytes() for h in hosts)]


def test_no_place_of_one_machine_is_named() -> None:
    homes = [b"home", b"root", b"work", b"Users"]
    places = re.compile(rb"[\s\"'(](/%s)/" % b"|/".join(homes))
    own = [p for p in files() if VENDOR not in p.parents]
    assert not [str(p) for p in own if places.search(p.read_bytes())]


def _pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda p: p.name)
def test_requirements_are_pins_alone(path) -> None:
    for line in path.read_text("utf-8").splitlines():
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", line), line


def test_development_pins_agree_with_those_of_run_time() -> None:
    base, dev = ((ROOT / f"requirements/{n}.txt").read_text("utf-8") for n in ("base", "dev"))
    assert _pins(base).items() <= _pins(dev).items()


@pytest.mark.parametrize(
    ("file", "extras"), [("base", ()), ("dev", ("postgres", "test", "lint")), ("bench", ("bench",))]
)
def test_every_dependency_is_pinned(file: str, extras: tuple[str, ...]) -> None:
    more = [d for x in extras for d in PROJECT["optional-dependencies"][x]]
    names = {re.match(r"[\w-]+", d)[0] for d in PROJECT["dependencies"] + more}
    assert names <= _pins((ROOT / f"requirements/{file}.txt").read_text("utf-8")).keys()


def test_browser_libraries_are_those_of_package_json() -> None:
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    found = {p.parent.name: p.read_text().strip() for p in VENDOR.glob("*/VERSION")}
    assert found == {name.removesuffix(".org"): version for name, version in wanted.items()}
    for folder in VENDOR.iterdir():
        assert (folder / "LICENSE").stat().st_size


def test_no_folder_of_tests_is_left_out() -> None:
    named = SETTINGS["tool"]["pytest"]["ini_options"]["testpaths"]
    found = {p.parent.relative_to(ROOT).as_posix() for p in ROOT.glob("tests/**/test_*.py")}
    assert sorted(named) == sorted(found)


def test_every_verb_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    verbs = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert not [v for v in verbs if f"`make {v}" not in guide]
    assert not [v for v in verbs if not re.search(rf"^{v}:", makefile, re.MULTILINE)]


def test_version_is_in_the_changelog() -> None:
    import liandong

    assert liandong.__version__ in (ROOT / "CHANGELOG.md").read_text("utf-8")
