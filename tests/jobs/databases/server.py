"""A real PostgreSQL for tests: in a folder of its own, not as root, on a port that is free."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER = "notemill"
PASSWORD = "Xylopass-7f3a"  # a canary: tests look for it in whatever is left behind
_HOMES = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/*/bin")


def binaries():
    """The folder with initdb and postgres: Debian's, or that of the search path; None for none."""
    for pattern in _HOMES:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / "initdb").exists():
                return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """One server process with the user USER, who owns the database of that name.

    durable: whether it waits for the disk at each commit, as a server does that nobody tests with.
    """

    def __init__(self, *, durable=False):
        self.bin, self._durable = binaries(), durable
        self.port = free_port()
        self.url = f"postgresql://127.0.0.1:{self.port}/{USER}"
        self.folder = Path(tempfile.mkdtemp(prefix="notemill-postgresql-"))
        self._running = None
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._as = {"user": "postgres", "group": "postgres", "extra_groups": []}
        if os.geteuid():
            self._as = {}
        else:
            shutil.chown(self.folder, "postgres", "postgres")
        secret = self.folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        self._call(
            "initdb", "-D", self.folder / "data", "-U", USER, "--auth=scram-sha-256",
            f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        self.start()
        self.sql(f"create database {USER}", database="postgres")

    def start(self):
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        options += [] if self._durable else ["-F"]
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            self._running = subprocess.Popen(
                [self.bin / "postgres", "-D", self.folder / "data", *options],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._as,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while self._call("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), check=False):
            assert self._running.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def stop(self, mode="fast"):
        """Stop it; `immediate` is as a crash: sessions are cut and unlogged tables lost."""
        self._call("pg_ctl", "-D", self.folder / "data", "-w", "-m", mode, "stop", check=False)
        self._running.wait(30)

    def remove(self):
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def connect(self, database=USER, *, autocommit=False):
        """A session; in a transaction from its first statement on, unless it commits each."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database,
            autocommit=autocommit,
        )  # fmt: skip

    def sql(self, statement, *values, database=USER):
        """Run one statement; its rows, if it has some."""
        with self.connect(database, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _call(self, name, *arguments, check=True):
        done = subprocess.run(
            [self.bin / name, *map(str, arguments)],
            capture_output=True, text=True, check=False, cwd=self.folder, **self._as,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done.returncode
