"""The Java that Spark runs on: which is needed, which is found. Nothing heavy is imported here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from jobs._run.exit_codes import JavaError


def java_for(spark: str) -> int:
    """The major version of the Java that Spark would start on this machine.

    spark: the version of pyspark. Raises JavaError where there is none or it is too old.
    """
    needed = 17 if int(spark.split(".", maxsplit=1)[0]) >= 4 else 8
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    found = _version(java) if java else None
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


def _version(java: str) -> int | None:
    """The major version that `java -version` tells: 17 of "17.0.15", 8 of "1.8.0_412"."""
    try:
        told = subprocess.run(  # noqa: S603 (the Java that Spark would run)
            [java, "-version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', told.stderr)
    return int(match.group(1)) if match else None
