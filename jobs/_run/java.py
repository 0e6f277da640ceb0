"""The Java that Spark runs on: which is needed, which is found. Nothing heavy is imported here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from jobs._run.exit_codes import JavaError

_MAJOR = re.compile(r'(?:^JAVA_VERSION=|version )"(?:1\.)?(\d+)', re.MULTILINE)
"""The version as `java -version` and the file `release` tell it: 17 of 17.0.15, 8 of 1.8.0_412."""


def java_for(spark: str, told: Callable[[str], int | None] | None = None) -> int:
    """The major version of the Java that Spark would start on this machine.

    spark: the version of pyspark. told: what is known of a Java's version without running it.
    Raises JavaError where there is none or it is too old.
    """
    needed = 17 if int(spark.split(".", maxsplit=1)[0]) >= 4 else 8
    home, java = os.environ.get("JAVA_HOME"), java_here()
    found = ((told and told(java)) or _version(java)) if java else None
    if found is None or found < needed:
        what = f"Java {found} was found at {java}"
        if found is None:
            where = f" under JAVA_HOME, {home}" if home else ""
            what = f"no Java was found{where}" if java is None else f"{java} tells no version"
        raise JavaError(
            f"Spark {spark} needs Java {needed} or newer, but {what}. Install one "
            "(Debian and Ubuntu: apt-get install openjdk-17-jre-headless) or point JAVA_HOME at it."
        )
    return found


def java_here() -> str | None:
    """The Java that Spark would start on this machine, None where there is none."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which(str(Path(home) / "bin" / "java") if home else "java")


def release_of(java: str) -> str:
    """What a Java's own folder says of its release; nothing where it says nothing."""
    try:
        return Path(java).resolve().parents[1].joinpath("release").read_text("utf-8", "replace")
    except (OSError, IndexError):
        return ""


def version_in_release(java: str) -> int | None:
    """The major version that a Java's own folder tells, in no time; None where it tells none."""
    return _major(release_of(java))


def _version(java: str) -> int | None:
    """The major version that `java -version` tells."""
    try:
        told = subprocess.run(  # noqa: S603 (the Java that Spark would run)
            [java, "-version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return _major(told.stderr)


def _major(told: str) -> int | None:
    match = _MAJOR.search(told)
    return int(match.group(1)) if match else None
