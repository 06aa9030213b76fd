"""The worklist in the graph: what is to be done, by whom, and what becomes of it.

`portal.schema` puts it together with the parts of the other apps.
"""
