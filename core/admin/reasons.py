"""Why something is done that cannot be undone."""

from django import forms


class ReasonForm(forms.Form):
    """The reason, for the audit log."""

    reason = forms.CharField(
        max_length=200,
        help_text="Stands in the audit log.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
    )
