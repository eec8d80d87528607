"""The tree of errors: codes, statuses, words in both languages, and crossing processes."""

import pickle
import string

import pytest

from liandong import errors
from liandong.errors import LiandongError


def _tree(base: type[LiandongError] = LiandongError) -> list[type[LiandongError]]:
    # A test elsewhere may have made subclasses of its own.
    below = [k for k in base.__subclasses__() if k.__module__ == errors.__name__]
    return [base, *(k for b in below for k in _tree(b))]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


EVERY = pytest.mark.parametrize("kind", _tree(), ids=lambda k: k.__name__)


def test_known_codes() -> None:
    """Scripts and clients rely on these numbers: they may be added to, never changed."""
    assert {k.__name__: (k.code, k.http_status, k.exit_code) for k in _tree()} == {
        "LiandongError": ("error", 500, 1),
        "UsageError": ("usage", 400, 2),
        "MissingExtraError": ("missing_extra", 501, 2),
        "KeyUsedError": ("key_used", 422, 2),
        "UnderWayError": ("under_way", 409, 13),
        "AnswerLostError": ("answer_lost", 409, 14),
        "ExpressionError": ("expression", 422, 2),
        "AgreementError": ("agreement", 422, 2),
        "NotFittedError": ("not_fitted", 400, 2),
        "NotFoundError": ("not_found", 404, 3),
        "DataError": ("data", 422, 4),
        "InputError": ("input", 422, 4),
        "ConflictingLimitsError": ("conflicting_limits", 422, 4),
        "UnprovedError": ("unproved", 422, 4),
        "RefusedError": ("refused", 403, 5),
        "LoginError": ("login", 401, 13),
        "TooManyError": ("too_many", 429, 14),
        "BoardError": ("board", 409, 6),
        "BoardVersionError": ("board_version", 409, 6),
        "BoardLockedError": ("board_locked", 423, 7),
        "NotReadyError": ("not_ready", 503, 14),
        "StorageError": ("storage", 507, 8),
        "ConflictError": ("conflict", 409, 9),
        "ChangedError": ("changed", 409, 12),
        "CheckError": ("check", 409, 11),
        "InvariantError": ("invariant", 500, 10),
    }


@EVERY
def test_both_languages_name_known_parameters(kind: type[LiandongError]) -> None:
    named = kind.__doc__.partition("Parameters")[2]
    for template in (kind.zh, kind.en):
        assert template.strip()
        if kind is not LiandongError:
            assert all(f"``{f}``" in named for f in _fields(template))


@EVERY
def test_says_itself_and_survives_pickling(kind: type[LiandongError]) -> None:
    params = {f: f"<{f}>" for f in _fields(kind.zh) | _fields(kind.en)}
    error = kind(**params)
    assert str(error) == error.text("en")
    assert all(f"<{f}>" in error.text("zh") for f in _fields(kind.zh))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.params, str(again)) == (kind, params, str(error))


@EVERY
def test_is_in_the_picture_of_the_tree(kind: type[LiandongError]) -> None:
    assert kind.__name__ in errors.__doc__
