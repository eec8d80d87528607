"""Hooks of the site: what the documents link to outside ``docs`` becomes a part of it.

``CONTRIBUTING.md`` and its like stay where code hosts look for them; in the site they are pages
below ``project``, and other files that are linked to lie beside them. Headings have the anchors
that code hosts give them, Chinese ones too.
"""

import re
from os.path import relpath
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File
from pymdownx.slugs import slugify

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LINK = re.compile(r"(\]\()([^)\s#:]+)")


def place(source: Path) -> str:
    """Return where a file of the project lies in the site."""
    inside = DOCS in source.parents
    return source.relative_to(DOCS).as_posix() if inside else f"project/{source.name}"


def on_config(config: Any) -> Any:  # noqa: ANN401 - what mkdocs hands to hooks
    """Name the anchors of headings as code hosts do."""
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    return config


def on_files(files: Any, config: Any) -> Any:  # noqa: ANN401 - as above
    """Add the files outside ``docs`` that its pages link to, and those that these link to."""
    waiting, known = sorted(DOCS.rglob("*.md")), set()
    while waiting:
        page = waiting.pop()
        for _, link in LINK.findall(page.read_text("utf-8")):
            source = (page.parent / link).resolve()
            if source.is_file() and DOCS not in source.parents and source not in known:
                known.add(source)
                files.append(File.generated(config, place(source), abs_src_path=str(source)))
                waiting += [source] if source.suffix == ".md" else []
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:  # noqa: ANN401 - as above
    """Have the links of a page lead to where their files lie in the site."""
    source, here = Path(page.file.abs_src_path), Path(page.file.src_uri).parent
    if here.name == "reference":
        page.meta["search"] = {"boost": 0.2}  # they have every word, and seldom the answer

    def led(found: re.Match[str]) -> str:
        target = (source.parent / found[2]).resolve()
        if ROOT not in target.parents or not target.is_file():
            return found[0]
        return found[1] + relpath(place(target), here)

    return LINK.sub(led, markdown)
