"""What procedures are called: a line each; own words."""

from typing import Final

PROCEDURES: Final = """
chemotherapy | chemo | cytostatic treatment
radiotherapy | xrt | radiation therapy | radiation treatment | irradiation | radiation
immunotherapy
dialysis | hemodialysis | haemodialysis
peritoneal dialysis
surgery | operation | surgical procedure | surgical intervention
biopsy
lung biopsy | biopsy of the lung
liver biopsy | biopsy of the liver
breast biopsy | biopsy of the breast
prostate biopsy | biopsy of the prostate
kidney biopsy | renal biopsy
bone marrow biopsy
colonoscopy
endoscopy
gastroscopy | upper endoscopy | egd
bronchoscopy
cystoscopy
laparoscopy
arthroscopy
sigmoidoscopy
appendectomy | appendicectomy | removal of the appendix | appendix removal | appendix out | appendix removed | appendix taken out | appy | lap appy
cholecystectomy | gallbladder removal | removal of the gallbladder | gallbladder out | gallbladder removed | gallbladder taken out | chole | lap chole
hysterectomy | removal of the uterus
mastectomy
lumpectomy
prostatectomy
nephrectomy
colectomy
splenectomy
thyroidectomy
tonsillectomy
lobectomy | lung resection
pneumonectomy
craniotomy
laminectomy
tracheostomy | trach
gastrectomy
gastric bypass | bariatric surgery | gastric bypass surgery
hernia repair
cesarean section | c section | caesarean section | cesarean | caesarean
vasectomy
coronary artery bypass graft | cabg | bypass surgery | coronary bypass | heart bypass
percutaneous coronary intervention | pci | coronary angioplasty | angioplasty
cardiac catheterization | heart catheterization | cardiac cath
valve replacement | heart valve replacement
aortic valve replacement
cardioversion
ablation | catheter ablation
thrombectomy
thrombolysis
carotid endarterectomy
pacemaker implantation
stent placement | stenting | stent implantation
hip replacement | total hip replacement | hip arthroplasty | tha | thr | total hip arthroplasty
knee replacement | total knee replacement | knee arthroplasty | tka | tkr | total knee arthroplasty
knee surgery
hip surgery
spinal surgery | spine surgery | back surgery
spinal fusion
heart surgery | cardiac surgery | open heart surgery
brain surgery
lung surgery
cataract surgery
amputation
bone marrow transplant | stem cell transplant | bone marrow transplantation
kidney transplant | renal transplant | kidney transplantation
liver transplant | liver transplantation
heart transplant | heart transplantation
lung transplant
transplant | transplantation | organ transplant
blood transfusion | transfusion
mechanical ventilation | ventilation
intubation
resuscitation | cpr
lumbar puncture | spinal tap
electrocardiogram | ecg | ekg | electrocardiography
electroencephalogram | eeg
spirometry
stress test
physical therapy | physiotherapy
physical examination
rehabilitation
psychotherapy
vaccination procedure
skin graft
general anesthesia | general anaesthesia
suture
wound care
casting | cast application
embolization
tumor resection | resection of tumor | tumour resection
"""
