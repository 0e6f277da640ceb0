"""Drives a headless Chromium over its pipe: what a page shows, says and asks the network for."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

PATH = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
]  # fmt: skip
AS_3_AND_4 = """
import os, sys
ends = [os.dup(os.dup(int(end))) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Gives the pipe's ends the numbers that Chromium reads from and writes to."""


class Page:
    """One tab. `requests` are the addresses that it asked for, `complaints` its console's errors."""

    def __init__(self, write, read):
        self._write, self._read = write, read
        self._number, self._rest = 0, b""
        self.requests, self.complaints = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = None
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = session["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if getattr(self, "_session", None):
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _message(self):
        while b"\0" not in self._rest:
            read = os.read(self._read, 1 << 20)
            assert read, "Chromium ended"
            self._rest += read
        raw, self._rest = self._rest.split(b"\0", 1)
        message = json.loads(raw)
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(message["params"]["exceptionDetails"])
            case "Log.entryAdded":
                self.complaints.append(message["params"]["entry"])
            case "Runtime.consoleAPICalled" if message["params"]["type"] in ("error", "warning"):
                self.complaints.append(message["params"])
        return message

    def look(self, width=1280, height=900, scheme="light"):
        """Set the size of the window and the colours that its user prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def open(self, file, ready="document.documentElement?.dataset.ready === 'yes'"):
        """Open a file and wait until its script says that it is ready."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=file.absolute().as_uri())
        end = time.monotonic() + 30
        while not self.run(f"location.href !== 'about:blank' && {ready}"):
            assert time.monotonic() < end, self.complaints
            time.sleep(0.02)

    def run(self, code):
        """The value of an expression in the page; promises are waited for."""
        done = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def busy(self):
        """Seconds for which the page's main thread ran so far; not those for which others had its core."""
        self.call("Performance.enable", timeDomain="threadTicks")
        found = self.call("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in found}["TaskDuration"]

    def press(self, key, code=0, text=""):
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **extra)  # fmt: skip

    def picture(self, file, *, whole=False):
        """Write what is seen, or the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def chromium(profile):
    """A page of a Chromium with an empty profile, for which this process started it."""
    down, write = os.pipe()
    read, up = os.pipe()

    process = subprocess.Popen(
        [sys.executable, "-c", AS_3_AND_4, str(down), str(up), PATH, *FLAGS,
         f"--user-data-dir={profile}"],
        pass_fds=(down, up), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(down)
    os.close(up)
    try:
        yield Page(write, read)
    finally:
        process.terminate()
        process.wait(20)
        os.close(write)
        os.close(read)
