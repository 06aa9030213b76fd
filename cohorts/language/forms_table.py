"""How names end, or which words they end with, that tell what they are; own lists."""

from typing import Final

PROCEDURES: Final = tuple(
    """ectomy otomy ostomy plasty scopy centesis desis pexy tripsy ectomies otomies
    ostomies plasties scopies rrhaphy embolization embolisation""".split()
)
"""How procedures end."""

PROCEDURE_HEADS: Final = frozenset(
    """resection biopsy transplant transplantation surgery operation repair bypass
    ablation excision implantation replacement reconstruction fusion fixation
    decompression ligation debridement drainage amputation aspiration
    catheterization catheterisation embolization embolisation
    arthrodesis graft grafting transfusion dilation dilatation
    incision osteosynthesis enucleation stimulation lavage curettage""".split()
)
"""Words that make a procedure of what stands before them."""

DRUGS: Final = tuple(
    """mab nib cillin statin pril sartan azole mycin micin platin rubicin taxel olol
    dipine gliptin gliflozin glutide parin floxacin cycline vir setron triptan zepam
    zolam oxetine tidine thiazide semide lukast terol tropium fibrate dronate coxib
    profen xaban gatran grel famide phosphamide mustine zolomide lidomide lutamide
    trexate trexed citabine arabine poside cristine blastine tecan ciclib parib zomib
    lisib ercept acept relin relix penem fungin quine apine idone triptyline ipramine
    afil leukin kinra glitazone prazole barbital caine""".split()
)
"""How drugs end."""

NO_DRUGS: Final = frozenset(
    """intercept april elixir reservoir souvenir peptide alpine vaccine cocaine quine
    somatostatin cephalic cephalad cephalgia""".split()
)
"""What ends so and is no drug."""

MEASURES: Final = frozenset(
    """level levels count counts titre titres titer titers score scores index ratio scale
    concentration percentage fraction rate clearance saturation status pressure volume
    density velocity grade""".split()
)
"""Words that make a measurement of what stands before them."""
