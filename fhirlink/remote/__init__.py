"""Keeping a partition in step with FHIR servers of others (decision 0031).

What changes here goes out through an outbox; what changes there is asked for. `client`
talks, `content` compares and merges, and neither knows the other side's database.
"""
