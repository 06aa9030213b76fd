"""What conditions are called: a line each, the name that is asked for first.

Own words; no code system was copied.
"""

from typing import Final

CONDITIONS: Final = """
diabetes mellitus | diabetes | dm | sugar disease | diabetic
type 1 diabetes mellitus | type 1 diabetes | diabetes type 1 | t1dm | t1d | type i diabetes | juvenile diabetes | insulin dependent diabetes | diabetes mellitus type 1 | dm1 | dm type 1 | type 1 dm | iddm
type 2 diabetes mellitus | type 2 diabetes | diabetes type 2 | t2dm | t2d | type ii diabetes | adult onset diabetes | diabetes mellitus type 2 | niddm | dm2 | dm type 2 | type 2 dm
gestational diabetes | diabetes in pregnancy
prediabetes | pre diabetes | borderline diabetes
diabetic retinopathy | diabetic eye disease
diabetic nephropathy | diabetic kidney disease
diabetic neuropathy
diabetic foot ulcer | diabetic foot
diabetic ketoacidosis | dka
hypertension | high blood pressure | htn | hypertensive disorder | arterial hypertension | hypertensive | raised blood pressure | elevated blood pressure
pulmonary hypertension | pulmonary arterial hypertension
hypotension | low blood pressure
preeclampsia | pre eclampsia | eclampsia
hyperlipidemia | high cholesterol | hyperlipidaemia | dyslipidemia | elevated cholesterol | high lipids
hypercholesterolemia | hypercholesterolaemia
hypertriglyceridemia
stroke | cva | cerebrovascular accident | brain attack | apoplexy | cerebral infarction
ischemic stroke | ischaemic stroke
hemorrhagic stroke | haemorrhagic stroke
transient ischemic attack | tia | mini stroke | ministroke | transient ischaemic attack
intracranial hemorrhage | brain bleed | brain hemorrhage | intracerebral hemorrhage | cerebral hemorrhage | brain haemorrhage
subarachnoid hemorrhage | subarachnoid haemorrhage
subdural hematoma | subdural haematoma | subdural hemorrhage
brain aneurysm | cerebral aneurysm | intracranial aneurysm
traumatic brain injury | tbi
concussion
myocardial infarction | heart attack | mi | cardiac infarction | ami | acute myocardial infarction
stemi | st elevation myocardial infarction
nstemi
coronary artery disease | cad | coronary heart disease | chd | ischemic heart disease | ischaemic heart disease | coronary disease
angina | angina pectoris
acute coronary syndrome
heart failure | cardiac failure | cardiac insufficiency
heart failure with reduced ejection fraction | hfref
heart failure with preserved ejection fraction | hfpef
congestive heart failure | chf | congestive cardiac failure
atrial fibrillation | afib | a fib | af | atrial fib | auricular fibrillation
atrial flutter
arrhythmia | irregular heartbeat | cardiac arrhythmia | heart rhythm disorder
ventricular tachycardia
cardiac arrest
cardiomyopathy
myocarditis
pericarditis
endocarditis
aortic stenosis
mitral regurgitation | mitral insufficiency
mitral stenosis
heart disease | cardiac disease | cardiovascular disease
congenital heart disease | congenital heart defect
aortic aneurysm
abdominal aortic aneurysm | aaa
aortic dissection
peripheral artery disease | pad | peripheral arterial disease | peripheral vascular disease | pvd
deep vein thrombosis | clot in the leg | blood clot in the leg | dvt | deep venous thrombosis | leg clot | blood clot in the leg
pulmonary embolism | pulmonary embolus | lung embolism | lung clot | blood clot in the lung | pulmonary emboli | pulmonary thromboembolism
thrombosis | blood clot
varicose veins | varicose vein
vasculitis
atherosclerosis | hardening of the arteries
carotid stenosis | carotid artery stenosis
chronic obstructive pulmonary disease | copd | chronic obstructive lung disease
asthma | athsma | asthmatic | bronchial asthma
emphysema
bronchitis
chronic bronchitis
bronchiectasis
pneumonia | lung infection | chest infection
viral pneumonia
pneumothorax | collapsed lung
pleural effusion | fluid on the lung | water on the lung
pulmonary fibrosis | lung fibrosis
idiopathic pulmonary fibrosis | ipf
interstitial lung disease | ild
pulmonary edema | pulmonary oedema
pulmonary nodule | lung nodule | nodule of lung
sarcoidosis
cystic fibrosis
tuberculosis | tb | consumption disease
sleep apnea | sleep apnoea | obstructive sleep apnea | osa
respiratory failure
acute respiratory distress syndrome | ards
covid-19 | covid | covid 19 | coronavirus disease | sars cov 2 infection | coronavirus | corona
long covid | post covid syndrome
influenza | flu | the flu
common cold
sinusitis
pharyngitis | sore throat
tonsillitis
otitis media | ear infection | middle ear infection
lung cancer | lung carcinoma | cancer of the lung | carcinoma of the lung | lung malignancy | lung tumor | lung tumour | bronchial carcinoma | pulmonary carcinoma
non-small cell lung cancer | nsclc | non small cell lung carcinoma | non small cell carcinoma of lung
small cell lung cancer | sclc | small cell carcinoma of lung | small cell lung carcinoma
mesothelioma
breast cancer | breast carcinoma | cancer of the breast | mammary carcinoma | breast malignancy | carcinoma of the breast | mamma carcinoma
ductal carcinoma in situ | dcis
prostate cancer | prostate carcinoma | cancer of the prostate | prostatic cancer | carcinoma of the prostate | prostatic carcinoma
colon cancer | cancer of the colon | colon carcinoma | colon tumor | colon tumour | bowel cancer
colorectal cancer | crc | colorectal carcinoma
rectal cancer | cancer of the rectum
pancreatic cancer | cancer of the pancreas | pancreas cancer | pancreatic carcinoma | pancreatic adenocarcinoma
liver cancer | cancer of the liver | hepatic cancer
hepatocellular carcinoma | hcc | hepatoma
cholangiocarcinoma | bile duct cancer
gallbladder cancer
gastric cancer | stomach cancer | cancer of the stomach
esophageal cancer | oesophageal cancer | cancer of the esophagus
bladder cancer | cancer of the bladder | bladder carcinoma
kidney cancer | renal cancer | cancer of the kidney
renal cell carcinoma | rcc
ovarian cancer | cancer of the ovary | ovary cancer
cervical cancer | cancer of the cervix
endometrial cancer | uterine cancer | cancer of the uterus
testicular cancer | cancer of the testis
thyroid cancer | cancer of the thyroid | thyroid carcinoma
skin cancer
melanoma | malignant melanoma
basal cell carcinoma
squamous cell carcinoma
brain tumor | brain tumour | brain cancer | cancer of the brain
glioblastoma | gbm | glioblastoma multiforme
glioma
high grade glioma | high-grade glioma
low grade glioma | low-grade glioma
astrocytoma
meningioma
medulloblastoma
pituitary adenoma
acoustic neuroma | vestibular schwannoma
neuroblastoma
osteosarcoma | osteogenic sarcoma
ewing sarcoma | ewings sarcoma
chondrosarcoma
soft tissue sarcoma
sarcoma
bone cancer | cancer of the bone | bone tumor
leukemia | leukaemia | blood cancer
acute myeloid leukemia | aml
acute lymphoblastic leukemia | acute lymphocytic leukemia
chronic lymphocytic leukemia | cll
chronic myeloid leukemia | cml
lymphoma
hodgkin lymphoma | hodgkins lymphoma | hodgkin disease | hodgkins disease | hodgkin's lymphoma | hodgkin's disease
non-hodgkin lymphoma | non hodgkins lymphoma | nhl | non hodgkin's lymphoma
large b cell lymphoma | diffuse large b cell lymphoma | dlbcl
multiple myeloma | myeloma
head and neck cancer
laryngeal cancer | throat cancer
oral cancer | mouth cancer
neuroendocrine tumor | neuroendocrine tumour
carcinoid tumor
wilms tumor | nephroblastoma
retinoblastoma
cancer | malignancy | malignant neoplasm | malignant disease | malignant tumor
neoplasm | tumor | tumour | mass lesion
metastasis | metastatic disease | metastatic cancer
brain metastasis | brain mets
liver metastasis | liver mets
bone metastasis | bone mets
lung metastasis
polyp
colon polyp | colonic polyp | polyp of colon
anemia | anaemia
iron deficiency anemia | iron deficiency
sickle cell disease | sickle cell anemia
thalassemia
hemophilia | haemophilia
thrombocytopenia
neutropenia
polycythemia
sepsis | septicemia | blood poisoning | septicaemia
septic shock
hiv | hiv infection | aids | human immunodeficiency virus
hepatitis
hepatitis b
hepatitis c
malaria
lyme disease
meningitis
encephalitis
cellulitis
abscess
osteomyelitis
urinary tract infection | uti | bladder infection
cystitis
pyelonephritis | kidney infection
chronic kidney disease | ckd | chronic renal disease | chronic renal failure | chronic kidney failure | chronic renal insufficiency
end-stage renal disease | esrd | end stage kidney disease | kidney failure | end stage renal failure
acute kidney injury | aki | acute renal failure | acute kidney failure
kidney disease | renal disease | nephropathy
kidney stone | renal calculi | kidney calculi | kidney calculus | nephrolithiasis | renal calculus | renal stone | urolithiasis
hydronephrosis
polycystic kidney disease
glomerulonephritis
nephrotic syndrome
benign prostatic hyperplasia | bph | enlarged prostate | prostate enlargement
prostatitis
erectile dysfunction
infertility
endometriosis
uterine fibroid | fibroid
polycystic ovary syndrome | pcos
ovarian cyst
pregnancy | pregnant
miscarriage
menopause
cirrhosis | liver cirrhosis | cirrhosis of the liver
fatty liver disease | fatty liver | nafld | hepatic steatosis | non alcoholic fatty liver disease
liver disease | hepatic disease
liver failure
portal hypertension
gallstone | cholelithiasis | gall stone
cholecystitis
pancreatitis
acute pancreatitis
chronic pancreatitis
appendicitis
diverticulitis
diverticulosis
crohn disease | crohn | crohns disease | crohn's disease | crohn's
ulcerative colitis | uc
inflammatory bowel disease | ibd
irritable bowel syndrome | ibs
celiac disease | coeliac disease
gastritis
gastroesophageal reflux disease | gerd | acid reflux | reflux disease | heartburn
peptic ulcer | stomach ulcer | gastric ulcer
gastrointestinal bleeding | gi bleed | gi bleeding
bowel obstruction | intestinal obstruction
short bowel syndrome
hernia
inguinal hernia
hiatal hernia
hemorrhoids | haemorrhoids
constipation
diarrhea | diarrhoea
multiple sclerosis | disseminated sclerosis
parkinson disease | parkinson | parkinsons disease | parkinson's disease | parkinson's | parkinsons
alzheimer disease | alzheimer | alzheimers disease | alzheimer's disease | alzheimer's | alzheimers
dementia
epilepsy | seizure disorder | epileptic
seizure
migraine
headache
amyotrophic lateral sclerosis | als | motor neuron disease
huntington disease | huntington's disease
myasthenia gravis
guillain barre syndrome
neuropathy | peripheral neuropathy
hydrocephalus
cerebral palsy
spinal stenosis
sciatica
vertigo
syncope | fainting
narcolepsy
insomnia
depression | depressive disorder
major depressive disorder | major depression
anxiety | anxiety disorder
bipolar disorder
schizophrenia
ptsd | post traumatic stress disorder
adhd | attention deficit hyperactivity disorder
autism | autism spectrum disorder
alcohol dependence | alcoholism | alcohol abuse | alcoholic
opioid use disorder | opioid addiction | drug overdose
eating disorder
anorexia
bulimia
suicide attempt
osteoporosis
osteopenia
osteoarthritis | arthrosis | degenerative joint disease
rheumatoid arthritis
arthritis
psoriatic arthritis
gout
ankylosing spondylitis
systemic lupus erythematosus | lupus | sle
fibromyalgia
scleroderma
polymyalgia rheumatica
giant cell arteritis
sjogren syndrome
scoliosis
low back pain | lower back pain
back pain | backache
chronic pain
neck pain
chest pain
abdominal pain
knee pain
shoulder pain
herniated disc | disc herniation | slipped disc | prolapsed disc
fracture | broken bone | bone fracture
hip fracture | broken hip | fracture of the hip | femoral neck fracture
wrist fracture | broken wrist | fracture of the wrist | distal radius fracture
ankle fracture | broken ankle
rib fracture | broken rib
vertebral fracture | spine fracture | compression fracture
femur fracture | fracture of the femur | broken femur
forearm fracture | broken arm | arm fracture | broken forearm
clavicle fracture | broken collarbone
skull fracture
leg fracture | broken leg
meniscus tear | torn meniscus | meniscal tear
acl tear | anterior cruciate ligament tear | torn acl
rotator cuff tear | torn rotator cuff
ankle sprain | sprained ankle | sprain of ankle
tendinitis | tendonitis
carpal tunnel syndrome
plantar fasciitis
dislocation
burn
laceration
injury | trauma
psoriasis
eczema | atopic dermatitis
dermatitis
acne
urticaria | hives
rosacea
shingles | herpes zoster
glaucoma
cataract
macular degeneration
retinal detachment
conjunctivitis
hearing loss
tinnitus
obesity | obese
overweight
malnutrition
hypothyroidism | underactive thyroid
hyperthyroidism | overactive thyroid
graves disease
hashimoto thyroiditis
thyroid nodule
goiter
addison disease
cushing syndrome
acromegaly
vitamin d deficiency
hypoglycemia | low blood sugar
hyperglycemia | high blood sugar
hyperkalemia
hypokalemia
hyponatremia
hypernatremia
hypercalcemia
dehydration
metabolic syndrome
hemochromatosis
down syndrome | trisomy 21
marfan syndrome
turner syndrome
tuberous sclerosis
neurofibromatosis
old myocardial infarction
high risk pregnancy
ectopic pregnancy
allergic rhinitis | hay fever
food allergy
anaphylaxis
fever
fall | falls | fall accident
cough
nausea
fatigue
shortness of breath | dyspnea | dyspnoea
edema | oedema | swelling
weight loss
"""
