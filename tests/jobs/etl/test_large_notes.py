"""Notes of 20 MB among ordinary ones: annotated to their ends, and the others have the rows that they
have alone. One that has an entity every few words takes more memory than a test's Java gets."""

from benchmarks.etl.kinds import LARGE, LARGE_KINDS, Kind, Made, line
from benchmarks.etl.poisoned import differing, mixed, unaccounted, write_files

GOOD = "The patient denies pain and takes aspirin 5 mg. No fever."
FAR = Kind("20 MB between two texts", lambda i, _: ([line(i, GOOD + "\n" * LARGE + GOOD)], []))


def test_notes_of_20_mb_are_annotated_and_harm_no_other(etl, new_nights, tmp_path_factory):
    good, bad = [f"{GOOD} {i}" for i in range(6)], Made()
    for kind in (FAR, *LARGE_KINDS[1:]):
        bad.add(kind, 0)
    assert sum(len(one) > LARGE for one in bad.first) == 3
    write_files(etl.folder / "source", mixed(good, bad))
    etl.configure(source=etl.folder / "source")
    etl.done()
    alone = new_nights(tmp_path_factory.mktemp("alone"))
    write_files(alone.folder / "source", mixed(good, Made()))
    alone.configure(source=alone.folder / "source")
    alone.done()
    assert unaccounted(etl.archive, len(good), bad) == []
    assert differing(etl.archive, alone.archive, len(good)) == []
    entities = etl.table("entities")
    far = entities[entities.note_id.str.startswith(FAR.name)]
    assert (far.begin > LARGE).sum() * 2 == len(far) > 0
