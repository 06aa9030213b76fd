"""Words that join the others: what opens a group, denies, counts, picks, relates."""

from typing import Final

_TABLE: Final = """
open | with | scanned with | imaged with | scanned by | imaged by | scanned using | imaged using | who | that | whose | which have | who'd had | who'd | who've | who've had | they've had | visited | who visited | attended | which has | which had | having | have | has | had | where | in whom | have had | has had | have got | got | who have | who had | that have | featuring | showing | exhibiting | with a history of | who were | containing images
slot medication | taking | take | takes | took | taken | prescribed | receiving | receive | received | receives | given | treated with | being treated with | under treatment with | using | put on | started on | exposed to | administered | was given | were given | medicated with | on treatment with | on therapy with | dispensed | on | who use | prescription of | prescriptions of | prescription for | prescriptions for
stopped | stopped | discontinued | stopped taking | quit taking | ceased taking | discontinued taking | taken off | came off | no longer on | no longer taking | no longer takes | no longer take | who stopped taking | have stopped taking | has stopped taking | had stopped taking | have stopped | has stopped | have discontinued | has discontinued
slot condition | diagnosed with | diagnosis of | diagnoses of | a diagnosis of | history of | a history of | history | suffering from | suffer from | suffers from | suffered from | suffered | affected by | presenting with | presented with | living with | afflicted with | positive for | known for | due to | because of | treated for | coded | coded as | coded with | diagnosis code of | diagnosis code | tested positive for | diagnosed as | diagnosed | developed | develop | develops | developing | contracted | recorded diagnosis of | new diagnosis of | admitted for | admitted with | known to have | diagnosed as having | carrying a diagnosis of | who got | got diagnosed with | onset of
slot procedure | underwent | undergo | undergone | undergoing | operated on for | who underwent | have undergone | has undergone | had undergone
slot allergy | allergic to | allergy to | allergies to | intolerant to | hypersensitive to | intolerance to | an allergy to | with allergy to
slot immunization | vaccinated against | vaccinated for | immunized against | immunised against | vaccinated with | inoculated against | vaccine against | vaccination against | immunization against | immunized for
start | starting | started | starts | initiating | initiated | initiation of | beginning | began | begin | the start of | start of | commencing | commenced | first dose of | beginning of | the beginning of | the initiation of | started taking | starting on | started treatment with
admitted | admitted | hospitalized | hospitalised | admitted to hospital | admitted to the hospital | inpatients | hospital admitted | were admitted | was admitted | been admitted | been hospitalized
dead | died | dead | no longer alive | not alive | not living | no longer living | are not alive | deceased | passed away | death | die | who died | have died | has died | had died | expired | succumbed
alive | survived | survive | survives | survivors | alive | still alive | surviving | are alive | living | still living | not deceased | not dead
born | born | birth year | year of birth | date of birth | born in the year
mention | mention | mentions | mentioned | mentioning | contain | contains | containing | say | says | saying | state | states | stating | describe | describes | describing | note | notes | noting | contains the phrase | contains the word | contains the words | containing the phrase | containing the word | includes the phrase | includes the word | include the phrase | include the word | include the words | includes the words | including the words | containing the words | including the phrase | including the word | with the phrase | with the word | with the words | the word | the words | the phrase | the term | word | phrase | term | the text | mentions the word | mention the word | mention of | mentions of | refers to | refer to | referring to | includes | reads | talks about | talk about | speaks of | indicates | indicate | indicating | suggests | suggest | suggesting | shows | text contains | text mentions | contain the phrase | contain the word | contain the words | mentions the phrase | matching the phrase | matching the text | notes that
not | no | not | without | never | none | lacking | lack | lacks | lacked | absent | excluding | exclude | except | except for | except those | except for those | but not those | free of | free from | other than those with | other than | negative for | absence of | the absence of | in the absence of | apart from | not having | do not have | does not have | did not have | have not had | has not had | never had | have never had | has never had | who never had | have no | has no | had no | without any | no evidence of | no history of | without evidence of | without a history of | with no | having no | no record of | without a record of | not on | non | minus | leaving out | devoid of | no sign of | have not been | has not been | ruled out | not any | who are not | with none of | none of | did not undergo | have not undergone | never underwent | not receiving | not taking | do not take | does not take | did not receive | did not take | have never | has never | who never | does not | do not | did not | nobody | nobody with | yet to have | yet to undergo | yet to receive | yet to get | have yet to have | has yet to have | still to have | not yet had | have not yet had | not yet | no known | outside | naive to
off | off
neither | neither
nor | nor | or neither
and | and | & | as well as | and also | plus | in addition to
or | or | and or | or else | alternatively
but | but | however | yet | although | while | whereas
notboth | but not both | not both | but not both of them
either | either
both | both
their | their | his | her | hers | theirs
prep | of | in | for | from | at | by | to | among | amongst | belonging to | regarding | into | within
count | how many | number of | the number of | count | count of | the count of | what number of | total number of | how many different | number
first | first | earliest | initial | first ever | very first | oldest
last | last | latest | most recent | newest | most recently | most current
anyof | any of | one of | at least one of | any one of | one or more of | either of | any of the following | one of the following
allof | all of | all of the following | each of
several | a couple of | couple of | a couple | multiple | more than one | repeated | repeat | two or more different
once | once
twice | twice
thrice | thrice | three times
report | report | reports | radiology report | radiology read | radiology reads | radiology reports | imaging report | imaging reports | radiological report | radiological reports | diagnostic report | diagnostic reports | report text | report texts | reporting | written report | findings report | image report | image reports | scan report | scan reports | study report | study reports
machine | scanner | scanners | machine | machines | equipment | system | systems | device from | unit | units | hardware | vendor
contrast | contrast | contrast enhanced | contrast medium used | intravenous contrast | iv contrast | with contrast | with iv contrast | with intravenous contrast | contrasted | with contrast agent | post contrast | with contrast enhancement | with contrast media | with contrast medium
plain | without contrast | non contrast | noncontrast | without iv contrast | without intravenous contrast | unenhanced | non contrast enhanced | native | no contrast | without contrast agent | without contrast medium
scanned | scanned | imaged | who were scanned | been scanned | been imaged
instances | instances | images | slices | frames | sop instances | pictures
below | subcodes | its subcodes | descendants | its descendants | including descendants | with descendants | and descendants | child codes | children codes | and its subcodes | or any of its subcodes | and all subcodes | and its children | and all its children | and below | and subcodes | or below | including subcodes | including its subcodes | with subcodes | with its subcodes | and everything below | and everything below it | or its subcodes | or subcodes | or any subcode | and all of its subcodes | and all descendants | and its descendants | or descendants | or its descendants | including all subcodes | with all its subcodes | and any subcode | and subcategories | and its subcategories | family | family of codes | hierarchy | and all codes below | and all codes below it | and all codes under it
creator | creator | private creator | with creator | by creator | of creator | with private creator | from creator | created by
private | private tag | private element | private attribute | private dicom tag | private dicom attribute | private field | private data element | dicom tag | tag | attribute | dicom attribute | dicom element | element | with tag | private tags
site | site | at site | from site | at the site | center | centre | at center | at centre | hospital site | clinic | at hospital
project | project | in project | from project | research project | in the project | of project | in study project
smoke | smoking history | history of smoking | a history of smoking | a smoking history | smoke | smokes | smoking | smoked | who smoke | use tobacco | uses tobacco | tobacco use | tobacco users | smoke cigarettes | currently smoke
unsmoke | non smoker | non smokers | nonsmoker | nonsmokers | do not smoke | does not smoke | not smoking | who do not smoke
neversmoke | never smoked | has never smoked | have never smoked | who never smoked | who have never smoked
exsmoke | quit smoking | stopped smoking | used to smoke | gave up smoking | smoked in the past
ofmodality | modality | of modality | with modality | imaging modality
ofbody | body part | of body part | with body part | anatomical region | body region
unsaid | on admission | at admission | upon admission | on arrival | at presentation | on presentation | at baseline | on discharge | at discharge | upon discharge | per year | per month | per week | per day | each year | each month | every year | every month | every week | every day | every other year | in a row | at night | over the weekend | at weekends | on weekends | on average
unknown | living in | live in | lives in | who live in | residing in | reside in | resident in | who lived in
weighing | weighing | weigh | weighs | weighed
stop | implanted | sessions | session | came | reconstructed | prior | previous | previously | past | ct scanner | please show me | i want | give me | show me | i need | i would like | we want | we need | let me see | tell me | i am looking for | looking for | on record | on file | in the database | in our database | in the system | at our hospital | at our site | here | at any time | at some point | ever | in total | or so | at all | for us | to us | us all | show us | give us | patient list | a list of | list of | a patient | do we have | have we | do you have | are there | is there | there are | there is | what are | what is | which are | were made | were done | were acquired | was acquired | were performed | was performed | has been | have been | had been | being | are being | is being | were being | to have | the following | following | these | those of | of these | of those | time of | a total of | in our hospital | we hold | we have | held here | of interest | same patient | in question | exam documents | for each | of each | of every | of all | for every | for all | for any | of any | in each | from all | from each | the case | as output | as results | together | together with | along with | alongside | accompanied by | including | includes all | including all | with all | with all the | associated | and all | in order to | do they | they take | did they | are on record | have on record | on them | belonging | belonging to them | related to | according to | listed | documented | confirmed | known | established | verified | active | ongoing | current | currently | presently | coexisting | comorbid | underlying | pre existing | preexisting | existing | clinically | also | additionally | furthermore | all those | only those | those | such | did | does | do | is | are | was | were | be | been
"""

# Nouns that are wanted of people, and look for a name of others: "diagnoses of".
OF_PEOPLE: Final = {
    **dict.fromkeys(("diagnosis", "diagnoses"), "condition"),
    **dict.fromkeys(("prescription", "prescriptions"), "medication"),
    **dict.fromkeys(("allergies", "allergy"), "allergy"),
}

PHRASES: Final[dict[tuple[str, ...], tuple[str, str]]] = {}
for _line in _TABLE.strip().splitlines():
    _name, *_phrases = (each.strip() for each in _line.split("|"))
    _kind, _, _value = _name.partition(" ")
    for _phrase in _phrases:
        PHRASES.setdefault(tuple(_phrase.split()), (_kind, _value))
LONGEST: Final = max(map(len, PHRASES))

AT_TIME: Final = tuple(
    sorted(
        (
            tuple(each.split())
            for each in (
                "at the time of,at the time of their,at time of,at the moment of,when diagnosed with,"
                "when they were diagnosed with,when first diagnosed with,at diagnosis of,at first diagnosis of,at initial diagnosis of,at the first diagnosis of,at the initial diagnosis of,at their first diagnosis of,"
                "at the diagnosis of,when they had,when they underwent,when they got,when having,"
                "when undergoing,when they suffered,when he had,when she had,at diagnosis with,"
                "at the onset of,at onset of,when they received,when they developed,"
                "when they first had,at the time they had,when diagnosed,at diagnosis,"
                "at the time of diagnosis,at time of diagnosis,at the time of diagnosis of,"
                "when they were diagnosed,when it was diagnosed,on diagnosis,when they started,"
                "when starting,at the time of starting,at the time of a diagnosis of,"
                "at the time of the diagnosis of,at the time of their diagnosis of,"
                "at their first,at the time of their first,when they were given,"
                "at first,at her first,at his first,at their very first,at their initial,"
                "at the time of first,at time of first,at the time of the first,at the first,"
                "at their first dose of,at first dose of,at their first prescription of,"
                "when they first underwent,when they first received,when they first took,"
                "when first prescribed,when first treated with,when first admitted for,"
                "when they were first diagnosed with,when they were first prescribed,"
                "at their last,at the last,at her last,at his last,at their most recent,"
                "at the time of their last,when they last had,at the time of the last,"
                "when they were first treated with,when he was diagnosed with,"
                "when she was diagnosed with,when first seen with,at the time they got,"
                "at the date of,on the date of,on the day of diagnosis,when the,when a,"
                "at the time when they had,at the time they were diagnosed with"
            ).split(",")
        ),
        key=lambda words: -len(words),
    )
)

SYSTEMS: Final = tuple(
    sorted(
        (
            (tuple(words.split()), system)
            for system, all_ in (
                ("icd", "icd 10,icd10,icd 10 cm,icd10cm,icd,icd 10 code,icd code"),
                ("icd9", "icd 9,icd9,icd 9 cm"),
                ("loinc", "loinc,loinc code"),
                ("rxnorm", "rxnorm,rxcui,rx norm,rx cui,rxnorm code"),
                ("snomed", "snomed,snomed ct,snomedct,sct,snomed code"),
                ("cpt", "cpt,cpt code"),
                ("cvx", "cvx,cvx code"),
                ("radlex", "radlex,radlex code"),
            )
            for words in all_.split(",")
        ),
        key=lambda pair: -len(pair[0]),
    )
)
SYSTEM_OF: Final = {
    "icd": ("http://hl7.org/fhir/sid/icd-10-cm", "condition"),
    "icd9": ("http://hl7.org/fhir/sid/icd-9-cm", "condition"),
    "loinc": ("http://loinc.org", "observation"),
    "rxnorm": ("http://www.nlm.nih.gov/research/umls/rxnorm", "medication"),
    "snomed": ("http://snomed.info/sct", "condition"),
    "cpt": ("http://www.ama-assn.org/go/cpt", "procedure"),
    "cvx": ("http://hl7.org/fhir/sid/cvx", "immunization"),
    "radlex": ("http://radlex.org", "imaging"),
}
