"""What allergies, vaccines, devices, visits and specimens are called; own words."""

from typing import Final

ALLERGIES: Final = """
peanut | peanuts | groundnut
tree nut | nuts
shellfish
latex
egg
milk | dairy
soy
wheat
pollen | grass pollen | tree pollen
mold
dust mite | house dust
animal dander | cat dander | dog dander
bee venom | bee sting
iodinated contrast | contrast medium | contrast media | iodine contrast
sulfonamide | sulfa | sulfa drugs
"""

IMMUNIZATIONS: Final = """
influenza | influenza vaccine | flu shot | flu vaccine | flu jab | flu vaccination | influenza vaccination
covid-19 | covid vaccine | covid 19 vaccine | covid shot | coronavirus vaccine | covid vaccination | covid 19 vaccination
tetanus | tetanus shot | tetanus vaccine
measles | mmr | mmr vaccine | measles vaccine
pneumococcal | pneumococcal vaccine | pneumonia vaccine
hepatitis b | hepatitis b vaccine
hpv | hpv vaccine
shingles vaccine | zoster vaccine
"""

DEVICES: Final = """
pacemaker | cardiac pacemaker | heart pacemaker
defibrillator | implantable defibrillator | icd device | implantable cardioverter defibrillator
stent
coronary stent
cochlear implant
breast implant
hip prosthesis | artificial hip | hip implant
knee prosthesis | artificial knee | knee implant
insulin pump
catheter | central line
hearing aid
prosthesis
wheelchair
ventilator
artificial heart valve | mechanical valve
"""

ENCOUNTERS: Final = """
inpatient | hospital stay | hospitalization | hospitalisation | admission | hospital admission | inpatient stay | inpatient visit | inpatient encounter | hospital encounter | stay in hospital
emergency | emergency visit | emergency room visit | er visit | ed visit | emergency department visit | emergency room | emergency department | the er | the ed | the emergency room | the emergency department | emergency encounter | emergency admission
ambulatory | outpatient visit | outpatient | ambulatory visit | outpatient encounter | clinic visit | office visit
wellness | wellness visit | check up | checkup | annual physical
icu stay | intensive care | intensive care stay | icu admission | icu | the icu
home visit | home health
"""

SPECIMENS: Final = """
blood sample | blood specimen
urine sample | urine specimen
tissue sample | tissue specimen | biopsy specimen
"""

# Nouns for all events of a kind: the type, and its category where it has one.
KINDS: Final = """
medication | medications | medicine | drug | prescription | medication order | drug order | med | prescribed medication | medication list | pharmaceutical | treatment drug
observation laboratory | lab result | laboratory result | lab | lab value | laboratory value | lab test | laboratory test | blood test | blood work | laboratory measurement | laboratory observation | laboratory data | lab data | lab finding | laboratory finding | lab report
observation vital-signs | vital sign | vital
observation | observation | measurement | clinical observation
condition | diagnosis | condition | problem | problem list | disease | comorbidity | medical condition | illness
procedure | procedure | intervention | surgical history
encounter | encounter | visit | appointment
allergy | allergy | allergic reaction | intolerance | allergy record
immunization | immunization | vaccination | vaccine | immunisation | vaccination record
device | device | implant | medical device
specimen | specimen | sample
document | document | clinical document | clinical note | note
"""
