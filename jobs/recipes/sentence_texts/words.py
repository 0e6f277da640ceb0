"""Words that carry a stop, and words to set before and behind them."""

# ruff: noqa: RUF001 (look-alike characters are meant here)

from __future__ import annotations


def word_list(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


NAMES = word_list("""Smith Johnson Brown Garcia Miller Davis Lopez Wilson Anderson Taylor Moore
Lee Patel Kim Nguyen Clark Lewis Young Hall Allen King Wright Scott Green Baker Adams Nelson
Hill Rivera Campbell Mitchell Carter Roberts Ahmed Khan Chen Tanaka Weber Rossi Novak Petrov
Okafor Silva Osler Mary Jude Luke Joseph X Y Z ABC XYZ""")
FIRST = word_list("""John Mary James Linda Ahmed Wei Ana Peter Susan Robert Laura Omar Nina Paul
Eva""")
GENUS = word_list("""E.|coli S.|aureus S.|pneumoniae K.|pneumoniae P.|aeruginosa C.|difficile
H.|pylori M.|tuberculosis S.|epidermidis C.|albicans E.|faecalis L.|monocytogenes
N.|meningitidis A.|baumannii H.|influenzae B.|fragilis T.|pallidum C.|elegans P.|falciparum
Staph.|aureus Strep.|pyogenes S.|cerevisiae D.|melanogaster M.|avium Y.|enterocolitica""")
DRUGS = word_list("""metformin lisinopril aspirin amoxicillin Lasix Lipitor Coumadin warfarin
prednisone Zofran Tylenol morphine Toprol metoprolol insulin Plavix heparin vancomycin Zosyn
Keflex gabapentin omeprazole Norvasc Synthroid albuterol Xanax digoxin Bactrim cisplatin
tamoxifen""")
LETTERED = word_list("""hepatitis|B hepatitis|C vitamin|D vitamin|K vitamin|C type|A group|B
influenza|A protein|C stage|IV stage|I factor|V grade|II part|C figure|A HLA|B blood|type|O
cyclosporin|A case|B patient|A troponin|I immunoglobulin|G T1N0M|0 bipolar|I panel|B
Child-Pugh|C class|II New|York|Heart|Association|class|III arm|B cohort|A hemophilia|A
amphotericin|B vitamin|E ward|C lead|V room|B chromosome|X botulinum|toxin|A complex|I factor|X""")
CARRIERS = word_list("""type group class grade stage part case patient figure table vitamin factor
protein hepatitis lead arm cohort room complex antigen level Group Case and or form variant
serotype allele zone segment""")
COUNTED = word_list("""day on|day grade stage class group of to or and from level than type phase
case patient case|number score age in|May in at by was version until since from|1|to cohort bed
room unit ward step panel|of HHV IL interleukin CD factor cycle year gravida para G2P
trisomy|21|in and|3|or""")
MEASURES = word_list("""g/dl g/dL mg/dL U/l U/L mmol/l mg/kg mmHg IU/ml mg/m2 ng/ml bpm °C cm3 g/l
mEq/L kPa mg/d pg/ml kg/m2 mL/min cells/mm3 h s d wk ppm""")
UNIT_ENDS = word_list("""L mL cc mg g kg mcg cm mm m in ft ms s sec min h hr d wk mo y Fr atm mmHg
kPa Hz dB Gy cGy mCi MBq mEq mmol IU U J mV mA W kcal F C mL/h L/min mg/dL g/dL mm/h mL/kg cm/s
mg/kg/d IU/L U/L kg/m2 mOsm/kg ng/mL bpm cmH2O FEU G D""")
ACRONYMS = word_list("""MS AS AI MI PE DVT CVA TIA CHF COPD CAD HTN DM CKD ESRD UTI GI CT MRI PET
ICU ER OR PT OT HIV TB HBV HCV AF VT VF LV RV EF BP HR ECG EKG EEG EMG PR PA AP PO IV IM SC ID AD
SLE RA OA HLH ALL AML CLL NHL ITP TTP DIC ARDS PCR WBC""")
MONTHS = word_list("""Jan. Feb. Mar. Apr. Aug. Sept. Sep. Oct. Nov. Dec.""")
SINCE = word_list("in since until from by before after")
ROMAN = word_list("I II III IV V VI VII VIII IX X")
DOSES = word_list("""p.o. q.d. b.i.d. t.i.d. q.i.d. p.r.n. q.h.s. h.s. i.v. I.V. i.m. I.M. s.c.
s.q. p.r. q.4h. q.6h. q.8h. q.12h. a.c. p.c. o.d. o.s. P.O. B.I.D. T.I.D. P.R.N. q.o.d. q.a.m.
q.p.m. subq. stat. i.p. i.c.v. i.t. b.d.""")
UNITS = word_list("""mg. ml. mL. kg. cm. mm. lbs. lb. oz. hrs. hr. min. sec. wks. yrs. yr. mo.
mos. tabs. tab. caps. in. ft. mcg. g. U. IU. d. wk. h. dl. temp. vol. conc.""")
CLINICAL = word_list("""pt. pts. hx. dx. tx. sx. fx. Hx. Dx. Tx. Rx. abd. ext. resp. neuro. bilat.
w/o. s/p. c/o. y.o. y/o. wt. ht. surg. hosp. dept. gyn. psych. amb. L. R. lat. ant. post. sup.
inf. int. max. prox. dist.""")
TITLES = word_list("""Dr. Mr. Mrs. Ms. Prof. Drs. St. Mt. Ft. Rev. Capt. Sgt. Lt. Gen. Sr. Sra.
Mme. Hon.""")
REFERENCES = word_list("""Fig. Figs. fig. Figure Table Tab. Eq. Ref. Refs. ref. No. no. Nos. Vol.
vol. pp. p. Sec. Ch. App. Suppl. Ex. Art. cat. Cat. Gr. Pt. grp. Para. Gravida Rm. Ste. Apt.
Bldg.""")
LATIN = word_list("""e.g. i.e. vs. cf. ca. viz. approx. incl. resp. esp. al. c. v. var. sp. spp.
subsp. no. dept.""")
FINAL = word_list("""etc. a.m. p.m. A.M. P.M. U.S. U.K. U.S.A. M.D. Ph.D. D.O. R.N. Inc. Ltd. Co.
Corp. Jr. Sr. E.R. O.R. I.C.U. N.P. P.A. D.C. E.D. al. S.D. S.E. E.U. F.A.C.S. Pharm.D. M.P.H.
GmbH. Hosp. Univ. Dept. Ave. Blvd.""")
LOWER_STARTS = word_list("""pH|was|7.41. mRNA|levels|rose. p53|was|mutated. iPSCs|were|used.
c-Myc|was|amplified. eGFR|was|45. α-fetoprotein|was|normal. pCO2|was|38. hCG|was|negative.
dsDNA|antibodies|were|absent. tPA|was|given. qSOFA|was|2. 5-FU|was|stopped. 2|days|later,|he|left.
99mTc|was|injected. 18|months|later|she|was|well. iNOS|was|seen. ad|lib|feeds|continued.
n-acetylcysteine|was|started. β-blockers|were|held. cTnI|was|raised.
3|of|5|specimens|grew|yeast.""")


def spaced(entry: str) -> str:
    """An entry as it is written: bars stand for blanks inside it."""
    return entry.replace("|", " ")
