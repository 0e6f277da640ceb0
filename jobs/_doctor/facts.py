"""What a machine and its Python are: gathered here, and on executors that may lack Notemill."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

PACKAGES = ("numpy", "pandas", "pyarrow", "onnxruntime", "tokenizers", "pyspark")
CONNECT = ("grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
MODULES = {
    "grpcio": "grpc",
    "grpcio-status": "grpc_status",
    "googleapis-common-protos": "google.rpc",
}
"""The modules of packages that are imported under another name than they are installed by."""

Facts = dict[str, Any]


def facts_here(packages: tuple[str, ...] = PACKAGES) -> Facts:
    """The facts of this process."""
    return dict(json.loads(gatherer(packages)(0)))


def gatherer(packages: tuple[str, ...]) -> Callable[[int], str]:  # noqa: C901 (sent whole)
    """A function that gives the facts of the process that it runs in, as JSON.

    It is sent to executors by value and imports all it needs itself, so that it also runs where
    neither Notemill nor pandas is installed. Keys: host, worker (a Python process), python,
    executable, home (where Notemill is; None where it is not), version (of Notemill), packages (by
    name the version; what an import raised, behind `!`), flags (CPU features), cpus, memory (bytes,
    as far as this process may take them), models (what is wrong with the packaged ones).
    """
    modules = dict(MODULES)

    def gather(_number: int) -> str:  # noqa: C901
        import importlib
        import json as _json
        import os
        import platform
        import re
        import sys
        from importlib import metadata

        def said(failure: BaseException) -> str:
            return (
                "!" + (str(failure).splitlines() or [""])[0][:160] + f" ({type(failure).__name__})"
            )

        def distribution(name: str) -> str:
            try:
                return metadata.version(name)
            except metadata.PackageNotFoundError:
                return "unknown"

        def package(name: str) -> str:
            try:
                module = importlib.import_module(modules.get(name, name))
            except BaseException as failure:
                if isinstance(failure, (KeyboardInterrupt, SystemExit)):
                    raise
                return said(failure)
            return str(getattr(module, "__version__", None) or distribution(name))

        def read(path: str) -> str:
            try:
                with open(path, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123
                    return stream.read()
            except OSError:
                return ""

        def memory() -> int:
            pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
            limits = [read("/sys/fs/cgroup/memory.max")]
            limits.append(read("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
            return min([pages, *(int(n) for n in limits if n.strip().isdigit())])

        def cpus() -> int:
            affine = getattr(os, "sched_getaffinity", None)
            return len(affine(0)) if affine else os.cpu_count() or 1

        home, version, broken = None, "unknown", []
        try:
            home = os.path.dirname(importlib.import_module("annotators").__file__ or "")  # noqa: PTH120
            version = distribution("notemill")
            broken = importlib.import_module("jobs._doctor.models").broken_models_here()
        except ImportError as failure:
            broken = [said(failure)[1:]] if home else []
        info = read("/proc/cpuinfo")
        flags = re.search(r"^(?:flags|Features)\s*:(.*)$", info, re.MULTILINE)
        name = re.search(r"^model name\s*:(.*)$", info, re.MULTILINE)
        return _json.dumps(
            {
                "host": platform.node(),
                "worker": os.getpid(),
                "python": platform.python_version(),
                "executable": sys.executable,
                "home": home,
                "version": version,
                "packages": {name: package(name) for name in packages},
                "cpu": name[1].strip() if name else platform.processor() or platform.machine(),
                "flags": sorted(flags[1].split()) if flags else [],
                "cpus": cpus(),
                "memory": memory(),
                "models": broken,
            }
        )

    return gather
