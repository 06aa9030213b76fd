"""Units as people write them: UCUM's first; the longest is found first.

UCUM is case-sensitive, people are not; what is written is compared without case.
"""

from typing import Final

UNITS: Final = """
% | percent | per cent | pct
mm[Hg] | mmhg | mm hg | millimeters of mercury | mm of mercury | torr
mg/dL | mg/dl | mg per dl | mg/100ml | milligrams per deciliter
g/dL | g/dl | grams per deciliter
g/L | g/l
mg/L | mg/l
ug/L | ug/l | µg/l | μg/l | mcg/l
ng/mL | ng/ml | nanograms per milliliter
ng/L | ng/l
ng/dL | ng/dl
pg/mL | pg/ml
ug/mL | ug/ml
ug/dL | ug/dl | mcg/dl
mg/g | mg/g
mmol/L | mmol/l | millimoles per liter | mmol per l
umol/L | umol/l | µmol/l | μmol/l | micromol/l | micromoles per liter
nmol/L | nmol/l
pmol/L | pmol/l
mmol/mol | mmol/mol | mmol per mol
meq/L | meq/l
U/L | u/l | units per liter | iu/l
U/mL | u/ml | iu/ml
m[IU]/L | miu/l | mu/l
u[IU]/mL | uiu/ml
10*9/L | x10^9/l | 10^9/l | x 10^9/l | 10*9/l | x109/l | 10e9/l | g/l of cells
10*3/uL | x10^3/ul | 10^3/ul | 10*3/ul | k/ul | thousand/ul | x10^3/µl
10*12/L | x10^12/l | 10^12/l
mL/min | ml/min
mL/min/{1.73_m2} | ml/min/1.73m2 | ml/min/1.73 m2 | ml/min/1.73m^2 | ml/min per 1.73 m2
kg/m2 | kg/m2 | kg/m^2 | kg/m² | kg per m2 | kg per square meter
kg | kg | kilogram | kilograms | kgs | kilo | kilos
g | gram | grams
mg | mg | milligram | milligrams
[lb_av] | lb | lbs | pound | pounds
[stone_av] | stone | stones
[oz_av] | oz | ounce | ounces
m | m | meter | meters | metre | metres
cm | cm | centimeter | centimeters | centimetre | centimetres
mm | mm | millimeter | millimeters | millimetre | millimetres
[in_i] | inch | inches | in.
[ft_i] | ft | feet | foot
Cel | °c | c | degrees celsius | degree celsius | celsius | degrees c | deg c
[degF] | °f | f | degrees fahrenheit | degree fahrenheit | fahrenheit | degrees f | deg f
/min | bpm | beats per minute | /min | per minute | beats/min | breaths per minute
mL | ml | milliliter | milliliters
s | s | sec | second | seconds
ms | ms | msec | millisecond | milliseconds
T | t | tesla
kV | kv | kvp | kilovolt | kilovolts
mA | ma | milliampere
mAs | mas
mGy | mgy
deg | degrees | degree | ° | deg
mm/h | mm/h | mm/hr
s/mm2 | s/mm2
MBq | mbq
Hz | hz
"""
