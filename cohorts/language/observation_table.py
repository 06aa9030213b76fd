"""What is measured or observed: a line each; own words."""

from typing import Final

OBSERVATIONS: Final = """
hemoglobin a1c | hba1c | a1c | hb a1c | haemoglobin a1c | glycated hemoglobin | glycosylated hemoglobin | glycated haemoglobin | glycohemoglobin
glucose | blood glucose | blood sugar | sugar level | serum glucose
fasting glucose | fasting blood glucose | fasting blood sugar
hemoglobin | haemoglobin | hgb | hb
hematocrit | haematocrit | hct
platelet count | plt | plts | platelets | thrombocyte count | thrombocytes
white blood cell count | wbc | leukocyte count | white cell count | leukocytes | white blood cells
red blood cell count | rbc | erythrocyte count
creatinine | serum creatinine | blood creatinine
glomerular filtration rate | egfr | gfr | estimated gfr | estimated glomerular filtration rate
urea nitrogen | bun | blood urea nitrogen
urea
uric acid
sodium | serum sodium
potassium | serum potassium
chloride
calcium | serum calcium
magnesium
phosphate
bicarbonate
total cholesterol | cholesterol
ldl cholesterol | ldl | ldl c | low density lipoprotein
hdl cholesterol | hdl | hdl c | high density lipoprotein
triglycerides | triglyceride
alanine aminotransferase | alt | sgpt | alat
aspartate aminotransferase | ast | sgot | asat
alkaline phosphatase | alp
gamma-glutamyl transferase | ggt
bilirubin | total bilirubin
albumin | serum albumin
total protein
lipase
amylase
c-reactive protein | crp
erythrocyte sedimentation rate | esr | sed rate
procalcitonin
lactate
troponin
troponin i
troponin t
natriuretic peptide b | bnp
nt-probnp | nt probnp | probnp
d-dimer | d dimer
inr | international normalized ratio
prothrombin time
ferritin
serum iron
thyroid stimulating hormone | tsh | thyrotropin
free t4
free t3
prostate specific antigen | psa
carcinoembryonic antigen | cea
ca 125
ca 19-9
alpha-fetoprotein | afp
body mass index | bmi
body weight | weight
body height | height | body length
body temperature | temperature
body surface area
waist circumference
heart rate | pulse | pulse rate
respiratory rate | breathing rate | respiration rate
oxygen saturation | spo2 | o2 saturation | o2 sat | saturation
systolic blood pressure | systolic | systolic pressure | sbp | systolic bp
diastolic blood pressure | diastolic | diastolic pressure | dbp | diastolic bp
blood pressure | bp
ejection fraction | ef | lvef | left ventricular ejection fraction
pain score | pain severity
tumor size | tumour size
gleason score
child-pugh score | child pugh
glasgow coma scale | gcs | glasgow coma score
apgar score
fev1
vitamin d level | vitamin d | vit d level | 25 hydroxyvitamin d
vitamin b12 level
urine protein | proteinuria
microalbumin
ketones
ph
cd4 count
viral load
hiv viral load
tobacco smoking status | smoking status
alcohol use status
"""

# Persons by what was observed of them: the observation, its value.
HABITS: Final = """
smoker | smoker
tobacco user | smoker
cigarette smoker | smoker
never smoker | never smoker
lifelong non smoker | never smoker
former smoker | former smoker
ex smoker | former smoker
past smoker | former smoker
previous smoker | former smoker
"""

# What is asked with adjectives of people: the observation.
MEASURES: Final = """
weighing | body weight
weigh | body weight
weighed | body weight
taller | body height
shorter | body height
heavier | body weight
lighter | body weight
"""
