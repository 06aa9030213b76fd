"""From studies to the clinical record: what the imaging index holds, as FHIR resources.

The mapping is pure (`imaging_study`, `patient`, `endpoints`, `device`,
`measurements`, `dose`); `follower` and `folding` keep it true.
"""
