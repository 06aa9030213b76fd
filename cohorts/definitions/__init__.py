"""Saved cohorts and concept sets: what criteria name.

`found` says who sees which, `saving` keeps them, `sharing` opens them to others, and
`inlining` writes in criteria what they name, so that all that runs is plain criteria.
"""
