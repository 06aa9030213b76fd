"""Extended query tags: attributes that become searchable because somebody asks for it.

The form is that of Azure's DICOM service, its limits are not (`docs/conformance.md`).
What a tag is: `definition`; its values: `values`; who keeps them right: `rows` for
stores, deletes and moves, `reindex` for what was held before; how a search asks:
`imaging.query.terms`.
"""
