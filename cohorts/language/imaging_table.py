"""What images are called: modalities, parts of the body, makers; own words.

The codes of modalities are DICOM PS3.3 C.7.3.1.1.1; radiographs are CR or DX.
"""

from typing import Final

MODALITIES: Final = """
CT | ct | cat scan | computed tomography | computer tomography | ct scan | computed tomography scan | cat scanning | computerized tomography | computed axial tomography | tomography | ct angiogram | ct angiography | cta | ct angio | hrct
MR | mri | mr | magnetic resonance imaging | magnetic resonance | nuclear magnetic resonance | mri scan | mr scan | mr imaging | magnetic resonance tomography | magnetic resonance image | mra | mr angiogram | mr angiography | mri angiogram | mri angiography
US | ultrasound | us | sonogram | sonography | ultrasonography | ultrasonogram | ultrasound scan | echography | us scan | doppler
CR DX | x ray | xray | xr | radiograph | plain film | plain radiograph | radiography | conventional radiograph | roentgenogram | roentgen | plain x ray | x ray film
PT | pet | positron emission tomography | pet scan
MG | mammogram | mammography | mammographic image
NM | nuclear medicine | scintigraphy | scintigram | bone scan | nuclear scan | spect
XA | angiogram | angiography | x ray angiography | catheter angiography
RF | fluoroscopy | fluoroscopic image | radiofluoroscopy
PT CT | pet ct | pet ct scan
PT MR | pet mri | pet mr
OT | other modality
SC | secondary capture
SR | structured report
SEG | segmentation
RTDOSE | rt dose
RTPLAN | rt plan
RTSTRUCT | rt structure set | rt struct
SM | slide microscopy | whole slide image | pathology slide
ES | endoscopy image
OP | ophthalmic photograph | fundus photograph | fundus photo
OPT | optical coherence tomography | ophthalmic tomography
IVUS | intravascular ultrasound
DX | digital radiography
CR | computed radiography
BMD | bone densitometry | dexa | dxa | dexa scan | dxa scan | bone density scan
"""

# A modality together with a part of the body.
EXAMINATIONS: Final = """
US heart | echo | echocardiogram | echocardiography | cardiac ultrasound | heart ultrasound | cardiac echo | transthoracic echocardiogram
CR DX chest | cxr | chest film
MR heart | cardiac mri | cardiac mr | heart mri | cmr
MR bile duct | mrcp
CT coronary artery | coronary ct angiography | ccta | coronary cta
MR breast | breast mri
"""

STUDY_NOUNS: Final = (
    "scan study imaging exam examination image series imaging_study imaging_exam"
    " imaging_examination acquisition image_study radiology_study radiology_exam"
    " radiological_study radiological_examination imaging_scan picture dicom_study"
)

BODY_PARTS: Final = """
chest | thorax | thoracic | chest wall
lung | lungs | pulmonary
heart | cardiac
coronary artery | coronary | coronary arteries
head | cranial
brain | cerebral | intracranial
skull
face | facial
orbit | orbital | eye socket
eye | ocular
ear
nose
sinus | paranasal sinus | sinuses
neck
throat
thyroid | thyroid gland
spine | spinal | vertebral column | backbone | back
cervical spine | c spine | cspine
thoracic spine | t spine
lumbar spine | l spine | lower spine
sacrum | sacral
whole spine
abdomen | abdominal | belly | tummy
pelvis | pelvic
abdomen and pelvis | abdomen pelvis | abdominopelvic
liver | hepatic
gallbladder
bile duct | biliary tract
pancreas | pancreatic
spleen | splenic
kidney | kidneys | renal
adrenal gland | adrenal
bladder | urinary bladder
prostate | prostatic
uterus | uterine
ovary | ovarian
testis | testicle | scrotum | testicular
breast | mammary
stomach | gastric
esophagus | oesophagus
colon | large bowel | bowel
small bowel | small intestine
rectum | rectal
shoulder
upper arm | humerus
arm | upper extremity | upper limb
elbow
forearm
wrist
hand
finger
thumb
hip | hips
thigh | femur
leg | lower extremity | lower limb
knee
lower leg | tibia
ankle
foot | feet
heel | calcaneus
toe
rib | ribs
sternum
clavicle | collarbone
scapula
jaw | mandible
tooth | teeth | dental
tongue
aorta | aortic
carotid artery | carotid
pulmonary artery
whole body | full body | entire body
pituitary gland | pituitary
temporomandibular joint | tmj
mediastinum | mediastinal
lymph node
skin
bone
bone marrow
muscle
"""

MAKERS: Final = (
    "siemens philips toshiba canon hitachi fujifilm fuji samsung agfa carestream"
    " hologic varian shimadzu konica kodak mindray esaote elekta neusoft sectra"
    " imatron picker marconi elscint hyperfine bruker"
    " ge ge_healthcare ge_medical_systems united_imaging siemens_healthineers"
)
