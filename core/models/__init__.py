"""The tables of the ground floor."""

from core.models.accounts import Account, SignInFailures, Token
from core.models.audit import AuditRecord
from core.models.changefeed import DeadLetter, FeedEntry, FollowerCursor
from core.models.grants import (
    AccountGrant,
    GroupGrant,
    Scope,
    ScopedStudy,
    ScopeKind,
)
from core.models.operation import Operation, OperationItemError, OperationState
from core.models.partition import (
    AS_IT_COMES,
    DEFAULT_PARTITION,
    STORED_AS,
    FormerPartitionName,
    Partition,
)
from core.models.result_file import ResultFile, ResultPiece
from core.models.saved_view import SavedView

__all__ = [
    "AS_IT_COMES",
    "DEFAULT_PARTITION",
    "STORED_AS",
    "Account",
    "AccountGrant",
    "AuditRecord",
    "DeadLetter",
    "FeedEntry",
    "FollowerCursor",
    "FormerPartitionName",
    "GroupGrant",
    "Operation",
    "OperationItemError",
    "OperationState",
    "Partition",
    "ResultFile",
    "ResultPiece",
    "SavedView",
    "Scope",
    "ScopeKind",
    "ScopedStudy",
    "SignInFailures",
    "Token",
]
