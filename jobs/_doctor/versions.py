"""Whether the versions of Python, packages and Java go together, and what to install where not."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.util import cache_from_source, find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from jobs._doctor.facts import Facts
from jobs._doctor.finding import WRONG, Finding, advice, fine, wrong
from jobs._run.exit_codes import JAVA, JavaError
from jobs._run.java import java_for

NEWEST_JAVA = (("4.2", 25), ("4.0", 21), ("3.0", 17))
"""The newest Java that a Spark says it runs on (docs/index.md of its source), from a version on."""
_DISTUTILS = "setuptools<82"


def python_finding(facts: Facts) -> Finding:
    """Python, by what the package says it needs."""
    found = f"Python {facts['python']} at {facts['executable']}"
    try:
        asked = SpecifierSet(metadata("notemill")["Requires-Python"] or "")
    except PackageNotFoundError:
        return advice(
            "python",
            f"{found}; Notemill at {facts['home']} is not installed as a package, so that its "
            "requirements are not known.",
            "Install the wheel to have versions checked.",
        )
    if facts["python"] in asked:
        return fine("python", f"{found}; Notemill {facts['version']} at {facts['home']}")
    return wrong(
        "python",
        f"{found}; Notemill needs Python {asked}.",
        "Make an environment with one of these.",
    )


def package_findings(facts: Facts, *, connect: bool = False) -> list[Finding]:
    """Each package: whether it is imported, and is of a version that Notemill and pyspark take."""
    asked = requirements(str(facts["packages"].get("pyspark", "")), connect=connect)
    return [_package(name, told, asked) for name, told in facts["packages"].items()]


def requirements(pyspark: str, *, connect: bool) -> dict[str, SpecifierSet]:
    """What versions of packages are asked for, by Notemill and, for SQL and Connect, by pyspark."""
    extras = ("", "sql", "connect") if connect else ("", "sql")
    asked: dict[str, SpecifierSet] = {}
    for package in ("notemill", "pyspark"):
        for requirement in map(Requirement, _required(package)):
            marker = requirement.marker
            ours = extras if package == "pyspark" else ("",)
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ours):
                known = asked.get(requirement.name, SpecifierSet())
                asked[requirement.name] = known & requirement.specifier
    if pyspark.startswith("3."):
        asked["setuptools"] = SpecifierSet("<82")
    return asked


def other_packages(facts: Facts) -> list[Finding]:
    """What else Notemill needs, by the versions that are installed; only what is wrong is told."""
    findings = []
    for line in map(Requirement, _required("notemill")):
        extra = line.marker is not None and not line.marker.evaluate({"extra": ""})
        if line.name not in facts["packages"] and not extra:
            try:
                told = version(line.name)
            except PackageNotFoundError:
                told = "!it is not installed"
            findings.append(_package(line.name, told, {line.name: line.specifier}))
    return [found for found in findings if found.status == WRONG]


def _required(package: str) -> list[str]:
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


def _package(name: str, told: str, asked: dict[str, SpecifierSet]) -> Finding:
    wanted = asked.get(name, SpecifierSet())
    spelled = f"{name}{_shown(wanted)}"
    install = f"Install it for this Python: python -m pip install '{spelled}'."
    if told.startswith("!"):
        return wrong(name, f"{name} cannot be imported: {told[1:]}.", install)
    try:
        found = Version(told)
    except InvalidVersion:
        return advice(name, f"{name} tells no version ({told}); asked for is {spelled}.")
    if not wanted.contains(found, prereleases=True):
        return wrong(name, f"{name} {told} is installed, and {spelled} is asked for.", install)
    return fine(name, told)


def _shown(wanted: SpecifierSet) -> str:
    """The narrowest bounds of a set: one lower, one upper, and what else there is."""
    by_kind: dict[str, list[Version]] = {}
    others = []
    for one in wanted:
        if one.operator in (">=", "<"):
            by_kind.setdefault(one.operator, []).append(Version(one.version))
        else:
            others.append(str(one))
    lower = [f">={max(by_kind['>='])}"] if ">=" in by_kind else []
    upper = [f"<{min(by_kind['<'])}"] if "<" in by_kind else []
    return ",".join([*lower, *upper, *others])


def distutils_finding(facts: Facts) -> list[Finding]:
    """What pyspark 3.5 lacks on Python 3.12: distutils, which it compares versions with."""
    old = str(facts["packages"].get("pyspark", "")).startswith("3.")
    if not old or Version(facts["python"]) < Version("3.12"):
        return []
    try:
        __import__("distutils.version")
    except ImportError:
        return [
            wrong(
                "setuptools",
                f"pyspark {facts['packages']['pyspark']} imports distutils, which Python "
                f"{facts['python']} has no more.",
                f"setuptools brings it: python -m pip install '{_DISTUTILS}', or take pyspark 4.",
            )
        ]
    return []


def bytecode_finding() -> list[Finding]:
    """Where Python keeps nothing of what it compiles, and the installer compiled nothing (uv)."""
    spark = find_spec("pyspark")
    if not sys.dont_write_bytecode or spark is None or spark.origin is None:
        return []
    if Path(cache_from_source(spark.origin)).exists():
        return []
    packages = Path(spark.origin).parents[1]
    return [
        advice(
            "bytecode",
            "PYTHONDONTWRITEBYTECODE is set and packages are not compiled: every command compiles "
            "what it imports.",
            f"Compile them once (python -m compileall -q {packages}), or unset the variable.",
        )
    ]


def java_finding(facts: Facts, *, remote: bool) -> Finding:
    """The Java that Spark would start here; none is needed beside a Spark Connect server."""
    if remote:
        return fine("java", "not needed here: the Spark Connect server has it")
    spark = str(facts["packages"].get("pyspark", "!"))
    try:
        spark = "4" if spark.startswith("!") else spark
        found = java_for(spark)
    except JavaError as failure:
        told, _, remedy = str(failure).partition(". Install")
        return wrong("java", f"{told}.", f"Install{remedy}", JAVA)
    home = os.environ.get("JAVA_HOME")
    told = f"Java {found} ({f'JAVA_HOME is {home}' if home else 'of the PATH'})"
    newest = next((j for s, j in NEWEST_JAVA if Version(spark) >= Version(s)), 17)
    if found > newest:
        return advice(
            "java",
            f"{told}; Spark {spark} names {newest} as the newest that it runs on.",
            "Take 17 if Spark does not start.",
        )
    return fine("java", told)
