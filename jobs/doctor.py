"""notemill doctor: whether this machine, and a cluster's, can run Notemill, and what to fix.

notemill doctor
notemill doctor --master spark://host:7077 --json
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from annotators.core.errors import NotemillError
from jobs._doctor.facts import CONNECT, PACKAGES, Facts, facts_here
from jobs._doctor.finding import ADVICE, WRONG, Finding, advice, exit_code, fine, wrong
from jobs._doctor.machine import cpu_finding, memory_findings
from jobs._run.exit_codes import JAVA, JavaError, errors_as_exit_codes
from jobs._run.told import in_a_line
from jobs._run.verbs import lacking


def doctor(
    master: Annotated[
        str | None, typer.Option(help="look at the executors of this Spark master, too")
    ] = None,
    remote: Annotated[
        str | None, typer.Option(help="look at those of a Spark Connect server, sc://HOST:PORT")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="name or folder of a model that you run; may be repeated"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print findings and facts as JSON")
    ] = False,
    spark: Annotated[bool, typer.Option(help="start Spark and run a tiny pipeline")] = True,
    quick_start: Annotated[
        bool, typer.Option("--quick-start", help="keep Spark's classes laid out for later runs")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="keep the log of Spark and Java, name it")
    ] = False,
) -> None:
    """Say whether this machine can run Notemill, line by line, with a remedy for what is wrong.

    Looks at versions, Java, the CPU, models, memory, and a tiny pipeline in a Spark session; with
    --master or --remote also at the executors. With --quick-start it keeps Spark's classes as Java
    lays them out (some 200 MB in ~/.cache/notemill), from which later short runs start faster. Exit
    codes: 0 nothing is wrong (there may be advice); 1 a package, an executor or the trial is wrong;
    4 a model; 5 Java. Examples:

        notemill doctor

        notemill doctor --master spark://host:7077 --json
    """
    with errors_as_exit_codes():
        facts = facts_here((*PACKAGES, *CONNECT) if remote else PACKAGES)
        findings = _still(facts, remote, model or [])
        executors: list[Facts] = []
        if spark and not exit_code(findings):
            more, executors = _in_session(facts, master, remote, model or [], debug=debug)
            findings += more
        if quick_start and not exit_code(findings):
            findings.append(_kept(model or []))
        _tell(findings, facts, executors, as_json=as_json)
        if exit_code(findings):
            raise typer.Exit(exit_code(findings))


def _still(facts: Facts, remote: str | None, models: list[str]) -> list[Finding]:
    """What can be said without a Spark session."""
    try:
        from jobs._doctor import versions
    except ImportError as failure:
        found = f"{failure.name} cannot be imported."
        return [wrong("packages", found, "Install the wheel with what it needs (pip install).")]
    findings = [
        versions.python_finding(facts),
        *versions.package_findings(facts, connect=remote is not None),
        *versions.other_packages(facts),
        *versions.distutils_finding(facts),
        *versions.bytecode_finding(),
        versions.java_finding(facts, remote=(remote or "").startswith("sc:")),
        cpu_finding(facts),
    ]
    if not facts["packages"]["numpy"].startswith("!"):
        from jobs._doctor.models import model_findings

        findings += model_findings([name for name in models if "/" in name])
    told = None if exit_code(findings) else lacking()
    if told is not None:
        findings.append(wrong("packages", told, "Install the wheel again (pip install)."))
    return findings


def _in_session(
    facts: Facts, master: str | None, remote: str | None, models: list[str], *, debug: bool
) -> tuple[list[Finding], list[Facts]]:
    """What a Spark session tells: memory by its slots, its executors, the trial."""
    from annotators._runtime.model_folder import find_model
    from jobs._doctor import session
    from jobs._run.command import own_lines
    from jobs._run.slots import task_slots
    from jobs._run.spark import absolute_model, spark_session
    from pipelines.clinical_ner import MODEL

    with own_lines(debug=debug):
        try:
            spark = spark_session("notemill doctor", master, remote)
        except JavaError as failure:
            return [wrong("spark", str(failure), "", JAVA)], []
        except NotemillError:
            raise
        except Exception as failure:  # noqa: BLE001 (what Java raises when it starts varies)
            told = f"there is no session: {in_a_line(failure)}."
            return [wrong("spark", told, "Run it with --debug and look into the log.")], []
        slots = task_slots(spark)
        weights = [
            find_model(absolute_model(name)).weights.stat().st_size for name in models or [MODEL]
        ]
        cluster = bool(remote) or not (master or "local").startswith("local")
        cores = session.setting(spark, "spark.executor.cores") if cluster else None
        findings = [
            *session.versions_of_server(spark, facts),
            *memory_findings(
                facts,
                int(cores or 1) if cluster else slots,
                weights,
                cluster=cluster,
                overhead=session.setting(spark, "spark.executor.memoryOverhead"),
            ),
        ]
        executors, failed = session.executor_facts(spark, slots) if cluster else ([], [])
        findings += failed
        for executor in executors:
            findings += session.executor_findings(executor, facts)
            findings.append(cpu_finding(executor, f"cpu {executor['host']}"))
        if not exit_code(findings):
            trial = absolute_model(models[0]) if models else None
            findings += session.trial_findings(spark, slots, trial)
        return findings, executors


def _kept(models: list[str]) -> Finding:
    """Make the archive of Spark's classes."""
    from jobs._run.spark import absolute_model
    from jobs._start.archive import make_archive
    from jobs._start.short_run import OPTIONS, options_of_the_user

    if options_of_the_user():
        return advice(
            "quick start", "Java has options of yours, which short runs keep to; nothing was kept."
        )
    try:
        place = make_archive(OPTIONS, *[absolute_model(name) for name in models[:1]])
    except NotemillError as failure:
        return wrong("quick start", str(failure), "Short runs start without it.")
    size = place.stat().st_size // 1_000_000
    return fine("quick start", f"Spark's classes, {size} MB, are kept in {place}")


def _tell(findings: list[Finding], facts: Facts, executors: list[Facts], *, as_json: bool) -> None:
    if as_json:
        told = {
            "exit_code": exit_code(findings),
            "findings": [
                {"check": f.check, "status": f.status, "found": f.found, "remedy": f.remedy}
                for f in findings
            ],
            "driver": facts,
            "executors": executors,
        }
        typer.echo(json.dumps(told, indent=1))
        return
    for finding in findings:
        typer.echo(finding.line())
    counts = [sum(f.status == status for f in findings) for status in (WRONG, ADVICE)]
    typer.echo(f"{counts[0]} wrong, {counts[1]} to know.")


if __name__ == "__main__":
    typer.run(doctor)
