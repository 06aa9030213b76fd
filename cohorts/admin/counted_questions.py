"""What was asked of cohorts in Django's admin: read only."""

from django.contrib import admin

from cohorts.models import CountedQuestion
from core.access import Verb
from core.admin import ReadOnlyAdmin


@admin.register(CountedQuestion)
class CountedQuestionAdmin(ReadOnlyAdmin):
    """Who may only count and has asked what; the criteria lie in the audit log."""

    view_verb = Verb.READ_ACCOUNTS
    list_display = ("account", "partition", "day", "told", "times", "digest")
    list_select_related = ("account", "partition")
    ordering = ("-id",)
