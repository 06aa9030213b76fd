"""What data sets of workitems have in common, for `zlib`: never changed.

What is held was packed with it, and cannot be read without. Another one would have to
stand beside it: zlib writes into what it packs which it was (RFC 1950 2.2, DICTID).
"""

from typing import Final

DICTIONARY: Final = "".join(
    (
        '"0040E025":{"vr":"SQ","Value":[{"00081190":{"vr":"UR","Value":["http',
        '"0040E020":{"vr":"CS","Value":["DICOM"]},"0040E021":{"vr":"SQ","Value":[{"00081199":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1."]},"00081155":{"vr":"UI","Value":["',
        '"0074100E":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["110513"]},"00080102":{"vr":"SH","Value":["DCM"]},"00080104":{"vr":"LO","Value":["Discontinued for unspecified reason"]}}]},"00741238":{"vr":"LT","Value":["',
        '"00741002":{"vr":"SQ","Value":[{"00404052":{"vr":"DT","Value":["2026"]},"00741004":{"vr":"DS","Value":["100"]},"00741006":{"vr":"ST","Value":["',
        '"00741216":{"vr":"SQ","Value":[{"00404019":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["110005"]},"00080102":{"vr":"SH","Value":["DCM"]},"00080104":{"vr":"LO","Value":["Interpretation"]}}]},"00404028":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["]},"00404033":{"vr":"SQ"},"00404050":{"vr":"DT","Value":["2026"]},"00404051":{"vr":"DT","Value":["2026"]}',
        '"00404034":{"vr":"SQ","Value":[{"00404009":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":[""]},"00080102":{"vr":"SH","Value":["99',
        '"00404036":{"vr":"LO","Value":[""]},"00404037":{"vr":"PN","Value":[{"Alphabetic":"',
        '"00404018":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["110005"]},"00080102":{"vr":"SH","Value":["DCM"]},"00080104":{"vr":"LO","Value":["Interpretation"]}}]},"00404025":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["',
        'COMPLETED"]},IN PROGRESS"]},CANCELED"]},"LOW"]},"HIGH"]},"M"]},"F"]},',
        '{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.34.6.1"]},"00080018":{"vr":"UI","Value":["2.25.',
        '"]},"00081080":{"vr":"LO"},"00081084":{"vr":"SQ"},"00100010":{"vr":"PN","Value":[{"Alphabetic":"',
        '"}]},"00100020":{"vr":"LO","Value":["',
        '"]},"00100021":{"vr":"LO"},"00100024":{"vr":"SQ"},"00100030":{"vr":"DA","Value":["19',
        '"]},"00100040":{"vr":"CS","Value":["',
        '"]},"00101002":{"vr":"SQ"},"0020000D":{"vr":"UI"},"00380010":{"vr":"LO"},"00380014":{"vr":"SQ"},"00400400":{"vr":"LT"},"00404005":{"vr":"DT","Value":["2026',
        '+0000"]},"00404010":{"vr":"DT","Value":["2026',
        '+0000"]},"00404011":{"vr":"DT","Value":["2026',
        '+0000"]},"00404018":{"vr":"SQ"},"00404021":{"vr":"SQ"},"00404025":{"vr":"SQ"},"00404026":{"vr":"SQ"},"00404027":{"vr":"SQ"},"00404041":{"vr":"CS","Value":["READY"]},',
        '"0040A370":{"vr":"SQ","Value":[{"00080050":{"vr":"SH","Value":["',
        '"]},"00080051":{"vr":"SQ"},"00080090":{"vr":"PN","Value":[{"Alphabetic":"',
        '"}]},"0020000D":{"vr":"UI","Value":["',
        '"]},"00321033":{"vr":"LO"},"00321060":{"vr":"LO","Value":["',
        '"]},"00321064":{"vr":"SQ"},"00400026":{"vr":"SQ"},"00400027":{"vr":"SQ"},"00401001":{"vr":"SH"},"00402016":{"vr":"LO"},"00402017":{"vr":"LO"}}]},',
        '"00741000":{"vr":"CS","Value":["SCHEDULED"]},"00741002":{"vr":"SQ"},"00741200":{"vr":"CS","Value":["MEDIUM"]},"00741202":{"vr":"LO","Value":["',
        '"]},"00741204":{"vr":"LO","Value":["',
        '"]},"00741210":{"vr":"SQ"},"00741216":{"vr":"SQ"}}',
    )
).encode()
