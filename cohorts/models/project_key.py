"""What the pseudonyms of a project are made with."""

from django.db import models


class ProjectKey(models.Model):
    """The key of a project: who has it can tell whose a pseudonym is.

    Written by `cohorts.pseudonyms.keys`, once; it goes with the project. It is kept
    encrypted (`core.kept_secrets`) and shown nowhere.
    """

    project = models.OneToOneField(
        "imaging.Project", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return whose it is."""
        return f"key of project {self.pk}"
