"""What the service promises on every answer: headers, languages, problems, and nothing taken in."""

import html
import re
from collections import Counter
from urllib.parse import quote

import httpx
import pytest
from markupsafe import escape

import liandong as ld
from liandong.console import render
from liandong.errors import NotFoundError, RefusedError
from liandong.service.app import create_app
from liandong.service.serve import Listen, is_local, serve
from liandong.service.wishes import choose, preferred
from support.addresses import texts
from support.boards import HOSTILE, HOSTILE_ID, LOAN
from support.site import Site, serving

UNKNOWN = (
    "/nowhere", "/firm/nobody", "/trace/nothing", "/region/999999", "/region/x", "/run/zzz",
    "/table/nothing", "/table/party/row?party_id=nobody", "/static/nothing.css",
)  # fmt: skip
WRONG = (
    "/firms?page=0", "/firms?page=x", "/firms?page=-1", "/firms?sort=party_id;drop",
    "/?on=2020-02-30", "/?region=abc", "/?region=belt:nowhere", "/?industry=ZZ", "/?measure=x",
    "/firms?format=xml",
    "/table/invoice?f.nothing=1", "/table/invoice?sort=net;--", "/table/party/row",
    f"/firms?q={'x' * 201}", "/alerts?level=purple", "/offers?state=maybe", "/runs?status=x",
    "/table/act/row?seq=notanumber",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_it_says_that_it_lives(site: Site, path: str) -> None:
    assert site.get(path, accept="*/*").json()["status"] == "ok"


@pytest.mark.parametrize(
    "path", ["/", "/?format=json", "/static/console.css", "/nowhere", "/health"]
)
def test_every_answer_is_guarded(site: Site, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize(("lang", "title"), [("zh", "没有找到"), ("en", "Not found")])
@pytest.mark.parametrize("path", UNKNOWN)
def test_what_is_not_there_is_a_problem(site: Site, path: str, lang: str, title: str) -> None:
    answer = site.get(path, lang=lang, accept="application/json")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == lang
    body = answer.json()
    assert (body["status"], body["title"], body["type"]) == (
        404,
        title,
        "urn:liandong:problem:not_found",
    )
    assert body["detail"]
    page = site.get(path, lang=lang)
    assert page.status_code == 404
    assert f"<h1>{title}</h1>" in page.text


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_value_is_named(site: Site, path: str) -> None:
    answer = site.get(path, accept="application/json")
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:liandong:problem:usage"
    assert site.get(path, lang="zh").status_code == 400


def test_only_the_head_of_a_page(site: Site) -> None:
    answer = httpx.head(site.url + "/firms")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"]


def test_writing_is_not_taken(site: Site) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert httpx.request(method, site.url + "/firms").status_code == 405


ATTACKS = (
    "'; DROP TABLE party; --", '" OR 1=1 --', "x' UNION SELECT toml FROM rule --", "%' OR '%'='",
    "{where}", "{0}", "{{7*191}}", "$(id)", "../../etc/passwd", "\x00",
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_values_are_never_sql(site: Site, attack: str) -> None:
    word = quote(attack)
    for path in (
        f"/firms?q={word}", f"/offers?q={word}", f"/firms?grade={word}", f"/?product={word}",
        f"/table/party?f.name={word}", f"/acts?actor={word}", f"/runs?step={word}",
        f"/trace/{LOAN}?account={word}",
    ):  # fmt: skip
        answer = site.get(path)
        assert answer.status_code == 200, path
        assert ">1337<" not in answer.text
    assert site.json(f"/firms?q={word}")["total"] == 0
    assert site.json(f"/table/party?f.name={word}")["total"] == 0
    for path in (f"/?region={word}", f"/?on={word}", f"/?industry={word}", f"/firms?sort={word}",
                 f"/table/party?sort={word}", f"/firms?page={word}"):  # fmt: skip
        assert site.get(path).status_code == 400, path
    part = quote(attack, safe="")
    for path in (f"/firm/{part}", f"/run/{part}", f"/table/{part}", f"/runs?table={word}"):
        assert site.get(path).status_code == 404, path
    assert len(site.board.table("party")) > 300


def test_hostile_names_come_out_as_text(site: Site) -> None:
    shown = 0
    more = (f"/firms?q={quote(HOSTILE)}", f"/nowhere/{quote(HOSTILE)}")
    for path, text in {**texts(site), **{p: site.get(p).text for p in more}}.items():
        for raw in (HOSTILE, HOSTILE_ID, "<script>alert", "91<b>", '<i>"'):
            assert raw not in text, path
        shown += str(escape(HOSTILE)) in text
    assert shown > 5


def test_no_page_runs_or_fetches_anything_foreign(site: Site) -> None:
    for path, text in texts(site).items():
        assert "style=" not in text, path
        assert "javascript:" not in text, path
        assert "://" not in text.replace("http://www.w3.org/", ""), path


def test_language_is_chosen_remembered_and_preferred(site: Site) -> None:
    with httpx.Client(base_url=site.url, headers={"accept": "text/html"}) as browser:
        assert 'lang="en"' in browser.get("/", headers={"accept-language": "en"}).text
        answer = browser.get("/", headers={"accept-language": "zh-CN,en;q=0.5"})
        assert 'lang="zh-CN"' in answer.text
        assert "set-cookie" not in answer.headers
        chosen = browser.get("/?lang=en", headers={"accept-language": "zh"})
        assert 'lang="en"' in chosen.text
        assert "SameSite=Lax" in chosen.headers["set-cookie"]
        assert 'lang="en"' in browser.get("/firms", headers={"accept-language": "zh"}).text
        assert "set-cookie" not in browser.get("/?lang=fr").headers


def test_the_default_language_is_the_callers(tmp_path) -> None:
    ld.open(tmp_path / "b").close()
    with serving(tmp_path / "b", lang="zh") as url:
        answer = httpx.get(url, headers={"accept": "text/html", "accept-language": "fr"})
        assert 'lang="zh-CN"' in answer.text


def test_preferences_are_weighed() -> None:
    assert preferred("fr;q=0.9, en;q=0.2, zh-TW;q=0.7, de;q=x") == ["fr", "zh", "en"]
    assert choose(["fr", "", "zh"], "en") == "zh"
    assert choose([], "en") == "en"


def test_a_page_is_sent_once_until_the_board_changes(tmp_path) -> None:
    with ld.open(tmp_path / "b", actor="ann") as board, serving(tmp_path / "b") as url:
        first = httpx.get(f"{url}/tables")
        again = httpx.get(f"{url}/tables", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = httpx.get(f"{url}/tables?lang=zh", headers={"if-none-match": first.headers["etag"]})
        assert other.status_code == 200
        board.load("world", firms=100, months=12)
        after = httpx.get(f"{url}/tables", headers={"if-none-match": first.headers["etag"]})
        assert after.status_code == 200
        twin = httpx.get(f"{url}/tables?format=json").json()
        assert next(r for r in twin["rows"] if r["name"] == "region")["rows"] == 35


def test_another_name_of_this_host_is_refused(site: Site) -> None:
    assert httpx.get(site.url, headers={"host": "evil.example"}).status_code == 400
    assert httpx.get(site.url, headers={"host": "localhost:1234"}).status_code == 200


def test_a_defect_says_nothing_of_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(render, "html", broken)
    answer = site.get("/firms", accept="application/json")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["type"] == "urn:liandong:problem:error"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_this_machine_is_served(tmp_path) -> None:
    ld.open(tmp_path / "b", actor="ann").close()
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.org"):  # noqa: S104 - must be refused
        assert not is_local(host)
        with pytest.raises(RefusedError) as refused:
            serve(str(tmp_path / "b"), Listen(host))
        assert "127.0.0.1" in refused.value.text("zh")
    assert is_local("127.0.0.1")
    with pytest.raises(RefusedError, match=r"web\.sock.* serve "):
        serve(str(tmp_path / "b"), Listen(path=tmp_path / "web.sock"))


@pytest.mark.parametrize("name", ["LIANDONG_HOSTS", "LIANDONG_PROXIES"])
def test_nobody_is_behind_a_proxy_without_a_login(tmp_path, monkeypatch, name) -> None:
    ld.open(tmp_path / "b", actor="ann").close()
    monkeypatch.setenv(name, "127.0.0.1")
    with pytest.raises(RefusedError, match="--login"):
        serve(str(tmp_path / "b"), Listen())


def test_no_board_is_made_by_looking(tmp_path) -> None:
    with pytest.raises(NotFoundError):
        create_app(str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def kind_of(path: str) -> str:
    """Return what addresses of the same page with the same last parameter have in common."""
    if everywhere := re.search(r"[?&](lang|theme)=\w*$", path):
        return everywhere[1]
    plain = re.sub(r"^/(?!static)(\w+)/[^/?]+", r"/\1/*", path)
    return re.sub(r"\?(.*&)?(\w+)=.*", r"?\2", plain)


def follow(site: Site) -> dict[str, int]:
    """Follow links from the home page, a few of each kind; return the status by address."""
    seen, kinds, todo = {"/": 200}, Counter[str](), [site.get("/").text]
    while todo:
        for link in re.findall(r'href="(/[^"#]*)', todo.pop()):
            path = html.unescape(link)
            if path in seen or kinds[kind_of(path)] >= (1 if "?" in path else 2):
                continue
            kinds[kind_of(path)] += 1
            answer = site.get(path)
            seen[path] = answer.status_code
            if "html" in answer.headers["content-type"]:
                todo.append(answer.text)
    return seen


def test_every_link_leads_somewhere(site: Site) -> None:
    found = follow(site)
    assert {p: status for p, status in found.items() if status != 200} == {}
    rooms = {p.split("?")[0].split("/")[1] for p in found}
    assert rooms >= {"", "firms", "firm", "offers", "books", "alerts", "trace", "regions", "region",
                     "acts", "runs", "run", "tables", "table", "static"}  # fmt: skip


def test_an_address_on_a_page_is_quoted(site: Site) -> None:
    """The link to the other language of a page about somebody with an odd id is that page."""
    path = f"/owners/{quote(HOSTILE_ID, safe='')}"
    (link,) = re.findall(r'class="lang" href="([^"]*)"', site.get(path).text)
    assert "#" not in html.unescape(link)
    assert site.get(html.unescape(link)).status_code == 200


@pytest.mark.postgres
def test_a_board_in_postgresql_is_served(postgres_url: str, tmp_path) -> None:
    with ld.open(postgres_url, actor="ann", lake=tmp_path / "lake") as board:
        board.load("world", firms=100, months=12)
    with serving(postgres_url) as url:
        assert httpx.get(f"{url}/?format=json").json()["assess"]["firms"] == 100
        assert httpx.get(f"{url}/acts", headers={"accept": "text/html"}).status_code == 200
