"""FHIR resources to notes: attachments of every kind, and what is not text."""

import base64
import io
import json

import pytest

from jobs.sources.fhir.resources import fhir_records

PLAIN, HTML, RTF = "text/plain", "text/html", "application/rtf"


def attachment(content, kind=PLAIN):
    data = content if isinstance(content, bytes) else content.encode()
    return {"contentType": kind, "data": base64.b64encode(data).decode()}


def document(*attachments, **more):
    content = [{"attachment": one} for one in attachments]
    return {"resourceType": "DocumentReference", "id": "d1", "status": "current",
            "content": content, **more}  # fmt: skip


def report(*forms, **more):
    return {"resourceType": "DiagnosticReport", "id": "r1", "presentedForm": list(forms), **more}


def read(*resources):
    lines = "".join(json.dumps(one) + "\n" for one in resources)
    return list(fhir_records(io.BytesIO(lines.encode())))


def only(resource):
    (record,) = read(resource)
    return record.id, record.text, record.error


@pytest.mark.parametrize(
    ("content", "kind", "text"),
    [
        ("No fever.\r\nPain: é😀", PLAIN, "No fever.\r\nPain: é😀"),
        ("Müller".encode("cp1252"), 'text/plain; charset="windows-1252"', "Müller"),
        ("Müller".encode("utf-16"), "text/plain", "Müller"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "TEXT/Plain;charset=ISO-8859-1", "café"),
        ("a\x00b", PLAIN, "a\x00b"),
        ("", PLAIN, ""),
        ("<p>No <b>fever</b>.</p><p>Pain &amp; cough</p>", HTML, "No fever.\n\nPain & cough"),
        ("<html><head><title>x</title><style>p{}</style></head><body>Hi<script>1</script></body>",
         HTML, "Hi"),
        ('<meta charset="iso-8859-1"><p>Müller</p>'.encode("latin-1"), HTML, "Müller"),
        ('<?xml version="1.0" encoding="utf-8"?><html><body>é</body></html>',
         "application/xhtml+xml", "é"),
        (r"{\rtf1\ansi\ansicpg1252 No {\b fever}.\par M\'fcller}", RTF, "No fever.\nMüller"),
    ],
)  # fmt: skip
def test_attachments_become_text(content, kind, text):
    identity, found, error = only(document(attachment(content, kind)))
    assert (identity, error) == ("DocumentReference/d1", None)
    assert found.strip() == text.strip() if kind != PLAIN else found == text


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (attachment("%PDF", "application/pdf"), "fhir: UnsupportedContentType (application/pdf)"),
        (attachment("x", "Mary Smith"), "fhir: UnsupportedContentType"),
        ({"data": "eA=="}, "fhir: NoContentType"),
        ({"contentType": PLAIN, "url": "Binary/7"}, "fhir: AttachmentByUrl"),
        ({"contentType": PLAIN}, "fhir: NoAttachment"),
        ({"contentType": PLAIN, "data": "%%%"}, "fhir: InvalidBase64"),
        (attachment("x", "text/plain; charset=klingon"), "fhir: UnknownCharset"),
        (attachment(b"\xff\xfe\xfa!", "text/plain; charset=utf-8"), None),
        (attachment(b"caf\xe9"), "annotate: UndecodableText"),
        (attachment("no rtf", RTF), "fhir: UnreadableRtf"),
    ],
)
def test_what_is_no_text_says_why(given, error):
    identity, text, found = only(document(given))
    assert identity == "DocumentReference/d1"
    assert found == error
    assert error is None or text is None


def test_the_best_form_of_a_document_is_read():
    forms = [attachment("%PDF", "application/pdf"), attachment("<p>html</p>", HTML)]
    assert only(document(*forms))[1].strip() == "html"
    assert only(document(*forms, attachment("plain")))[1] == "plain"


def test_a_report_is_its_form_else_its_conclusion():
    assert only(report(attachment("whole"), conclusion="short")) == (
        "DiagnosticReport/r1", "whole", None)  # fmt: skip
    assert only(report(conclusion="short"))[1] == "short"
    assert only(report(attachment("x", "image/png"), conclusion="short"))[1] == "short"
    assert only(report(attachment("x", "image/png")))[2].startswith("fhir: Unsupported")
    assert only(report())[1:] == (None, None)


def test_lines_that_are_no_notes():
    patient = {"resourceType": "Patient", "id": "p"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": document(attachment("in it"))}, {}]}
    assert [one.text for one in read(patient, bundle, patient)] == ["in it"]
    assert only(document(attachment("x"), status="entered-in-error"))[2] == "fhir: EnteredInError"
    withheld = document(attachment("x"))
    del withheld["id"]
    assert only(withheld) == (None, "x", None)
    assert only({"id": "no type"})[2] == "annotate: UnreadableRecord"
    broken = b'{"resourceType": \n' + json.dumps(document(attachment("x"))).encode() + b"\n\xff\n"
    found = [(one.text, one.error) for one in fhir_records(io.BytesIO(broken))]
    assert found == [(None, "annotate: UnreadableRecord"), ("x", None),
                     (None, "annotate: UndecodableText")]  # fmt: skip
    whole = json.dumps(bundle, indent=2).encode()
    assert [one.text for one in fhir_records(io.BytesIO(whole))] == ["in it"]
    assert list(fhir_records(io.BytesIO(b"\n\n"))) == []


def test_a_lone_surrogate_is_replaced():
    line = b'{"resourceType": "DiagnosticReport", "id": "s", "conclusion": "a\\ud800b"}'
    assert next(fhir_records(io.BytesIO(line))).text == "a\ufffdb"


def test_a_folder_of_resources_is_a_source(spark, tmp_path):
    import gzip

    from jobs._run.exit_codes import NoNotesError
    from jobs.sources.fhir.source import Fhir

    lines = [json.dumps(document(attachment(f"note {i}"), id=f"d{i}")) + "\n" for i in range(5)]
    (tmp_path / "a.ndjson").write_text("".join(lines), encoding="utf-8")
    with gzip.open(tmp_path / "b.ndjson.gz", "wt", encoding="utf-8") as out:
        out.write(json.dumps(report(attachment("x", "application/pdf"))) + "\n")
    rows = {tuple(row) for row in Fhir(format="fhir", path=str(tmp_path)).read(spark).collect()}
    assert rows == {
        *((f"DocumentReference/d{i}", f"note {i}", None) for i in range(5)),
        ("DiagnosticReport/r1", None, "fhir: UnsupportedContentType (application/pdf)"),
    }
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "p.ndjson").write_text('{"resourceType": "Patient"}\n', encoding="utf-8")
    with pytest.raises(NoNotesError, match="no DocumentReference or DiagnosticReport"):
        Fhir(format="fhir", path=str(tmp_path / "none")).read(spark)
