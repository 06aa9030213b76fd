"""How statuses are said: FHIR's code, the types of events that have it, and words."""

from typing import Final

STATUSES: Final = """
cancelled | medication encounter imaging observation report | cancelled | canceled | called off
entered-in-error | * | entered in error | entered by mistake | entered erroneously | recorded in error | erroneously entered | erroneously recorded
refuted | condition allergy | refuted
unconfirmed | condition allergy | unconfirmed
provisional | condition | provisional
differential | condition | differential
resolved | condition allergy | resolved
inactive | condition allergy | inactive
remission | condition | in remission
on-hold | medication procedure | on hold | put on hold
draft | medication | draft
completed | medication procedure immunization | completed
preliminary | report observation | preliminary
amended | report observation | amended
not-done | procedure immunization | not done | not carried out | not performed
"""
