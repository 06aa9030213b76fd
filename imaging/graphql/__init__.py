"""Studies, series and instances in the graph, and the feed of their changes.

Everything is found by `imaging.query`, as QIDO finds it; what may be seen, and what is
shown of it, is decided there.
"""
