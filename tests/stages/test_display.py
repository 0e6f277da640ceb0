"""display and fullAnnotate in a notebook: what they show, of what, and that no note can do harm."""

import pytest
from pyspark.ml import PipelineModel

from annotators import LightPipeline, display
from annotators.core.errors import InputColumnError, ParamError
from tests.jobs.report.chromium import PATH, chromium

HOSTILE = "<script>document.title='caught'</script> No fever. He takes aspirin."
NOTES = [("n1", "No fever. Chest pain with asthma."), ("n2", HOSTILE), ("n3", None)]


@pytest.fixture(scope="module")
def clinical(spark):
    from pipelines import PIPELINES

    frame = spark.createDataFrame(NOTES, "note_id string, text string")
    return PIPELINES["clinical_ner"].build("text", None, "error").fit(frame), frame


def test_a_note_of_a_frame_is_shown_with_what_is_said_of_its_entities(clinical):
    model, frame = clinical
    view = display(model.transform(frame), note_id="n1")

    assert view.notes == 1
    assert repr(view) == "View(notes=1)"
    assert 'data-l="Disease · absent"' in str(view)
    assert ">fever</mark>" in view._repr_html_()
    assert "Chest pain" in str(view)


def test_the_first_notes_are_shown_where_none_is_named(clinical):
    model, frame = clinical
    annotated = model.transform(frame)

    assert display(annotated).notes == 3
    assert display(annotated, most=2).notes == 2
    assert "The first 2 notes are shown" in str(display(annotated, most=2))


def test_full_annotations_are_a_list_of_dicts_that_a_notebook_shows(clinical):
    light = LightPipeline(clinical[0])
    found = light.fullAnnotate([HOSTILE, "Asthma."])

    assert isinstance(found, list)
    assert [type(columns) for columns in found] == [dict, dict]
    assert found == [light.fullAnnotate(text)[0] for text in (HOSTILE, "Asthma.")]
    assert found._repr_html_() == str(display(found))
    assert ">aspirin</mark>" in found._repr_html_()
    assert ">Asthma</mark>" in str(display(found, note_id=1))
    assert str(display(found[1])) == str(display(found, note_id=1))


def test_the_text_is_shown_where_no_column_holds_it(clinical):
    from annotators import Finisher

    only_chunks = Finisher(inputCols=["ner_chunk"], outputCols=["terms"])
    light = LightPipeline(PipelineModel([*clinical[0].stages, only_chunks]))
    found = light.fullAnnotate("Severe asthma.")

    assert list(found[0]) == ["ner_chunk"]
    assert "Severe " in found._repr_html_() or "Severe asthma" in found._repr_html_()


def test_what_cannot_be_shown_is_told(clinical, spark):
    model, frame = clinical
    annotated = model.transform(frame)
    with pytest.raises(ParamError, match="no row has that note_id"):
        display(annotated, note_id="n9")
    with pytest.raises(InputColumnError, match="no column 'other'"):
        display(annotated, id_col="other")
    with pytest.raises(InputColumnError, match="no column holds annotations"):
        display(frame)
    with pytest.raises(ParamError, match="from 0 to 0"):
        display(LightPipeline(model).fullAnnotate("x"), note_id=1)
    arrays = model.transform(spark.createDataFrame([(["a b", "c d"],)], "text array<string>"))
    with pytest.raises(ParamError, match="several texts"):
        display(arrays)


@pytest.mark.skipif(PATH is None, reason="no Chromium here")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_html_of_a_note_is_shown_in_a_browser_and_does_nothing(clinical, tmp_path, scheme):
    file = tmp_path / "cell.html"
    found = LightPipeline(clinical[0]).fullAnnotate(HOSTILE)
    page = f'<!doctype html><meta charset="utf-8"><title>a cell</title>{display(found)}'
    file.write_text(page, encoding="utf-8")
    with chromium(tmp_path / "profile") as browser:
        browser.look(400, 700, scheme)
        browser.open(file, "document.readyState === 'complete'")

        assert browser.run("document.title") == "a cell"
        assert browser.run("document.querySelector('.nm-text').textContent") == HOSTILE
        assert browser.run("document.querySelectorAll('script').length") == 0
        assert "aspirin" in browser.run(
            "[...document.querySelectorAll('mark')].map((m) => m.textContent).join()"
        )
        assert browser.run("document.documentElement.scrollWidth") == 400
        assert browser.complaints == []
