"""A client of a Spark Connect server: every stage, fused, saved and loaded, in one process.

    python connect_client.py sc://HOST:PORT PIPELINE.py FOLDER

Writes to FOLDER what each kind of pipeline gives, as JSON: made here, and saved and loaded again.
"""

import importlib.util
import json
import sys
from pathlib import Path


def main(remote, script, folder):
    spec = importlib.util.spec_from_file_location("saved_pipeline", script)
    saved = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(saved)

    from pyspark.ml import PipelineModel

    from jobs._run.spark import spark_session

    spark = spark_session("notemill tests", remote=remote)
    assert "connect" in type(spark).__module__
    frame = spark.createDataFrame([(text,) for text in saved.TEXTS], "text string").coalesce(1)
    found = {}
    for kind, model in saved.pipelines().items():
        model.write().overwrite().save(str(folder / kind))
        for how, one in (("made", model), ("loaded", PipelineModel.load(str(folder / kind)))):
            rows = one.transform(frame).collect()
            found[f"{kind} {how}"] = [row.asDict(recursive=True) for row in rows]
    (folder / "found.json").write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
