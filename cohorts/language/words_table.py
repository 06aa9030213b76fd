"""The small words of questions: what they do, and which of them say nothing."""

from typing import Final

# Read past without being told of: a closed list.
STOP: Final = frozenset(
    """a an the all any every each of some that this those these there here is are was were be
    been being am do does did done doing has have had having will would could should can may
    might must please kindly me i we you my our us it its he she they them him her his their
    who whom which what where when how to for from in on at by with as into onto via and
    also too both just only even ever already so such then if please need want would like
    give get show list find fetch retrieve return display export pull select identify provide
    search look tell see view extract download collect bring present report-of using use used
    within during over about documented confirmed known recorded registered available existing
    stored held found seen performed made taken acquired obtained carried out done received
    underwent undergone ordered ongoing time point date day s t related associated corresponding
    respective accompanying belonging linked connected matching relevant concerned including
    whose whom own hospital-s database system records record data entire whole complete full
    together along plus further furthermore moreover additionally additional well currently
    present active one ones case cases anyone someone people everybody still presence
    evidence signs sign form type kind sort level levels value values reading readings result
    results measurement measurements test tests number numbers total amount once
    based regarding concerning respect case having suffer suffers suffered suffering living
    i'm i've i'd we're we've we'd it's exist exists happened happen occurred occur occurring taking place took takes showing shows
    shown equal equals reported thing things question criteria criterion cohort group
    belong belongs let lets know okay ok thanks thank go goes measured noted code codes""".split()
)

# Common words that are no typo of something else.
COMMON: Final = frozenset(
    """about above across after again against almost alone along although always among another
    anything around because become before began begin behind below beside better between beyond
    bring called cannot change changed check clear close common contain could country course
    cover doctor during early earlier effect either enough entire every example except exactly
    family father female first follow following former found frequent general given great group
    heard heart house human image images include including instead inside island large later
    least leave level light likely little local longer lower makes making matter maybe means
    might minor mixed model moment months more morning mostly mother mouth moved music names
    never night north nothing notice number nurse object offer office often order other others
    outside paper parent patient people perhaps period person place plane plant point possible
    power present press private problem process product project public quality question quick
    quite range rather reach ready really reason received recent record regular relation remain
    repeat report request research result return right river round rules sample scale school
    score second section seem sense series serve service seven several shape share short should
    shown sides similar simple since single small social some sound source south space special
    speech spent staff stage stand start state status still stock store story street strong
    study style subject such sudden summer support sure surface system table taken takes taste
    teach terms their there these thick thing think third those though three through times today
    together total touch toward track trade train treat trial tried trouble truth under union
    unit until upper usual value various version visit voice wanted watch water wheel where
    which while white whole whose width winter within without woman women words world worse
    would write wrong weighted weighting years young turned turning reached slice slices healthy sick weather
    living person scoring forth total partial conclusion impression section morning
    evening afternoon colleague colleagues grant""".split()
)

# Words that are right as they stand, though they look like those of our tables.
RIGHT: Final = frozenset(
    """cancel cancels injection injections lasted expect expects static rejection
    rejections decreased newer denial median accidental detect detects detected strike
    strikes color colors dependency depth plural spelling malacia prolapse threat variant
    variants mediated leading saving daily match matches literal trace traces smart scope
    scopes patch marker markers imagine listen lease estimate estimated grade glade resort
    tasks sorted tiles timer timed trail trait traits track spare stale starving
    suggestion angel attach blend blond bonus bower breadth broker cheat chile choke chokes
    chore chuck collapse contacted contract contracts convention conventional crown danger
    dangerous dancer defeats degenerate divers excerpt expose factory finder finer flame
    funding grapes heading horse housed intentional injury leaking lessons losers loving
    liking microscope mints modal modulation optimal otter phase photo photos pinch
    positional postal prescriber preserve prevented preventing protect purse radio raise
    raises recorder relaxed remove removes resent sheep shine shirt skill skills sleepy
    slick slide slides smoker spain speak species spline staged stall staring stars
    string struck surfer sweep talking tester timers unity waiter whale woods shorten
    associate examine indicate indicated exclude expire operate operating operational
    participate capture reduce reduced related scaled leakage stimulation arthrodesis
    embolisation catheterisation bypasses insufficient pending visual instant manual
    mobile mental metal pedal vocal total rental""".split()
)

# Common words that narrow a name: severe asthma.
NARROWING: Final = frozenset(
    """severe mild acute chronic moderate advanced metastatic primary secondary benign
    malignant bilateral unilateral recurrent persistent congenital idiopathic progressive
    relapsing refractory terminal stable unstable left right anterior posterior lateral
    medial proximal distal minor major small large upper lower light white cold sick mixed
    sudden early late adult family""".split()
)

# Words that say how something is, was or went; no name has them.
SAYING: Final = frozenset(
    """response respond effect success improvement benefit relief control need plan
    order referral refusal risk concern complaint mention indication reason outcome
    follow-up followup compliance adherence access consent insurance highest lowest largest smallest biggest longest shortest strongest weakest
    greatest fewest consecutive successive total overall cumulative off out half twice thrice double triple apart away ago later earlier sooner
    longer bigger better worse higher lower more less fewer most least other another
    different rise fall drop gain increase decrease decline change trend newly never
    ever always rarely often sometimes usually mostly mainly nearly almost maybe
    perhaps probably possibly likely unlikely potential possible probable suspicion
    suspect suspected whether despite though although unless because until except
    besides instead versus vs not no nor without within due daily weekly monthly
    yearly annually hourly per responder responders nonresponder dose doses dosage
    mg times time visit visits year month week day hour minute decade quarter ever
    again back else compared average mean median maximum minimum peak nadir baseline
    delta ratio age ages aged old young same similar next previous previously prior
    past since before after during between among around near close against toward
    upon somebody nobody nothing something anything everything somewhere lbs kgs
    unit units""".split()
)

# Participles that are parts of names: a ruptured aneurysm.
PARTICIPLES: Final = frozenset(
    """ruptured herniated displaced impacted dilated uncontrolled controlled
    complicated advanced localized localised unresectable resected disseminated
    shattered crushed cracked burned
    fixed inherited acquired unexplained perforated strangulated incarcerated
    infected inflamed torn pulled prolapsed frozen enlarged swollen broken fractured
    dislocated sprained clotted blocked narrowed calcified metastasized
    differentiated undifferentiated mixed limited extended delayed combined
    sustained unprovoked provoked induced related associated mediated resistant
    bleeding vomiting scarring wasting wheezing whooping squinting drooping shingles
    sleeping tingling itching blistering scalded septated conditioned isolated
    undescended attenuated pegylated conjugated liposomal esterified vested weakened""".split()
)

# How words end that are names of diseases, procedures and drugs.
MEDICAL_ENDINGS: Final = tuple(
    """itis osis oses asis oma omas emia aemia pathy plegia algia rrhea rrhoea
    rrhage cele ectasis sclerosis trophy plasia penia uria edema oedema phobia
    megaly thorax ectomy otomy ostomy plasty scopy graphy centesis desis pexy lysis
    therapy ism asthenia spasm itides uresis ataxia apnea pnoea pnea opia phagia
    phasia somnia glia kinesia tonia mania phrenia iasis ectasia malacia stomia
    taxia phoria cythemia philia lithiasis genesis mab nib statin pril sartan olol
    azole cillin mycin floxacin vir parin gliptin gliflozin glutide caine zepam
    toxin ptosis virus syndrome disease disorder deficiency infection lesion
    degeneration dystrophy insufficiency failure fracture tear rupture injury pain
    ulcer cyst abscess cancer tumor tumour leukemia metastases anomaly palsy block
    defect dysfunction dissection stenosis obstruction bleeding bleed hemorrhage
    haemorrhage effusion embolism reflux prolapse resection repair transplant
    implant graft replacement biopsy surgery fever rash poisoning overdose headache
    ache arrest shock attack seizure dementia""".split()
)

COMMANDS: Final = frozenset(
    """give show list find fetch get retrieve return display export pull select identify provide
    extract download collect need want see view search""".split()
)

PEOPLE: Final = """
 | patient | person | veteran | people | individual | subject | anyone | anybody | everyone | everybody | someone | participant | case patient | human | client | those | inhabitant | folk | pt population
female | woman | women | lady | gal | female patient | females | female | female person | female subject | female individual
male | man | men | gentleman | gentlemen | male patient | male | male person | male subject | male individual | guy | gent | bloke
"""

# Groups by age: from, to (in full years), and the gender.
AGE_GROUPS: Final = """
child | 0 17 | child | children | kid | pediatric patient | paediatric patient | underage patient | pediatric | paediatric
adult | 18 0 | adult | adult patient | grown up
adolescent | 13 19 | teenager | teen | adolescent | teenage patient
girl | 0 17 female | girl
boy | 0 17 male | boy
infant | 0 0 | infant | baby | newborn | neonate
quinquagenarian | 50 59 | quinquagenarian
sexagenarian | 60 69 | sexagenarian
septuagenarian | 70 79 | septuagenarian
octogenarian | 80 89 | octogenarian
nonagenarian | 90 99 | nonagenarian
centenarian | 100 0 | centenarian
"""

NUMBERS: Final = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen"
        " fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS: Final = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
DECADES: Final = {
    word: 10 * number
    for number, word in enumerate(
        "twenties thirties forties fifties sixties seventies eighties nineties".split(),
        start=2,
    )
}
ORDINALS: Final = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
SEASONS: Final = frozenset("spring summer autumn fall winter".split())

# Units of time: the letter of ISO 8601 and how many of it.
SPANS: Final = {
    **dict.fromkeys(("day", "days", "d"), ("D", 1)),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), ("W", 1)),
    **dict.fromkeys(("fortnight", "fortnights"), ("W", 2)),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths"), ("M", 1)),
    **dict.fromkeys(("quarter", "quarters"), ("M", 3)),
    **dict.fromkeys(("year", "years", "yr", "yrs", "y"), ("Y", 1)),
    **dict.fromkeys(("decade", "decades"), ("Y", 10)),
}
