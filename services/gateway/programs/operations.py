"""What can be asked of programs; by admins only, each for their own division."""

from __future__ import annotations

from services.gateway.operation import Operation
from services.gateway.programs import schemas
from suishoupai.contracts.questions import Page

ADMINS = frozenset({"admin"})

MAKE_PROGRAM = Operation(
    id="makeProgram",
    method="POST",
    path="/api/v1/programs",
    summary="登记程序，取得密钥 · Register a program; its API key is shown this once",
    roles=ADMINS,
    body=schemas.NewProgram,
    answer=schemas.MadeProgram,
    status=201,
    answer_headers=("Location",),
    limit="actions",
)
LIST_PROGRAMS = Operation(
    id="listPrograms",
    method="GET",
    path="/api/v1/programs",
    summary="程序列表 · The programs of your division, the newest first",
    roles=ADMINS,
    query=Page,
    answer=schemas.ProgramPage,
    limit="reads",
)
READ_PROGRAM = Operation(
    id="readProgram",
    method="GET",
    path="/api/v1/programs/<program>",
    summary="程序详情 · One program, and when each of its keys was last used",
    roles=ADMINS,
    answer=schemas.Program,
    limit="reads",
    problems=("not-found",),
)
CHANGE_PROGRAM = Operation(
    id="changeProgram",
    method="PATCH",
    path="/api/v1/programs/<program>",
    summary="修改程序 · Disable a program, or change its limits, with the version that was seen",
    roles=ADMINS,
    body=schemas.ProgramChange,
    answer=schemas.Program,
    limit="actions",
    problems=("not-found", "stale"),
)
MAKE_KEY = Operation(
    id="makeProgramKey",
    method="POST",
    path="/api/v1/programs/<program>/keys",
    summary="再发一把密钥 · One more API key, shown this once: then revoke the one before",
    roles=ADMINS,
    answer=schemas.NewKey,
    status=201,
    limit="actions",
    problems=("not-found",),
)
REVOKE_KEY = Operation(
    id="revokeProgramKey",
    method="DELETE",
    path="/api/v1/programs/<program>/keys/<key>",
    summary="吊销密钥 · Revoke an API key; it is refused everywhere within 5 seconds",
    roles=ADMINS,
    status=204,
    limit="actions",
    problems=("not-found",),
)

OPERATIONS = (
    MAKE_PROGRAM,
    LIST_PROGRAMS,
    READ_PROGRAM,
    CHANGE_PROGRAM,
    MAKE_KEY,
    REVOKE_KEY,
)
