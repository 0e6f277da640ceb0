"""The notebooks run from top to bottom in a kernel of their own, and are kept without outputs."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests import java
from tests.docs.blocks import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
notebook = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)


@notebook
def test_a_notebook_is_kept_without_outputs(file):
    cells = nbformat.read(file, as_version=4).cells

    assert [c.outputs for c in cells if c.cell_type == "code" and c.outputs] == []
    assert [c.execution_count for c in cells if c.cell_type == "code" and c.execution_count] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what Jupyter's parts warn of is their affair
@notebook
def test_a_notebook_runs(file, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", java.submit_args())
    content = nbformat.read(file, as_version=4)
    client = NotebookClient(content, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()

    shown = [
        output.data["text/html"]
        for cell in content.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    ]
    assert any("nm-view" in html and "</mark>" in html for html in shown)
