"""The data partitions: created, renamed, disabled, enabled, deleted when empty."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.access import Verb
from core.accounts.grants import scope_of
from core.admin.base import RoleAdmin, TellsRefusals, actor_of, may
from core.admin.grants import WithGrants
from core.models import DEFAULT_PARTITION, Partition, Scope, ScopeKind
from core.partitions import change_partition, create_partition, delete_partition


@admin.register(Partition)
class PartitionAdmin(WithGrants, TellsRefusals, RoleAdmin):
    """The tenants. One that holds studies cannot be deleted, the default one never."""

    view_verb = change_verb = Verb.MANAGE
    list_display = ("name", "created_at", "in_use", "assigning_authority", "stored_as")
    sortable_by = ("name",)
    search_fields = ("name",)
    fields = ("name", "assigning_authority", "stored_as", "created_at", "disabled_at")
    readonly_fields = ("created_at", "disabled_at")
    actions = ("disable", "enable", "delete_empty")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Partition]:
        """Return those that are not deleted and that the user may see."""
        rows: QuerySet[Partition] = super().get_queryset(request)
        rows = rows.filter(deleted_at=None)
        visible = actor_of(request).reach(Verb.MANAGE).partitions
        return rows if visible is None else rows.filter(pk__in=visible)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Partition | None = None
    ) -> tuple[str, ...]:
        """Keep the name of the default one: addresses without a partition mean it."""
        is_default = obj is not None and obj.name == DEFAULT_PARTITION
        return ("name", *self.readonly_fields) if is_default else self.readonly_fields

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Return whether the actions may be used."""
        return may(request, Verb.MANAGE)

    def scope_of(self, request: HttpRequest, row: Partition) -> Scope:
        """Return what grants on the partition hang on."""
        return scope_of(ScopeKind.PARTITION, row.pk, row.pk)

    @admin.display(boolean=True, description="in use")
    def in_use(self, partition: Partition) -> bool:
        """Return whether things in it can be read and stored."""
        return partition.disabled_at is None

    def save_model(
        self, request: HttpRequest, obj: Model, form: Any, change: Any
    ) -> None:
        """Create or change a partition, so that feed and audit log follow."""
        assert isinstance(obj, Partition)  # noqa: S101 this is its page
        actor = actor_of(request)
        authority = obj.assigning_authority
        if not change:
            created = create_partition(
                actor=actor, name=obj.name, assigning_authority=authority
            )
            obj.pk = created.pk
        change_partition(
            actor=actor,
            name=form.initial.get("name", obj.name) if change else obj.name,
            new_name=obj.name,
            assigning_authority=authority,
            stored_as=obj.stored_as,
        )

    @admin.action(
        description="Disable: nothing is read or stored", permissions=["manage"]
    )
    def disable(self, request: HttpRequest, rows: QuerySet[Partition]) -> None:
        """Have nothing in the chosen partitions read or stored."""
        self._do(request, rows, "disabled", change_partition, is_disabled=True)

    @admin.action(description="Enable", permissions=["manage"])
    def enable(self, request: HttpRequest, rows: QuerySet[Partition]) -> None:
        """Have the chosen partitions in use again."""
        self._do(request, rows, "enabled", change_partition, is_disabled=False)

    @admin.action(description="Delete where empty", permissions=["manage"])
    def delete_empty(self, request: HttpRequest, rows: QuerySet[Partition]) -> None:
        """Delete those of the chosen partitions that hold nothing."""
        self._do(request, rows, "deleted", delete_partition)

    def _do(
        self,
        request: HttpRequest,
        rows: QuerySet[Partition],
        done: str,
        function: Callable[..., object],
        **arguments: bool,
    ) -> None:
        actor = actor_of(request)
        self.do_each(
            request,
            rows,
            lambda one: function(actor=actor, name=one.name, **arguments),
            done,
        )
