"""Headings, keys, values and items of notes, and what bullets and numbers look like."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations

from random import Random

from jobs.recipes.sentence_texts.marks import END

HEADINGS = """CHIEF COMPLAINT|HISTORY OF PRESENT ILLNESS|PAST MEDICAL HISTORY|
PAST SURGICAL HISTORY|MEDICATIONS|CURRENT MEDICATIONS|ALLERGIES|FAMILY HISTORY|SOCIAL HISTORY|
REVIEW OF SYSTEMS|PHYSICAL EXAM|PHYSICAL EXAMINATION|VITALS|VITAL SIGNS|RESULTS|LABS|
LABORATORY DATA|IMAGING|ASSESSMENT|ASSESSMENT AND PLAN|PLAN|IMPRESSION|HOSPITAL COURSE|
DISCHARGE MEDICATIONS|DISCHARGE DIAGNOSIS|DISCHARGE INSTRUCTIONS|DISPOSITION|PROCEDURES|
INDICATION|FINDINGS|TECHNIQUE|COMPARISON|CONDITION AT DISCHARGE|FOLLOW UP|FOLLOW-UP|
INSTRUCTIONS|SUBJECTIVE|OBJECTIVE|A/P|HPI|PMH|ROS|Case report|Case presentation|Discussion|
Introduction|Conclusion|Background|Abstract|Methods|Patient history|Clinical course|Outcome|
Differential diagnosis|Treatment|Investigations|Consult note|Neck|Respiratory|Cardiovascular|
Head and Face|Musculoskeletal|Integumentary|Neurological|Eyes|Gastrointestinal|Genitourinary|
Psychiatric|Medical|Surgical|Abdomen|Extremities|Skin|HEENT|General|Hypertension|
Type 2 diabetes|Congestive heart failure|Case 1|Case 2|Day 3|Ears, Nose, Mouth and Throat|
Hospital Course by Problem|Reason for Visit|Past Ocular History|Radiology|EKG|Diet|Activity|
FINAL DIAGNOSIS|GROSS DESCRIPTION|MICROSCOPIC DESCRIPTION|SPECIMEN|COMMENT|CLINICAL INFORMATION|
EXAMINATION|CLINICAL HISTORY|CONCLUSION|RECOMMENDATION|PREOPERATIVE DIAGNOSIS|
POSTOPERATIVE DIAGNOSIS|OPERATION|DESCRIPTION OF PROCEDURE|ANESTHESIA|ESTIMATED BLOOD LOSS|
COMPLICATIONS|INDICATIONS|SURGEON|Interval history|Overnight events|Consent|Timeline|Patient 2|
Clinical findings|Diagnostic assessment|Therapeutic intervention|Follow-up and outcomes|
Ethics approval|Patient perspective|Brief Hospital Course|Pertinent Results|Admission Labs|
Home medications|Goals of care|Nutrition|Renal|Infectious disease|Heme/Onc|Endocrine|Wound care|
Problem list|Case 2: a child|Limitations|Return precautions|Social|Immunizations"""
KEYS = """Blood pressure|Heart rate|BP|HR|RR|Temp|SpO2|Weight|Height|BMI|O2 saturation|
Constitutional|Cardiovascular|Respiratory|Gastrointestinal|Neurological|Skin|Tobacco|Alcohol|
Name|DOB|MRN|Date|Provider|Medical Reasoning|Medical Treatment|Additional Testing|
Patient Education and Counseling|Auscultation of Heart|General Examination|WBC|Hgb|Plt|Na|K|Cr|
Examination|Gait|Motor|Lungs|Allergies|Date of admission|Attending|CC|Diagnosis|Specimen|CV|
MSK|Physical therapy|Previous surgery|Neck pain|S|O|A|P|Plan|Imp|Dx|Rx|Tx|HPI|PE|Abd|Ext|Gen|
HEENT|Neuro|Psych|GU|Labs|Imaging|EBL|Drains|Surgeon|Assistant|Access|Contrast|Liver|Spleen|
Kidneys|Bones|Pancreas|Bowel|Right lobe|Left lobe|Margins|Size|Grade|Stage|ER|PR|Disposition|
Condition|Diet|Activity|Follow-up|Code status|Service|Sex|Source|Volume|Adequacy|Consent|
Complications|Specimens|Technique|Comparison|Indication|Impression|Precautions|Goals|Strength|
Oral phase|Left main|LAD|Recommendation|Referring physician|Date of surgery|cc|Note"""
VALUES = """127/80|98.6 F|72 bpm|16|99% on room air|37.2 C|82 kg|24.5|Elevated|Normal|None|
Afebrile|No|Yes|Negative|12.3|9.8 g/dL|150 K/uL|01/02/2020|03/15/1964|Clear bilaterally|
Regular rate and rhythm|Denies chest pain|Unremarkable|Soft, nontender|2018|1.2 mg/dL|
Within normal limits|NKDA|100.4 degrees F|supple, no JVD|no wheezes, rales or rhonchi|
alert and oriented x3|no cyanosis, clubbing or edema|HR 72|T 98.6|O2 sat 98% RA|RR 16|
no focal deficits|regular rhythm, no murmurs|nontender, no masses palpated|stable|home|full|
regular|none known|as tolerated|20 mL|mild|moderate|general|5/5 throughout|2+ and symmetric|
unremarkable|1.4 x 0.9 x 1.1 cm|positive, 90%|pending|see below|< 5 mL|not given|diffusely tender|
negative x 2|3 of 5|grade 2|left|Dr. Gray|MEDICINE|F|67 y|intact|dry, no drainage|2/10|clear to
auscultation|room air|4 L NC|day 3 of 7|unchanged from prior|no change"""
ITEMS = """Lisinopril 20 mg daily|aspirin 81 mg daily|metformin|Lipitor 80 mg at bedtime|
RCA stent 2018|Non-healing ulcer, right foot|Diabetes|Acne vulgaris|No swelling noted|
Appendectomy, 1998|Penicillin|Continue current medications|Follow up in 2 weeks|CBC, CMP, TSH|
chest pain|shortness of breath|Coronary artery disease|Obesity (BMI 41.2)|
Hypertension, controlled|return if worse|insulin glargine|Hypothyroidism|low salt diet|
Fever to 101.5|Nausea and vomiting|physical therapy|lisinopril|Start aspirin|
wean oxygen as tolerated|stop IV fluids|repeat labs in AM|Tylenol as needed|GERD|COPD|CKD stage 3|
atorvastatin 40 mg PO DAILY|Furosemide 40 mg IV BID|Tobacco use disorder|Repeat CT in 6 months|
advance diet|remove drain|wound check on Friday|oxycodone 5 mg q4h PRN pain|home with services|
Pantoprazole 40 mg 1-0-0|outpatient stress test|Depression|history of stroke, 2011|sutures out|
call clinic with questions|Vitamin D 2000 IU daily|MRI brain w/o contrast|BSA 2.65"""
TELEGRAMS = """PERRL|EOMI|NAD|RRR, no m/r/g|CTAB|r/o MI|Check troponin|RTC prn|A&O x3|No c/c/e|
DVT ppx|Code status: full|Continue ASA|NPO after midnight|CN II-XII intact|Stage IV|+BS|
2+ DP pulses|UA neg|Cont. home meds|F/u with PCP|CXR WNL|CBC, BMP in a.m.|Afebrile|No JVD|
NC/AT|Moves all ext. x4|Soft, NT/ND|Neg. for CVA|Hx of CAD, HTN|s/p CABG x 3|
Pt. denies CP, SOB|On RA|Pain 7/10|Likely GERD|Discussed w/ Dr. Lee|Will get CT|EKG: NSR|
Rec. IVF|BP 120/80|T 98.6|INR 2.3|WBC 12|Stable on O2|Rest"""

PHRASES = {
    name: [" ".join(part.split()) for part in words.split("|") if part.strip()]
    for name, words in (("h", HEADINGS), ("k", KEYS), ("v", VALUES), ("i", ITEMS), ("t", TELEGRAMS))
}
HEADING_FORMS = (
    *("== {} ==", "**{}**", "# {}", "[{}]", "{}.", "{} -", "I. {}", "2. {}", "IV. {}", "B. {}"),
    *("{n}. {}", "{n}.{m}. {}", "{n}.{m}. {}", "{n}.{m} {}", "{n}.{m}.{n}. {}", "{n}) {}"),
)
BULLETS = (
    *("- ", "- ", "• ", "• ", "* ", "* ", "•", "+ ", "– ", "o ", "-", "· ", "> ", "•\t", "-\t"),
    *("[ ] ", "[x] ", "# ", "*", "-- ", "→ "),
)
NUMBERED = (
    *("{}. ", "{}. ", "{}. ", "{}) ", "{}) ", "({}) ", "{}.", "#{} ", "{} - ", "{}: ", "{}.\t"),
)


def heading(rng: Random) -> str:
    """Draw a heading, numbered or decorated now and then."""
    text = rng.choice(PHRASES["h"])
    form = rng.random()
    if form < 0.35:
        text = text.upper()
    elif form < 0.65:
        text = text.capitalize() if rng.random() < 0.5 else text.title()
    if rng.random() < 0.10:
        text = rng.choice(HEADING_FORMS).format(text, n=rng.randint(1, 9), m=rng.randint(1, 9))
    return text


def telegram(rng: Random) -> str:
    """Short note-style sentences, on one line."""
    return " ".join(f"{part}.{END}" for part in rng.sample(PHRASES["t"], rng.randint(1, 4)))


def phrase_line(rng: Random) -> str:
    """Draw a line of phrases with commas between, no stop at its end."""
    return ", ".join(rng.sample(PHRASES["t"] + PHRASES["v"], rng.randint(1, 6)))
