"""The levels of a grant in words, short and in full: see, identify, own."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.models import Permission
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.accounts.grants import Level

if TYPE_CHECKING:  # Django's classes take no parameters when they run
    AnyChoice = forms.ModelChoiceField[Permission]
    AnyGrantForm = forms.ModelForm[Any]
else:
    AnyChoice = forms.ModelChoiceField
    AnyGrantForm = forms.ModelForm


def level_of(permission: Permission) -> str:
    """Return a level by its short name and what it lets somebody do."""
    meaning = permission.name[:1].lower() + permission.name[1:]
    return f"{Level(permission.codename).name.lower()}: {meaning}"


class LevelField(AnyChoice):
    """The levels of a grant, in words."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the level lets somebody do."""
        return level_of(obj)


class LevelSelect(forms.Select):
    """The levels to choose from; of a grant that is there, the level."""

    read_only = True  # has the admin show a value by `render`, not by its name

    def render(self, name: str, value: Any, *args: Any, **kwargs: Any) -> SafeString:
        """Return the choice, or the level of a grant that is there."""
        if isinstance(value, Permission):
            return format_html("{}", level_of(value))
        return super().render(name, value, *args, **kwargs)


class GrantForm(AnyGrantForm):
    """To whom, how far, until when and why."""

    class Meta:
        """How the columns are called."""

        labels: ClassVar = {
            "user": "account",
            "group": "role or group",
            "permission": "level",
            "expires_at": "until (UTC)",
        }
        help_texts: ClassVar = {
            "user": "Who gets it; its roles must let it see data at all.",
            "group": "All its members get it.",
            "permission": "How far it goes; each level has what those before it have.",
        }
