"""The tables of the ground floor."""

from core.models.accounts import Account, Token
from core.models.audit import AuditRecord
from core.models.changefeed import DeadLetter, FeedEntry, FollowerCursor
from core.models.operation import Operation, OperationItemError, OperationState
from core.models.partition import (
    DEFAULT_PARTITION,
    FormerPartitionName,
    Partition,
)

__all__ = [
    "DEFAULT_PARTITION",
    "Account",
    "AuditRecord",
    "DeadLetter",
    "FeedEntry",
    "FollowerCursor",
    "FormerPartitionName",
    "Operation",
    "OperationItemError",
    "OperationState",
    "Partition",
    "Token",
]
