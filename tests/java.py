"""How tests start Java: for seconds, on few cores.

    python -m tests.java     # makes the archive of Spark's classes for this environment

Java reads, checks and lays out some ten thousand classes of Spark before a first job. With the
archive they are mapped into memory as they were left by a job before. tests/run.py makes it; tests
run without it, too.
"""

import os
import shutil
import sys
from pathlib import Path
from unittest.mock import patch

from py4j.java_gateway import JavaClass, JavaMember, JavaPackage, JVMView

from annotators import daemon
from jobs._start.archive import kept_archives, make_archive
from jobs._start.short_run import OPTIONS, SETTINGS

VARIABLES = ("SPARK_SUBMIT_OPTS", "SPARK_DAEMON_JAVA_OPTS", "SPARK_LAUNCHER_OPTS")
"""Where spark-submit, Spark's daemons and their launcher look for options, without a word of it."""
CACHE = Path(sys.prefix)
_OF_THIS_ENVIRONMENT = {"XDG_CACHE_HOME": str(CACHE)}


def archive():
    """The archive of this environment; None where none was made."""
    with patch.dict(os.environ, _OF_THIS_ENVIRONMENT):
        return next(iter(kept_archives()), None)


def short_lived():
    """Let every Java that Spark's scripts start from this process on be one for seconds."""
    kept = archive()
    # Where another Spark is started, Java says nothing and goes on without the archive.
    archived = f"{OPTIONS} -Xshare:auto -XX:SharedArchiveFile={kept} -Xlog:disable"
    for name in VARIABLES:
        is_spark = name != "SPARK_LAUNCHER_OPTS"
        os.environ.setdefault(name, archived if is_spark and kept else OPTIONS)


def submit_args(*, with_notemill=True):
    """PYSPARK_SUBMIT_ARGS with which the session of a process is one for seconds, as its executors.

    with_notemill: whether its Python workers have Notemill, and so can be forked by our daemon.
    """
    forked = daemon.settings() if with_notemill else {}
    settings = {"spark.executor.extraJavaOptions": os.environ[VARIABLES[0]], **SETTINGS, **forked}
    return " ".join([*(f"--conf '{k}={v}'" for k, v in settings.items()), "pyspark-shell"])


def remember_names():
    """Let py4j keep what a name stands for in Java: a package, a class, a class's method.

    It asks at each use, and Java then looks for a class whose package is not told in every package
    that pyspark imports, each time through all of Spark's JARs.
    """
    for kind in (JVMView, JavaPackage, JavaClass):
        kind.__getattr__ = _kept(kind.__getattr__)


def _kept(ask):
    def asked(self, name):
        found = ask(self, name)
        if isinstance(found, (JavaPackage, JavaClass, JavaMember)):
            self.__dict__[name] = found
        return found

    return asked


def without_spark():
    """This environment, but for what this test's own Spark has put into it."""
    own = ("SPARK_", "PYSPARK_")
    return {k: v for k, v in os.environ.items() if k in VARIABLES or not k.startswith(own)}


if __name__ == "__main__" and archive() is None:
    shutil.rmtree(CACHE / "notemill", ignore_errors=True)  # of another Spark or Java
    with patch.dict(os.environ, _OF_THIS_ENVIRONMENT):
        make_archive(OPTIONS)
