"""Headless Chromium over its debugging pipe: just enough for the tests of the page."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"]


def find():
    """The browser's path, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Chrome:
    """One browser process with one tab; close() ends both and removes the profile."""

    def __init__(self, path, patience=300):
        self.patience = patience
        self.profile = tempfile.mkdtemp(prefix="tlscensus-chrome-")
        child_reads, self.writes = self.pipe()
        self.reads, child_writes = self.pipe()

        def attach():
            os.dup2(child_reads, 3)
            os.dup2(child_writes, 4)

        self.process = subprocess.Popen([path] + FLAGS + ["--user-data-dir=" + self.profile, "about:blank"],
                                        preexec_fn=attach, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(child_reads)
        os.close(child_writes)
        self.pending = b""
        self.events = []
        self.number = 0
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self.call(domain + ".enable")

    @staticmethod
    def pipe():
        """Descriptors above those that the child is given."""
        high = []
        for descriptor in os.pipe():
            high.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20))
            os.close(descriptor)
        return high

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(60)
        except (OSError, EOFError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.reads)
        os.close(self.writes)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, deadline):
        while b"\0" not in self.pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.reads], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.reads, 1 << 20)
            if not data:
                raise EOFError("the browser went away")
            self.pending += data
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        """Sends a command and gives its result; events that come meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writes, data):]
        deadline = time.monotonic() + self.patience
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            self.events.append(answer)

    def wait_event(self, method):
        deadline = time.monotonic() + self.patience
        while True:
            for i, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(i)
            self.events.append(self.receive(deadline))

    def open(self, url):
        """Loads a page from scratch and returns the seconds until its load event."""
        self.call("Page.navigate", url="about:blank")
        self.wait_event("Page.loadEventFired")
        self.events = []
        start = time.monotonic()
        self.call("Page.navigate", url=url)
        self.wait_event("Page.loadEventFired")
        return time.monotonic() - start

    def run(self, expression):
        """The value of a JavaScript expression, which may be a promise."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:600])
        return result["result"].get("value")

    def settle(self):
        """Waits until what was just done is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def resize(self, width, height=900, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def theme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def script(self, enabled):
        self.call("Emulation.setScriptExecutionDisabled", value=not enabled)

    def screenshot(self, path, x=0, y=0, width=None, height=None):
        params = {"format": "png", "captureBeyondViewport": width is not None}
        if width:
            params["clip"] = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", **params)["data"]))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])

    def complaints(self):
        """What a page must not cause: console messages, policy violations, exceptions, requests beyond itself."""
        said = []
        for event in self.events:
            method, params = event.get("method", ""), event.get("params", {})
            if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded"):
                said.append("%s %s" % (method, json.dumps(params)[:400]))
            if method == "Network.requestWillBeSent" and not params["request"]["url"].startswith("data:"):
                said.append("request " + params["request"]["url"])
        return [line for line in said if not line.startswith("request file:///")] + self.extra_files(said)

    @staticmethod
    def extra_files(said):
        """The page itself is one request; a second file would be one too many."""
        files = [line for line in said if line.startswith("request file:///")]
        return files[1:]
