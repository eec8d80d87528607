"""People for whom a provider of identities vouches: OpenID Connect, authorization code with PKCE.

OpenID Connect Core 1.0, section 3.1; RFC 7636; OpenID Connect RP-Initiated Logout 1.0.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from liandong.config import Settings, missing, secret_of
from liandong.errors import LoginError, MissingExtraError, UsageError
from liandong.govern.powers.entries import GROUPS
from liandong.texts import both

ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512")
"""By which identities may be signed: with a key of the provider, never without one."""
LEEWAY = 60
"""Seconds by which clocks may differ."""
PATIENCE = 10
"""Seconds within which a provider has to answer."""
Claims = dict[str, Any]


class Provider:
    """A provider of identities.

    Parameters
    ----------
    settings
        Which, and as whom it knows the service.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer
        parts = urlsplit(self._issuer)
        near = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if parts.scheme != "https" and not near:
            what = both("fault.setting", name="LIANDONG_OIDC_ISSUER", why="https://")
            raise UsageError(what=what, remedy=both("advice.setting"))
        self._posts = sorted({p for given in settings.oidc_posts.values() for p in given})
        if wrong := [p for p in self._posts if not p.startswith(GROUPS)]:
            what = both("fault.setting", name="LIANDONG_OIDC_POSTS", why=wrong[0])
            raise UsageError(what=what, remedy=both("advice.setting"))
        if not settings.oidc_client:
            raise missing("LIANDONG_OIDC_CLIENT")
        self._secret()
        self._about: Claims | None = None

    def _secret(self) -> str:
        return secret_of(self._settings.oidc_secret_file, "LIANDONG_OIDC_SECRET_FILE")

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """Return where a browser logs in, and what to remember until it comes back.

        Parameters
        ----------
        back
            Whole address to come back to.
        """
        kept = {n: secrets.token_urlsafe(32) for n in ("state", "nonce", "verifier")}
        digest = sha256(kept["verifier"].encode()).digest()
        asked = {
            "response_type": "code", "client_id": self._settings.oidc_client,
            "scope": self._settings.oidc_scope, "redirect_uri": back,
            "state": kept["state"], "nonce": kept["nonce"],
            "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }  # fmt: skip
        return _with(self.about()["authorization_endpoint"], asked), kept

    def finish(self, kept: Mapping[str, str], said: Mapping[str, str], back: str) -> Claims:
        """Return whom the provider vouches for, by what the browser came back with.

        Raises
        ------
        LoginError
            If the provider refused, or anything does not fit together.
        """
        if not hmac.compare_digest(said.get("state", "").encode(), kept["state"].encode()):
            raise _wrong("state")
        if said.get("iss", self._issuer) != self._issuer:  # RFC 9207
            raise _wrong("iss")
        if "error" in said or not said.get("code"):
            raise _wrong(said.get("error", "code")[:80])
        given = {
            "grant_type": "authorization_code", "code": said["code"], "redirect_uri": back,
            "code_verifier": kept["verifier"],
        }  # fmt: skip
        known = (self._settings.oidc_client, self._secret())
        told = self._asked("POST", self.about()["token_endpoint"], data=given, auth=known)
        return self.claims(str(told.get("id_token", "")), kept["nonce"])

    def claims(self, token: str, nonce: str) -> Claims:
        """Return what an identity says, if the provider signed it for this login.

        Raises
        ------
        LoginError
            If its signature, issuer, audience, time or nonce is not as it must be.
        """
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._settings.oidc_client},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
        )  # fmt: skip
        try:
            keys = KeySet.import_key_set(self._asked("GET", self.about()["jwks_uri"]))
            claims: Claims = jwt.decode(token, keys, algorithms=[*ALGORITHMS]).claims
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _wrong(getattr(error, "claim", type(error).__name__)) from error
        if claims.get("azp", self._settings.oidc_client) != self._settings.oidc_client:
            raise _wrong("azp")
        return claims

    def name_in(self, claims: Claims) -> str:
        """Return the name of the person; LoginError without one."""
        name = claims.get(self._settings.oidc_claim)
        if not isinstance(name, str) or not name:
            raise _wrong(self._settings.oidc_claim)
        return name

    def posts_in(self, claims: Claims) -> dict[str, bool]:
        """Return for each post that some group gives whether one of the person's groups does.

        Raises
        ------
        LoginError
            If the claim is no list of groups, or they are too many to be said here.
        """
        if not self._posts:
            return {}
        name, given = self._settings.oidc_groups, self._settings.oidc_posts
        groups = claims.get(name, [])
        groups = [groups] if isinstance(groups, str) else groups
        elsewhere = name in claims.get("_claim_names", ())  # OpenID Connect Core 1.0, 5.6.2
        if elsewhere or not isinstance(groups, list) or not all(isinstance(g, str) for g in groups):
            raise _wrong(name)
        has = {p for g in groups for p in given.get(g, ())}
        return {post: post in has for post in self._posts}

    def farewell(self, back: str) -> str | None:
        """Return where one can log out at the provider, too; None if it offers nothing."""
        end = self.about().get("end_session_endpoint")
        asked = {"client_id": self._settings.oidc_client, "post_logout_redirect_uri": back}
        return _with(end, asked) if end else None

    def about(self) -> Claims:
        """Return what the provider says of itself, asked for once.

        Raises
        ------
        LoginError
            If it cannot be asked, or is another one.
        """
        if self._about is None:
            base = self._issuer.rstrip("/")
            found = self._asked("GET", f"{base}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise _wrong("issuer")
            self._about = found
        return self._about

    def _asked(self, method: str, address: str, **more: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask the provider; LoginError if it does not answer with JSON."""
        try:
            import httpx
            import joserfc  # noqa: F401 - only to say at once what is missing
        except ImportError as error:
            raise MissingExtraError(package=error.name, extra="oidc") from error
        try:
            answer = httpx.request(method, address, timeout=PATIENCE, **more)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _wrong(urlsplit(address).path) from error


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _wrong(what: str) -> LoginError:
    return LoginError(reason=both("refusal.oidc", what=what))
