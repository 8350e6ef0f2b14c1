"""What can be asked of the audit log; nothing can be changed in it."""

from __future__ import annotations

from services.gateway.audit import schemas
from services.gateway.operation import Operation

READ_AUDIT = Operation(
    id="readAudit",
    method="GET",
    path="/api/v1/audit",
    summary="审计日志 · Who did what with accounts, keys and identities, the newest first",
    roles=frozenset({"admin"}),
    query=schemas.AuditFilter,
    answer=schemas.AuditPage,
    limit="reads",
)

OPERATIONS = (READ_AUDIT,)
