"""What narratives may have: elements and attributes of XHTML.

References
----------
FHIR R4 2.25.0 Narrative, txt-1; HTML 4.0, chapters 7 to 11 and 15.
"""

from typing import Final

NAMESPACE: Final = "http://www.w3.org/1999/xhtml"
ELEMENTS: Final = frozenset(
    "a abbr acronym b big blockquote br caption center cite code col colgroup dd dfn div"
    " dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li map area ol p pre q s samp"
    " small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var del"
    " bdo address".split()
)
ATTRIBUTES: Final = frozenset(
    "title style class id lang xml:lang dir accesskey tabindex span width align valign"
    " char charoff abbr axis headers scope rowspan colspan cite border href name rel rev"
    " hreflang type charset shape coords src alt height longdesc usemap ismap summary"
    " frame rules cellpadding cellspacing nowrap color bgcolor start value compact xmlns"
    " idref datetime".split()
)
