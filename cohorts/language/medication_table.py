"""What drugs are called, and kinds of them: a line each; own words."""

from typing import Final

MEDICATIONS: Final = """
metformin | glucophage
insulin
insulin glargine | lantus
glipizide
glimepiride
sitagliptin
empagliflozin | jardiance
dapagliflozin
semaglutide | ozempic | wegovy
liraglutide
lisinopril
enalapril
ramipril
losartan
valsartan
candesartan
amlodipine
nifedipine
diltiazem
verapamil
metoprolol
atenolol
bisoprolol
carvedilol
propranolol
hydrochlorothiazide | hctz
furosemide | lasix
spironolactone
digoxin
amiodarone
nitroglycerin | nitroglycerine
hydralazine
clonidine
sacubitril
atorvastatin | lipitor
simvastatin | zocor
rosuvastatin | crestor
pravastatin
ezetimibe
fenofibrate
statin
aspirin | asa | acetylsalicylic acid
clopidogrel | plavix
ticagrelor
warfarin | coumadin
heparin
enoxaparin
apixaban | eliquis
rivaroxaban | xarelto
dabigatran
alteplase | tpa
tranexamic acid
anticoagulant | anticoag | oac | blood thinner | anticoagulation
beta blocker | betablocker | bb
ace inhibitor | acei
diuretic | water pill
antibiotic | abx
antidepressant
antipsychotic
opioid | opiate
steroid | corticosteroid | glucocorticoid
nsaid
chemotherapy drug
immunosuppressant
bronchodilator
contraceptive | birth control pill | oral contraceptive
albuterol | salbutamol | ventolin
salmeterol
fluticasone
budesonide
tiotropium
montelukast
theophylline
omalizumab
prednisone
prednisolone
dexamethasone
methylprednisolone
hydrocortisone
penicillin
amoxicillin
amoxicillin clavulanate | augmentin
ampicillin
azithromycin
clarithromycin
erythromycin
doxycycline
ciprofloxacin
levofloxacin
ceftriaxone
cefuroxime
cephalexin
vancomycin
meropenem
piperacillin
gentamicin
metronidazole
nitrofurantoin
trimethoprim
sulfamethoxazole
clindamycin
rifampicin | rifampin
isoniazid
fluconazole
acyclovir | aciclovir
oseltamivir | tamiflu
remdesivir
ivermectin
hydroxychloroquine | hcq
ibuprofen
naproxen
diclofenac
celecoxib
acetaminophen | paracetamol | tylenol
morphine
morphine sulfate | morphine sulphate
oxycodone
hydrocodone
fentanyl
tramadol
codeine
methadone
buprenorphine
naloxone
gabapentin
pregabalin
amitriptyline
duloxetine
sertraline
fluoxetine
citalopram
escitalopram
venlafaxine
bupropion
mirtazapine
lithium
quetiapine
olanzapine
risperidone
haloperidol
aripiprazole
clozapine
diazepam
lorazepam
alprazolam
zolpidem
melatonin
methylphenidate
valproate | valproic acid
levetiracetam | keppra
lamotrigine
carbamazepine
phenytoin
topiramate
levodopa
donepezil
memantine
sumatriptan
baclofen
interferon
interferon beta
natalizumab
ocrelizumab
fingolimod
glatiramer
methotrexate | mtx
sulfasalazine
leflunomide
azathioprine
cyclosporine | ciclosporin
tacrolimus
mycophenolate
adalimumab | humira
etanercept
infliximab
rituximab
tocilizumab
allopurinol
febuxostat
colchicine
alendronate | alendronic acid
zoledronic acid
denosumab
calcium carbonate
vitamin d
vitamin b12
folic acid
iron supplement | ferrous sulfate
levothyroxine | thyroxine
methimazole
estradiol
estrogen
progesterone
testosterone
tamoxifen
letrozole
anastrozole
trastuzumab | herceptin
pembrolizumab | keytruda | pembro
nivolumab | nivo
ipilimumab | ipi
bevacizumab | avastin
cisplatin
carboplatin
oxaliplatin
paclitaxel
docetaxel
doxorubicin
cyclophosphamide
vincristine
etoposide
gemcitabine
fluorouracil
capecitabine
temozolomide
irinotecan
pemetrexed
imatinib
erlotinib
osimertinib
sorafenib
sunitinib
leuprolide
bicalutamide
enzalutamide
abiraterone
omeprazole
pantoprazole
esomeprazole
ranitidine
famotidine
ondansetron
metoclopramide
loperamide
proton pump inhibitor | ppi
tamsulosin
finasteride
sildenafil
oxybutynin
cetirizine
loratadine
diphenhydramine
epinephrine | adrenaline
norepinephrine
potassium chloride
sodium bicarbonate
propofol
ketamine
midazolam
gadolinium
gadobutrol
iohexol
"""
