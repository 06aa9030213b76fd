"""Answers: who was found, kept as a run; what is wanted of them, as rows with reasons.

`running` asks and keeps; `found_runs` finds what was kept; `patient_rows` and
`event_rows` read pages of it, each with who may see it; `charts` count.
"""
