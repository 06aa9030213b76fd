"""Series by the values of their attributes, whether these are indexed or not.

For who asks of series what searches do not know: any attribute, private ones by their
creator. Query tags answer where there are ready ones (`imaging.series_tags.answering`),
else what is stored of a bounded number of series is read (`imaging.series_tags.read`).
"""

from imaging.series_tags.answering import series_by_tags
from imaging.series_tags.read import read_series
from imaging.series_tags.sought import Sought, Test, element_of

__all__ = ["Sought", "Test", "element_of", "read_series", "series_by_tags"]
