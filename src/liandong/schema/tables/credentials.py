"""Credentials of other boards: whose are recognised, and those that were accepted."""

from liandong.schema.field import Field, Table

_LOG = Field("issuer", "text", "签发方日志", "Log of the issuer")

CREDENTIAL_ISSUER = Table(
    "credential_issuer",
    "互认的签发方",
    "Recognised issuer",
    ("vkey", "kind"),
    (
        Field("vkey", "text", "日志公钥", "Public key of its log"),
        Field("kind", "id", "对方资质类别", "Kind, in the issuer's words"),
        Field("name", "text", "签发方", "Issuer"),
        Field("own_kind", "id", "等同于本地类别", "Kind here that it is equal to"),
    ),
)

CREDENTIAL = Table(
    "credential",
    "已采信的资质",
    "Accepted credential",
    ("issuer", "number"),
    (
        _LOG,
        Field("number", "int", "编号", "Number", "act of the issuer's log", low=1),
        Field("party_id", "id", "主体", "Party"),
        Field("kind", "id", "资质类别", "Kind"),
        Field("issued_kind", "id", "对方资质类别", "Kind, in the issuer's words"),
        Field("issued_by", "text", "签发方", "Issuer"),
        Field("valid_from", "date", "生效日", "Valid from"),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
        Field("claims", "json", "内容", "Claims", shape="words"),
        Field("revoked", "bool", "已撤销", "Revoked"),
        Field("status_at", "time", "撤销名单截至", "Revocations known to", null=True),
        Field("content", "hash", "日志承诺", "Commitment in the log"),
        Field("file", "hash", "文件散列", "SHA-256 of the file"),
    ),
    checks=("valid_span",),
)

CREDENTIAL_STATUS = Table(
    "credential_status",
    "资质撤销名单",
    "Revocations of an issuer",
    ("issuer",),
    (
        _LOG,
        Field("number", "int", "编号", "Number", "act of the issuer's log", low=1),
        Field("at", "time", "截至", "As of"),
        Field("revoked", "json", "已撤销的编号", "Numbers revoked", shape="numbers"),
    ),
)

TABLES = (CREDENTIAL_ISSUER, CREDENTIAL, CREDENTIAL_STATUS)
"""Lists of revoked ones are kept, for a credential may be accepted after its list."""
