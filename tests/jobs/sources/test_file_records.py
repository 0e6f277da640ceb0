"""Single files to records: nothing is lost, and what cannot be read is an error of its row."""

import bz2
import gzip
import io
import json
import os

import pytest

from annotators.core.errors import ParamError
from jobs._run.exit_codes import InputError
from jobs.sources.csv_file import csv_records
from jobs.sources.decoding import known_encoding
from jobs.sources.files import _ids
from jobs.sources.formats import format_of, stem_of, unpacked
from jobs.sources.json_file import json_records
from jobs.sources.listing import File, files_at
from jobs.sources.records import FILE, NOT_TEXT, RECORD, UNDECODED, Wanted

BAD = (None, None, RECORD)


def read(reader, data, id_col="note_id", text_col="text", **options):
    data = data.encode() if isinstance(data, str) else data
    records = reader(io.BytesIO(data), Wanted(id_col, text_col, **options))
    return [(record.id, record.text, record.error) for record in records]


def rows(data, **options):
    return read(csv_records, data, **options)


def objects(data, **options):
    return read(json_records, data, **options)


# CSV


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (r'1,"Said \"no asthma\", takes aspirin."', 'Said "no asthma", takes aspirin.'),
        (r'1,"Said \"no asthma\""', 'Said "no asthma"'),
        (r"1,Pain\, then none", "Pain, then none"),
        ('1,"Said ""no asthma"", takes aspirin."', 'Said "no asthma", takes aspirin.'),
        ('1,"5\'6"" tall, asthma"', "5'6\" tall, asthma"),
        ("1,5'6\" tall", "5'6\" tall"),
        ('1,"a\nb\r\nc\rd"', "a\nb\r\nc\rd"),
        (r'1,"C:\notes\new, old"', r"C:\notes\new, old"),
        ("1,  blanks  ", "  blanks  "),
        ("1,a\0b", "a\0b"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_writers_of_csv_write(data, text, end):
    assert rows(f"note_id,text{end}{data}{end}2,ok{end}") == [("1", text, None), ("2", "ok", None)]


@pytest.mark.parametrize(
    "line",
    ["1,5'6\" tall, asthma", "1", '1,"5\'6" tall, asthma"', "1,a,b,c", '1,"never closed'],
)
def test_a_row_that_does_not_fit_is_an_error_and_the_others_go_on(line):
    found = rows(f"note_id,text\n0,first\n{line}\n2,ok\n3,fine\n")
    assert found == [("0", "first", None), BAD, ("2", "ok", None), ("3", "fine", None)]


def test_the_rest_of_a_broken_text_is_no_note():
    found = rows('note_id,text\n7,ok\n8,"He said "no" and\nAsthma., 2\nleft"\n9,fine\n')
    assert [row[0] for row in found if row[2] is None] == ["7", "9"]
    assert {row for row in found if row[2]} == {BAD}


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_the_separator_is_told_by_the_head(sep):
    data = f'note_id{sep}text\n1{sep}"a{sep} b"\n'
    assert rows(data) == [("1", f"a{sep} b", None)]


def test_what_is_said_of_csv_is_obeyed():
    data = "note_id:text\n1:'it''s ok: yes'\n2:'it^'s'\n"
    found = rows(data, sep=":", quote="'", escape="^")
    assert found == [("1", "it's ok: yes", None), ("2", "it's", None)]


def test_columns_are_found_by_their_names_wherever_they_are():
    assert rows("text,note_id\nAsthma.,2\n") == [("2", "Asthma.", None)]
    assert rows("x,TEXT, note_id\n0,Asthma.,2\n") == [("2", "Asthma.", None)]


@pytest.mark.parametrize("head", ["1,Mr Smith", "note_id,note", "text,x", "note_id,text,text"])
def test_a_header_without_the_columns_gives_no_note(head):
    (record,) = csv_records(io.BytesIO(f"{head}\n2,x\n".encode()), Wanted("note_id", "text"))
    assert record.error == RECORD
    assert "absent" in (record.id_kind, record.text_kind)


@pytest.mark.parametrize("data", ["", "\n\n", "note_id,text\n", "note_id,text"])
def test_no_rows_are_no_notes(data):
    assert rows(data) == []


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_obeyed(encoding):
    data = "note_id,text\n1,Sjögren\n".encode(encoding)
    assert rows(data) == [("1", "Sjögren", None)]
    data = '{"note_id": "1", "text": "Sjögren"}\n'.encode(encoding)
    assert objects(data) == [("1", "Sjögren", None)]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "shift_jis"])
def test_an_encoding_that_is_said(encoding):
    text = "Sjögren" if encoding != "shift_jis" else "喘息"
    assert rows(f"note_id,text\n1,{text}\n".encode(encoding), encoding=encoding) == [
        ("1", text, None)
    ]


def test_bytes_that_are_no_text_are_an_error_of_their_row():
    csv_data = b"note_id,text\n1,Sj\xf6gren\n2,ok\n\xe4,ok\n"
    assert rows(csv_data) == [
        ("1", None, UNDECODED),
        ("2", "ok", None),
        ("\ufffd", None, UNDECODED),
    ]
    lines = b'{"note_id": "1", "text": "Sj\xf6gren"}\n{"note_id": "2", "text": "ok"}\n'
    assert objects(lines) == [(None, None, UNDECODED), ("2", "ok", None)]


@pytest.mark.parametrize("name", ["latin-99", "rot13", "base64", ""])
def test_an_unknown_encoding_is_refused(name):
    if name:
        with pytest.raises(ParamError, match="is unknown"):
            known_encoding(name)
    else:
        assert known_encoding(name) == "utf-8"


# JSON


@pytest.mark.parametrize(
    "data",
    [
        '{"note_id": "1", "text": "a"}{"note_id": "2", "text": "b"}',
        '{"note_id": "1", "text": "a"} {"note_id": "2", "text": "b"}\n',
        '[{"note_id": "1", "text": "a"},\n {"note_id": "2", "text": "b"}\n]\n',
        '[\n{"note_id": "1", "text": "a"}\n,\n{"note_id": "2", "text": "b"}]',
        '[{"note_id": "1", "text": "a"}, {"note_id": "2", "text": "b"}]',
        '{\n "note_id": "1",\n "text": "a"\n}\n{\n "note_id": "2",\n "text": "b"\n}\n',
        '\n\n{"note_id": "1", "text": "a"}\r\n\r\n{"text": "b", "NOTE_ID": "2"}',
    ],
)
def test_every_object_is_a_note(data):
    assert objects(data) == [("1", "a", None), ("2", "b", None)]


def test_a_line_that_is_no_json_is_an_error():
    data = '{"note_id": "1", "text": "a"}\n{"note_id": "2", "text": "b\n5\n{"note_id": 3, "text": "c"}\n'
    assert objects(data) == [("1", "a", None), BAD, BAD, ("3", "c", None)]


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, 5, True, 1.5])
def test_a_text_that_is_no_string_is_an_error(value):
    data = json.dumps({"note_id": "1", "text": value})
    assert objects(data) == [("1", None, NOT_TEXT)]


def test_a_text_in_a_struct():
    data = json.dumps({"id": {"x": 7}, "note": {"text": "a"}, "a.b": "c"})
    assert objects(data, id_col="id.x", text_col="note.text") == [("7", "a", None)]
    assert objects(data, id_col="id.x", text_col="a.b") == [("7", "c", None)]


# Names and packing


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv.gz", "csv"), ("a.jsonl.gz", "json"), ("a.tsv", "csv"), ("a.CSV", "csv"),
        ("a.txt.bz2", "text"), ("v1.2/a.ndjson", "json"), ("a.parquet", "parquet"),
    ],
)  # fmt: skip
def test_the_format_is_told_before_the_packing(name, kind):
    assert format_of(name, [name], None) == kind


@pytest.mark.parametrize(
    "name", ["a.zip", "a.rtf", "a.docx", "a.pdf", "a.csv.zip", "a", "a.gz", "a.x"]
)
def test_other_formats_are_refused_by_name_in_one_line(name):
    with pytest.raises(InputError, match=name) as told:
        format_of(name, [name], None)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_packed_files_are_unpacked(pack):
    name = "a.csv.gz" if pack is gzip.compress else "a.csv.bz2"
    stream = unpacked(io.BytesIO(pack(b"note_id,text\n1,a\n")), name)
    assert [r.text for r in csv_records(stream, Wanted("note_id", "text"))] == ["a"]
    assert stem_of("7.1.txt.gz") == "7.1"


def test_a_damaged_file_ends_with_an_error(tmp_path):
    from jobs.sources.parsing import _records

    data = gzip.compress(b"note_id,text\n" + b"1,a\n" * 50_000)[:-20]
    found = list(_records("a.csv.gz", io.BytesIO(data), "csv", {}, Wanted("note_id", "text")))
    assert found[-1].error == FILE


def test_the_same_stem_in_two_folders_has_its_path_in_the_id():
    names = ["x/1.txt", "y/1.txt", "y/2.txt", "y/3.txt", "y/3.text"]
    ids = _ids([File(name, name, 1, here=True) for name in names])
    assert list(ids.values()) == ["x/1", "y/1", "2", "y/3.txt", "y/3.text"]


@pytest.mark.parametrize("folder", ["a[1]", "{x}", "a*b", "a?", "Ärzte", "a b%20"])
def test_marks_of_patterns_in_a_path_are_a_path(tmp_path, folder):
    deep = tmp_path / folder / "sub"
    deep.mkdir(parents=True)
    for name in ("[1].txt", "_mine.txt", "_SUCCESS", ".hidden", "ö.txt"):
        (deep / name).touch()
    found = [file.name for file in files_at(None, str(tmp_path / folder))]
    assert found == ["sub/[1].txt", "sub/_mine.txt", "sub/ö.txt"]


def test_patterns_name_files(tmp_path):
    for name in ("a.txt", "b.txt", "c.csv"):
        (tmp_path / name).touch()
    for pattern, count in (("*.txt", 2), ("{a,c}.*", 2), ("?.*", 3), ("[ab].txt", 2)):
        assert len(files_at(None, f"{tmp_path}/{pattern}")) == count
    with pytest.raises(InputError, match="nothing at"):
        files_at(None, f"{tmp_path}/*.json")


def test_the_separator_that_excel_is_told():
    for head in ("sep=;", "\ufeffSEP=;"):
        assert rows(f"{head}\r\nnote_id;text\r\n1;a, b\r\n") == [("1", "a, b", None)]
    assert rows("note_id,text\n1,sep=;\n") == [("1", "sep=;", None)]


def test_links_pipes_and_loops_in_a_folder(tmp_path):
    folder = tmp_path / "in"
    (folder / "x").mkdir(parents=True)
    (folder / "x" / "a.txt").touch()
    (folder / "x" / "loop").symlink_to(folder)
    assert [file.name for file in files_at(None, str(folder))] == ["x/a.txt"]
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"gone\.txt: it is a link to what is not there"):
        files_at(None, str(folder))
    (folder / "gone.txt").unlink()
    os.mkfifo(folder / "pipe.txt")
    with pytest.raises(InputError, match=r"pipe\.txt: it is neither a file nor a folder"):
        files_at(None, str(folder))
