"""A real JupyterLab in a real browser: starts the server, opens notebooks, and moves the controls of experiments."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time

from tools.notebooks import KERNEL_ENV, ROOT

SETTINGS = json.loads((ROOT / "tools" / "lab_defaults.json").read_text()) | {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # every cell is in the document
}
SETTINGS["@jupyterlab/docmanager-extension:plugin"] |= {"autosave": False}
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def chromium():
    """The path of a Chromium or Chrome on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@contextlib.contextmanager
def server(folder, scratch):
    """JupyterLab serving `folder`, with all that it keeps in `scratch`. Gives the address, with its token."""
    for name in ("config/labconfig", "data", "runtime", "workspaces", "settings", "ipython"):
        (scratch / name).mkdir(parents=True)
    (scratch / "config/labconfig/default_setting_overrides.json").write_text(json.dumps(SETTINGS))
    env = os.environ | KERNEL_ENV
    env |= {f"JUPYTER_{name.upper()}_DIR": str(scratch / name) for name in ("config", "data", "runtime")}
    env |= {f"JUPYTERLAB_{name.upper()}_DIR": str(scratch / name) for name in ("workspaces", "settings")}
    env |= {"IPYTHONDIR": str(scratch / "ipython"), "PYTHONPATH": f"{ROOT}{os.pathsep}{env.get('PYTHONPATH', '')}"}
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={token}"]
    with open(scratch / "log", "w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        end = time.monotonic() + 60
        while not (found := [t for p in (scratch / "runtime").glob("jpserver-*.json") if (t := p.read_text())]):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"JupyterLab did not start:\n{(scratch / 'log').read_text()[-3000:]}")
            time.sleep(0.1)
        yield f"{json.loads(found[0])['url']}lab?token={token}&reset"
    finally:
        process.send_signal(signal.SIGTERM)  # it shuts its kernels down
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Lab:
    """JupyterLab on a page of the browser, and all that goes wrong in its console."""

    def __init__(self, page, address):
        self.page, self.errors = page, []
        page.set_default_timeout(240_000)  # a condition ends each wait: this is for a machine with other work
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        page.on("console", lambda m: m.type == "error" and self.errors.append(f"console: {m.text} ({m.location})"))
        page.goto(address)
        page.wait_for_function("() => window.jupyterapp?.started")
        page.evaluate("async () => { await jupyterapp.restored; }")

    def open(self, path):
        """The notebook at `path` below the server's folder, with a kernel that is ready."""
        self.page.evaluate(OPEN, str(path))
        return Notebook(self)


OPEN = """async path => {
    const panel = await jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    const end = Date.now() + 180000;  // evaluate has no limit of its own, and an error dialog would hang it
    const watch = new Promise((_, fail) => {
        const look = () => {
            const dialog = document.querySelector('.jp-Dialog');
            if (dialog) fail(new Error('dialog: ' + dialog.innerText));
            else if (Date.now() > end) fail(new Error('no kernel in time for ' + path));
            else setTimeout(look, 100);
        };
        look();
    });
    const ready = async () => { await panel.context.ready; await panel.sessionContext.ready; await panel.revealed; };
    await Promise.race([ready(), watch]);
    jupyterapp.shell.activateById(panel.id);
    window.notebook = panel;
    window.complaints = [];  // what the kernel writes to stderr, also while it handles widgets
    panel.sessionContext.iopubMessage.connect((_, {header, content}) => {
        if (header.msg_type === 'error') complaints.push(`${content.ename}: ${content.evalue}`);
        if (header.msg_type === 'stream' && content.name === 'stderr') complaints.push(content.text);
    });
}"""


# JupyterLab asks every new kernel for its widgets, and a kernel that has not imported ipywidgets yet complains.
HARMLESS = re.compile(r"No such comm(: [0-9a-f-]+| target registered: jupyter\.widget\.control)\s*$")


class Notebook:
    """An open notebook."""

    def __init__(self, lab):
        self.lab, self.page = lab, lab.page
        self.wait_until_idle()

    def wait_until_idle(self):
        self.page.wait_for_function(
            """() => { const kernel = notebook.sessionContext.session?.kernel;
                return kernel?.connectionStatus === 'connected' && kernel.status === 'idle'; }"""
        )

    def run_all(self, seconds=300):
        """Runs all cells; after that many seconds, an error that names the cell which still runs."""
        unfinished = self.page.evaluate(
            """async seconds => {
                const done = jupyterapp.commands.execute('notebook:run-all-cells').then(() => null);
                const runs = cell => cell.promptNode?.textContent.includes('*');
                const source = () => notebook.content.widgets.find(runs)?.model.sharedModel.source ?? '';
                let timer;
                const late = new Promise(resolve => { timer = setTimeout(() => resolve(source()), 1000 * seconds); });
                return Promise.race([done, late]).finally(() => clearTimeout(timer)); }""",
            seconds,
        )
        assert unfinished is None, f"after {seconds} seconds this cell still runs:\n{unfinished}"
        self.wait_until_idle()

    def run_and_interrupt(self, source, seconds=0.5):
        """Run code as the last cell, and interrupt the kernel while it runs."""
        self.page.evaluate(
            """async ([source, seconds]) => {
                const commands = jupyterapp.commands, content = notebook.content;
                content.activeCellIndex = content.widgets.length - 1;
                await commands.execute('notebook:insert-cell-below');
                content.activeCell.model.sharedModel.setSource(source);
                const done = commands.execute('notebook:run-cell');
                await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
                await commands.execute('notebook:interrupt-kernel');
                await done; }""",
            [source, seconds],
        )
        self.wait_until_idle()

    def errors(self):
        """All that went wrong: in cells, in the kernel's handling of widgets, in the browser."""
        cells = self.page.evaluate(
            """() => [...notebook.content.widgets].flatMap((cell, i) => (cell.model.outputs?.toJSON() ?? [])
                .filter(o => o.output_type === 'error' && !cell.model.metadata.tags?.includes('raises-exception'))
                .map(o => `cell ${i}: ${o.ename}: ${o.evalue}`))"""
        )
        shown = self.page.evaluate(
            """() => [...notebook.content.widgets].flatMap(cell => (cell.model.outputs?.toJSON() ?? [])
                .filter(o => o.output_type === 'error').map(o => `${o.ename}: ${o.evalue}`))"""
        )
        complaints = [c for c in self.page.evaluate("() => complaints") if c not in shown and not HARMLESS.match(c)]
        return cells + complaints + self.lab.errors

    def experiments(self):
        found = self.page.locator(".course-experiment")
        return [OnPage(found.nth(i)) for i in range(found.count())]

    def close(self):
        """Ends the kernel, and closes without a question about saving."""
        self.page.evaluate(
            """async () => { await notebook.context.sessionContext.shutdown();
                notebook.context.model.dirty = false; notebook.close(); }"""
        )


class OnPage:
    """An experiment as the page shows it."""

    def __init__(self, locator):
        self.locator, self.page = locator, locator.page

    @property
    def status(self):
        return self.locator.get_by_role("status").inner_text()

    @property
    def picture(self):
        """The picture's address, a new one for each frame."""
        return self.locator.locator("img").get_attribute("src")

    @property
    def alt(self):
        return self.locator.locator("img").get_attribute("alt")

    @property
    def frames(self):
        """How many pictures have been shown."""
        return int(self.locator.locator(".course-stage-box").get_attribute("data-frames"))

    @property
    def handles(self):
        """What can be grabbed in the picture."""
        return self.locator.locator(".course-stage-handle")

    def handle(self, name):
        return self.locator.locator(f".course-stage-handle[data-name={name}]")

    def settled(self):
        """How many pictures have been shown, once no more come."""
        seen = None
        while seen != (seen := self.frames):
            self.page.wait_for_timeout(1000)
        return seen

    def grab(self, handle, right, down, moves=20, pause=0):
        """Drag a handle with the mouse, by fractions of the picture's width and height, with milliseconds of pause."""
        handle.scroll_into_view_if_needed()
        at, picture = handle.bounding_box(), self.locator.locator("img").bounding_box()
        x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for i in range(1, moves + 1):
            self.page.mouse.move(x + right * picture["width"] * i / moves, y + down * picture["height"] * i / moves)
            if pause:
                self.page.wait_for_timeout(pause)
        self.page.mouse.up()

    @property
    def sliders(self):
        return self.locator.locator(".widget-slider")

    @property
    def choices(self):
        return self.locator.locator(".widget-toggle-buttons")

    @property
    def fields(self):
        """What is typed into."""
        return self.locator.locator(".widget-text input[type=text]")

    @property
    def switches(self):
        return self.locator.locator("input[type=checkbox]")

    @property
    def buttons(self):
        found = self.locator.locator("button:not(.widget-toggle-button)")  # those are a choice's options
        return [re.sub(r"[^\w ]", "", words).strip() for words in found.all_inner_texts()]

    def label(self, slider):
        return slider.locator("label").first.inner_text()

    def at(self, slider):
        """Where a slider's handle is, or one in the picture, as a fraction of its way."""
        inner = slider.locator(".noUi-handle")
        handle = inner if inner.count() else slider
        low, now, high = (float(handle.get_attribute(f"aria-value{name}")) for name in ("min", "now", "max"))
        return (now - low) / (high - low)

    def readout(self, slider):
        """The value beside a slider, as the kernel has it."""
        return slider.locator("xpath=..").locator(".course-readout").inner_text()

    def moved_to(self, slider):
        """The value that the slider itself has, in the page; it keeps it as a hidden text, in three digits."""
        return float(slider.locator(".widget-readout").text_content())

    def wait_for_status(self, pattern, seconds=10):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.status):
            assert time.monotonic() < deadline, f"not within {seconds} s: {pattern!r}; the status is {self.status!r}"
            self.page.wait_for_timeout(20)

    def wait_until_picture_and_status_agree(self, seconds=60):
        """They come in messages of their own, the status in words being the picture's alternative text, too."""
        deadline = time.monotonic() + seconds
        while self.alt != (status := self.status.strip()):
            assert time.monotonic() < deadline, f"the picture says {self.alt!r}, the status {status!r}"
            self.page.wait_for_timeout(20)

    @contextlib.contextmanager
    def changes(self, what):
        """What happens in the `with` block gives the page a new picture. What happened before it is waited for."""
        before = None
        while before != (before := self.picture):
            self.page.wait_for_timeout(150)
        yield
        deadline = time.monotonic() + 60
        while self.picture == before:
            assert time.monotonic() < deadline, f"{what}: no new picture within a minute; status: {self.status}"
            self.page.wait_for_timeout(20)

    def press(self, slider, key, times=1):
        handle = slider.locator(".noUi-handle")
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, slider, start, end, moves=20):
        """Drag the handle with the mouse, from one fraction of the slider's length to another."""
        slider.scroll_into_view_if_needed()
        box = slider.locator(".noUi-target").bounding_box()
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + start * box["width"], y)
        self.page.mouse.down()
        for i in range(1, moves + 1):
            self.page.mouse.move(box["x"] + (start + (end - start) * i / moves) * box["width"], y)
        self.page.mouse.up()

    def button(self, name):
        return self.locator.locator("button").filter(has_text=re.compile(rf"^\s*{name}\s*$"))
