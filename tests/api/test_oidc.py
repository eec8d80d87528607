"""People for whom a provider of identities vouches: a real one, and one that forges."""

import hmac
import json
import re
import sys
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from liandong.errors import UsageError
from liandong.service.app import create_app
from support.logins import Desk, desk_at
from support.servers import free_port, need, running

CLIENT = "liandong"


def settings(issuer: str, folder, **more: str) -> dict[str, str]:
    """Return what the service has to know of a provider."""
    secret = folder / "secret"
    secret.write_text("of the client\n", "utf-8")
    return {"LIANDONG_OIDC_ISSUER": issuer, "LIANDONG_OIDC_CLIENT": CLIENT,
            "LIANDONG_OIDC_SECRET_FILE": str(secret), **more}  # fmt: skip


# ── a provider of others ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider of identities in a process of its own."""
    need("oidc_provider_mock")
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with running(command, port):
        yield f"http://127.0.0.1:{port}"


def at_provider(browser: httpx.Client, start: httpx.Response, sub: str) -> httpx.Response:
    """Log in at the provider as somebody, and come back."""
    there = start.headers["location"]
    back = httpx.post(there, data={"sub": sub})
    assert back.status_code == 302, back.text
    return browser.get(back.headers["location"])


def test_a_provider_vouches_for_people(issuer: str, tmp_path) -> None:
    with desk_at(tmp_path, **settings(issuer, tmp_path, LIANDONG_OIDC_CLAIM="sub")) as desk:
        with desk.visitor() as visitor:
            assert visitor.browser.get("/acts").headers["location"] == "/login?next=/acts"
            assert "/oidc/login?next=/acts" in visitor.browser.get("/login?next=/acts").text
            start = visitor.browser.get("/oidc/login?next=/acts")
            asked = parse_qs(urlsplit(start.headers["location"]).query)
            assert asked["code_challenge_method"] == ["S256"]
            assert asked["redirect_uri"] == [f"{desk.url}/oidc/callback"]
            assert not {"state", "nonce"} - asked.keys()
            done = at_provider(visitor.browser, start, "wang")
            assert (done.status_code, done.headers["location"]) == (303, "/acts"), done.text
            assert '<a href="/account">wang</a>' in visitor.browser.get("/acts").text
        (person,) = desk.board.people.rows()
        assert (person["name"], person["issuer"], person["password"]) == ("wang", issuer, False)
        with desk.visitor() as again:
            at_provider(again.browser, again.browser.get("/oidc/login"), "wang")
            assert again.browser.get("/account").status_code == 200
            assert again.log_in("wang", "").status_code == 401  # no password, no way in by one
        said = [a["action"] for a in desk.board.store.books.rows("act")]
        assert said == ["person.added", "login", "login"]
        desk.board.people.disable("wang")
        with desk.visitor() as out:
            refused = at_provider(out.browser, out.browser.get("/oidc/login"), "wang")
            assert refused.status_code == 403
            assert out.browser.get("/account").status_code == 303


def test_a_provider_gives_nobody_the_name_of_another(issuer: str, tmp_path) -> None:
    own = settings(issuer, tmp_path, LIANDONG_OIDC_CLAIM="sub", LIANDONG_OIDC_KNOWN_ONLY="1")
    with desk_at(tmp_path, **own) as desk:
        desk.add("ann")
        desk.board.people.add("li")
        for name, status in (("ann", 403), ("stranger", 403), ("role:board", 403), ("li", 303)):
            with desk.visitor() as visitor:
                start = visitor.browser.get("/oidc/login")
                assert at_provider(visitor.browser, start, name).status_code == status, name
        assert {r["name"]: r["issuer"] for r in desk.board.people.rows()} == {
            "ann": None, "li": issuer,
        }  # fmt: skip


def test_posts_follow_the_groups_of_a_provider(issuer: str, tmp_path) -> None:
    given = {"信贷, clerks": "role:clerk", "checkers": ["role:checker", "post:hall"]}
    own = {"LIANDONG_OIDC_CLAIM": "sub", "LIANDONG_OIDC_POSTS": json.dumps(given)}
    with desk_at(tmp_path, **settings(issuer, tmp_path, **own)) as desk:
        never = {"never_with": ["pay"]}
        desk.board.powers.add(
            [{"power_id": "P", "holder": "role:clerk", "action": "pay"},
             {"power_id": "C", "holder": "role:checker", "action": "check", **never}],
            [{"person": "zhou", "post": "post:chief"}, {"person": "zhou", "post": "role:clerk"}],
        )  # fmt: skip

        def signed_in(groups: dict[str, object], status: int = 303) -> tuple[set[str], int]:
            before = desk.board.store.state()
            httpx.put(f"{issuer}/users/zhou", json=groups).raise_for_status()
            with desk.visitor() as visitor:
                start = visitor.browser.get("/oidc/login")
                done = at_provider(visitor.browser, start, "zhou")
                assert done.status_code == status, done.text
            held = desk.board.powers.listed().index.groups["zhou"]
            return set(held), desk.board.store.state() - before

        by_hand = {"post:chief", "role:clerk"}
        assert signed_in({"groups": ["others"]}) == (by_hand, 2)  # he is added, and logs in
        assert signed_in({"groups": ["信贷, clerks"]}) == (by_hand, 2)
        assert signed_in({"groups": ["信贷, clerks"]}) == (by_hand, 1)
        desk.board.powers.revoke("zhou@role:clerk", "now by his group")
        assert signed_in({"groups": ["信贷, clerks"]}) == (by_hand, 1)
        assert signed_in({"groups": ["信贷, clerks", "checkers"]}, 422) == (by_hand, 0)
        moved = {"post:chief", "role:checker", "post:hall"}
        assert signed_in({"groups": "checkers"}) == (moved, 3)
        assert signed_in({}) == ({"post:chief"}, 3)
        assert signed_in({"groups": ["信贷, clerks"]}) == (by_hand, 2)
        acts = [a for a in desk.board.store.books.rows("act") if a["actor"] == f"oidc:{issuer}"]
        assert [a["action"] for a in acts] == [
            "powers.change", "power.revoked", "powers.change", *["power.revoked"] * 2,
            "powers.change",
        ]  # fmt: skip
        assert not desk.board.check()


def test_groups_give_nothing_but_roles_and_posts(tmp_path, monkeypatch) -> None:
    import liandong as ld

    ld.open(tmp_path / "b").close()
    monkeypatch.setenv("LIANDONG_OIDC_ISSUER", "https://idp.example")
    for wrong in ('{"clerks": "wang"}', "clerks=role:clerk"):
        monkeypatch.setenv("LIANDONG_OIDC_POSTS", wrong)
        with pytest.raises(UsageError, match="LIANDONG_OIDC_POSTS"):
            create_app(str(tmp_path / "b"))


# ── a provider that lies ─────────────────────────────────────────────────────────────────────

KEY, OTHER = (RSAKey.generate_key(2048, {"kid": k}, private=True) for k in ("one", "one"))


class Forger(ThreadingHTTPServer):
    """A provider of identities that says whatever a test wants."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.token = ""
        self.about = {
            "issuer": self.url,
            **{n: f"{self.url}/{n}" for n in ("authorization_endpoint", "token_endpoint",
                                              "jwks_uri", "end_session_endpoint")},
        }  # fmt: skip

    def claims(self, nonce: str, /, **other: object) -> dict[str, object]:
        """Return good claims but for some; those that are None are left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": CLIENT, "sub": "1", "exp": now + 300, "iat": now,
                "nonce": nonce, "preferred_username": "wang"}  # fmt: skip
        return {n: v for n, v in {**good, **other}.items() if v is not None}


class _Answers(BaseHTTPRequestHandler):
    server: Forger

    def do_GET(self) -> None:
        known = self.path == "/.well-known/openid-configuration"
        self.tell(self.server.about if known else {"keys": [KEY.as_dict(private=False)]})

    def do_POST(self) -> None:
        self.tell({"id_token": self.server.token, "access_token": "x", "token_type": "Bearer"})

    def tell(self, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    """The provider that lies, served."""
    with Forger() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def desk(forger: Forger, tmp_path_factory) -> Iterator[Desk]:
    """A board that trusts it."""
    folder = tmp_path_factory.mktemp("oidc")
    own = settings(forger.url, folder, LIANDONG_OIDC_POSTS='{"clerks": "role:clerk"}')
    with desk_at(folder, **own) as found:
        yield found


def bare(claims: dict[str, object], alg: str = "none") -> str:
    """Return claims that nobody signed."""
    parts = (json.dumps(p).encode() for p in ({"alg": alg, "kid": "one"}, claims))
    return ".".join(map(encoded, parts)) + "."


def encoded(data: bytes) -> str:
    """Return data as tokens have them."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict[str, object], key=KEY, alg: str = "RS256") -> str:
    """Return signed claims."""
    return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


def by_secret(claims: dict[str, object]) -> str:
    """Return claims signed by what everybody knows, as if that were a secret."""
    token = bare(claims, "HS256")
    mac = hmac.digest(KEY.as_pem(private=False), token.removesuffix(".").encode(), "sha256")
    return token + encoded(mac)


PAST = int(time.time()) - 3600
FORGED = {
    "unsigned": lambda f, n: bare(f.claims(n)),
    "signed by another": lambda f, n: signed(f.claims(n), OTHER),
    "signed by the public key": lambda f, n: by_secret(f.claims(n)),
    "changed": lambda f, n: re.sub(r"\.[^.]*\.", f".{bare(f.claims(n, sub='2')).split('.')[1]}.",
                                   signed(f.claims(n))),
    "of before": lambda f, n: signed(f.claims(n, exp=PAST, iat=PAST - 60)),
    "without an end": lambda f, n: signed(f.claims(n, exp=None)),
    "of another login": lambda f, n: signed(f.claims("x")),
    "of no login": lambda f, n: signed(f.claims(n, nonce=None)),
    "by another": lambda f, n: signed(f.claims(n, iss="https://other.example")),
    "for another": lambda f, n: signed(f.claims(n, aud="other")),
    "for another, too": lambda f, n: signed(f.claims(n, aud=[CLIENT, "other"], azp="other")),
    "of nobody": lambda f, n: signed(f.claims(n, sub=None)),
    "without a name": lambda f, n: signed(f.claims(n, preferred_username=None)),
    "with a name of no text": lambda f, n: signed(f.claims(n, preferred_username=["wang"])),
    "with groups of no text": lambda f, n: signed(f.claims(n, groups=[1])),
    "with groups elsewhere": lambda f, n: signed(f.claims(n, _claim_names={"groups": "there"})),
    "nothing": lambda f, n: "",
    "no token": lambda f, n: "a.b.c",
}  # fmt: skip


def come_back(desk: Desk, forger: Forger, make, **said: str) -> httpx.Response:
    """Log in with what the provider is made to say."""
    with desk.visitor() as visitor:
        start = visitor.browser.get("/oidc/login").headers["location"]
        asked = {n: v[0] for n, v in parse_qs(urlsplit(start).query).items()}
        forger.token = make(forger, asked["nonce"])
        given = {"code": "c", "state": asked["state"], **said}
        answer = visitor.browser.get("/oidc/callback", params=given)
        inside = visitor.browser.get("/account").status_code == 200
    assert inside == (answer.status_code == 303)
    return answer


def test_a_good_identity_is_taken(desk: Desk, forger: Forger) -> None:
    assert come_back(desk, forger, lambda f, n: signed(f.claims(n))).status_code == 303
    for said in ({"aud": [CLIENT]}, {"aud": [CLIENT, "x"], "azp": CLIENT}):
        made = come_back(desk, forger, lambda f, n, said=said: signed(f.claims(n, **said)))
        assert made.status_code == 303, said


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_identity_is_refused(desk: Desk, forger: Forger, how: str) -> None:
    before = desk.board.store.state()
    answer = come_back(desk, forger, FORGED[how])
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert desk.board.store.state() == before


@pytest.mark.parametrize(
    "said", [{"state": "x"}, {"state": ""}, {"iss": "https://other.example"}, {"error": "denied"}]
)
def test_who_comes_back_otherwise_than_he_went_is_refused(
    desk: Desk, forger: Forger, said: dict[str, str]
) -> None:
    good = lambda f, n: signed(f.claims(n))  # noqa: E731 - as the forged ones are written
    if "error" in said:
        said = {**said, "code": ""}
    assert come_back(desk, forger, good, **said).status_code == 401


def test_nobody_comes_back_who_has_not_gone(desk: Desk, forger: Forger) -> None:
    with desk.visitor() as visitor:
        assert visitor.browser.get("/oidc/callback?code=c&state=s").status_code == 401
        visitor.browser.cookies.set("oidc", "planted")
        assert visitor.browser.get("/oidc/callback?code=c&state=s").status_code == 401
        away = visitor.browser.get("/oidc/logout").headers["location"]
        assert away.startswith(f"{forger.url}/end_session_endpoint?client_id={CLIENT}")


def test_a_provider_is_named_as_it_names_itself(forger: Forger, tmp_path) -> None:
    own = settings(forger.url + "/", tmp_path)
    with desk_at(tmp_path, **own) as desk, desk.visitor() as visitor:
        assert visitor.browser.get("/oidc/login").status_code == 401


@pytest.mark.parametrize(
    "name", ["LIANDONG_OIDC_CLIENT", "LIANDONG_OIDC_SECRET_FILE", "LIANDONG_SECRET_KEY_FILE"]
)
def test_nothing_that_a_login_needs_is_missed_only_then(tmp_path, monkeypatch, name: str) -> None:
    import liandong as ld

    ld.open(tmp_path / "b").close()
    secret = tmp_path / "secret.key"
    secret.write_text("k" * 40, "utf-8")
    own = settings("https://idp.example", tmp_path, LIANDONG_SECRET_KEY_FILE=str(secret))
    for n, value in own.items():
        monkeypatch.setenv(n, value)
    monkeypatch.delenv("LIANDONG_SECRET_KEY", raising=False)
    create_app(str(tmp_path / "b"))
    monkeypatch.delenv(name)
    with pytest.raises(UsageError, match=f"{name} is not set. Set it"):
        create_app(str(tmp_path / "b"))


def test_a_provider_without_tls_is_not_trusted(tmp_path, monkeypatch) -> None:
    import liandong as ld

    ld.open(tmp_path / "b").close()
    monkeypatch.setenv("LIANDONG_OIDC_ISSUER", "http://idp.example")
    with pytest.raises(UsageError, match="LIANDONG_OIDC_ISSUER"):
        create_app(str(tmp_path / "b"))
