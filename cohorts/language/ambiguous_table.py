"""What means several things, and words that say no amount: what is asked back."""

from typing import Final

# The abbreviation, then what it may stand for: the kind of event, and the name.
SEVERAL: Final = """
ms | condition multiple sclerosis | condition mitral stenosis | medication morphine sulfate
ra | condition rheumatoid arthritis | body right atrium | condition refractory anemia
pe | condition pulmonary embolism | condition pleural effusion | procedure physical examination
ca | condition cancer | observation calcium | condition cardiac arrest
pd | condition parkinson disease | procedure peritoneal dialysis
hd | condition huntington disease | procedure dialysis | condition hodgkin disease
cf | condition cystic fibrosis | procedure cardiac fluoroscopy
as | condition aortic stenosis | condition ankylosing spondylitis
pt | imaging PT | observation prothrombin time | procedure physical therapy
pvd | condition peripheral artery disease | condition posterior vitreous detachment
bc | condition breast cancer | condition bladder cancer
pcp | condition pneumocystis pneumonia | encounter primary care
ich | condition intracranial hemorrhage | condition intracranial hypertension
"""

_SEVERAL_LINES: Final = [
    [each.strip() for each in line.split("|")] for line in SEVERAL.strip().splitlines()
]
MEANINGS: Final = {name: tuple(meanings) for name, *meanings in _SEVERAL_LINES}

# Words that are an abbreviation only where they stand in capitals.
ONLY_CAPITALS: Final = frozenset({"as", "pt", "hd", "bc"})

_TIMES: Final = "P30D P90D P1Y"

# A vague word, then what it may be taken for: spans of time where they begin with P.
VAGUE: Final = f"""
recent | {_TIMES}
recently | {_TIMES}
lately | {_TIMES}
newly | {_TIMES}
current imaging | {_TIMES}
old | over 65 years | over 75 years | over 80 years
older adult | over 65 years | over 75 years | over 80 years
older adults | over 65 years | over 75 years | over 80 years
older patient | over 65 years | over 75 years | over 80 years
older patients | over 65 years | over 75 years | over 80 years
older people | over 65 years | over 75 years | over 80 years
older women | over 65 years | over 75 years | over 80 years
older men | over 65 years | over 75 years | over 80 years
younger patients | under 18 years | under 40 years | under 50 years
younger women | under 18 years | under 40 years | under 50 years
younger men | under 18 years | under 40 years | under 50 years
younger people | under 18 years | under 40 years | under 50 years
younger adults | under 18 years | under 40 years | under 50 years
elderly | over 65 years | over 75 years | over 80 years
senior | over 65 years | over 75 years | over 80 years
aged patient | over 65 years | over 75 years | over 80 years
geriatric | over 65 years | over 75 years | over 80 years
young | under 18 years | under 40 years | under 50 years
middle aged | between 40 and 60 years | between 45 and 65 years
very old | over 75 years | over 80 years | over 90 years
large | over 1 cm | over 3 cm | over 5 cm
big | over 1 cm | over 3 cm | over 5 cm
huge | over 5 cm | over 10 cm
small | under 1 cm | under 3 cm
tiny | under 0.5 cm | under 1 cm
thin | slice thickness at most 1 mm | slice thickness at most 1.5 mm | slice thickness at most 3 mm
thick | slice thickness at least 3 mm | slice thickness at least 5 mm
high | above a number | above the reference range
higher | above a number
low | below a number | below the reference range
elevated | above a number | above the reference range
raised | above a number | above the reference range
increased | above a number | above the reference range
decreased | below a number | below the reference range
reduced | below a number | below the reference range
abnormal | above the reference range | below the reference range | outside the reference range
normal | inside the reference range
poor | below a number
poorly | above a number
bad | above a number
long | more than 7 days | more than 30 days
lengthy | more than 7 days | more than 30 days
short | less than 2 days | less than 7 days
several | at least 2 | at least 3 | at least 5
many | at least 3 | at least 5 | at least 10
few | at least 2 | at most 3
a lot of | at least 3 | at least 5 | at least 10
lots of | at least 3 | at least 5 | at least 10
numerous | at least 3 | at least 5 | at least 10
frequent | at least 3 | at least 5 | at least 10
frequently | at least 3 | at least 5 | at least 10
often | at least 3 | at least 5 | at least 10
regularly | at least 3 | at least 5 | at least 10
regular | at least 3 | at least 5
heavy | above a number
heavily | above a number
shortly | P7D P30D P90D
soon | P7D P30D P90D
just before | P1D P7D P30D
just after | P1D P7D P30D
right before | P1D P7D P30D
right after | P1D P7D P30D
directly before | P1D P7D P30D
directly after | P1D P7D P30D
close to | P1D P7D P30D
near the time of | P7D P30D P90D
immediately | P1D P2D P7D
promptly | P1D P7D P30D
a while ago | -P1Y | -P5Y
long ago | -P5Y | -P10Y
some time ago | -P1Y | -P5Y
around | that year alone | a year more on both sides
about | exactly | 10 % more or less
approximately | exactly | 10 % more or less
about the time of | P7D P30D P90D
around the time of | P7D P30D P90D
roughly | exactly | 10 % more or less
early | first quarter | first half
late | last quarter | last half
late stage | stage 3 or 4 | stage 4
early stage | stage 1 | stage 1 or 2
long term | P1Y | P2Y | P5Y
long standing | P1Y | P5Y | P10Y
prolonged | P7D | P30D
several years ago | -P3Y | -P5Y
some years ago | -P3Y | -P5Y
a few years ago | -P3Y | -P5Y
nowadays | {_TIMES}
these days | {_TIMES}
"""

_VAGUE_LINES: Final = [
    [each.strip() for each in line.split("|")] for line in VAGUE.strip().splitlines()
]
# By their first word: all words, and what they may be taken for.
VAGUE_BY_FIRST: Final[dict[str, list[tuple[list[str], list[str]]]]] = {}
for _name, *_options in _VAGUE_LINES:
    _several = _options[0].split() if _options[0].startswith("P") else _options
    VAGUE_BY_FIRST.setdefault(_name.split()[0], []).append((_name.split(), _several))

# Words that say how much, beside something that was measured.
OF_VALUES: Final = frozenset(
    "high low elevated raised increased decreased reduced abnormal normal poor bad".split()
)

# Words that ask the same as others.
SAME: Final = dict.fromkeys(
    ("recently", "lately", "newly", "nowadays", "these days"), "recent"
)

# What is asked of a measurement that is high or low.
THRESHOLDS: Final = """
high blood pressure | systolic >= 140 mmHg | diagnosis of hypertension
low blood pressure | systolic < 90 mmHg | diagnosis of hypotension
high glucose | glucose >= 126 mg/dL | glucose >= 200 mg/dL | diagnosis of diabetes
low glucose | glucose < 70 mg/dL | diagnosis of hypoglycemia
high hemoglobin a1c | HbA1c >= 6.5 % | HbA1c >= 8 % | diagnosis of diabetes
low hemoglobin | hemoglobin < 12 g/dL | hemoglobin < 8 g/dL | diagnosis of anemia
high creatinine | creatinine > 1.3 mg/dL | creatinine > 2 mg/dL | diagnosis of kidney disease
high body mass index | BMI >= 25 | BMI >= 30 | diagnosis of obesity
low body mass index | BMI < 18.5
high total cholesterol | cholesterol >= 200 mg/dL | cholesterol >= 240 mg/dL | diagnosis of hyperlipidemia
high ldl cholesterol | LDL >= 130 mg/dL | LDL >= 160 mg/dL
high body temperature | temperature >= 38 °C | temperature >= 39 °C | diagnosis of fever
low oxygen saturation | oxygen saturation < 90 % | oxygen saturation < 94 %
low glomerular filtration rate | eGFR < 60 | eGFR < 30
high heart rate | heart rate > 100 bpm | heart rate > 120 bpm
low heart rate | heart rate < 60 bpm | heart rate < 50 bpm
low platelet count | platelets < 150 x10^9/L | platelets < 50 x10^9/L
high body weight | weight > 100 kg | weight > 120 kg
"""
