"""The clinical record in the graph: patients, what is known of them, their images.

A resource is read as the record holds it (`fhirlink.compartments`); what has no field
of its own is in `resource`, the whole of its JSON.
"""
