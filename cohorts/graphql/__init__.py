"""Questions across images and the record in the graph.

`portal.schema` puts it together with the parts of the other apps.
"""
