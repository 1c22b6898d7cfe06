// In the browser edition: says that Python is loading, which takes a while and which JupyterLab itself calls "Unknown".
const LONG = 180; // seconds: by then it has come, also on a slow line
addEventListener("load", () => {
  const loading = ["unknown", "starting", "initializing", "connecting"];
  const note = document.createElement("div"), seconds = document.createElement("span");
  note.id = "python-is-loading";
  note.setAttribute("role", "status");
  note.style.cssText =
    "position: fixed; z-index: 100; bottom: 32px; left: 50%; transform: translateX(-50%); width: max-content; max-width: 90vw;" +
    "padding: 8px 16px; border-radius: 4px; font: 14px sans-serif; color: white; background: #333; box-shadow: 0 2px 8px #0006";
  note.hidden = true;
  seconds.ariaHidden = "true";
  document.body.append(note);
  let begun = 0;
  setInterval(() => {
    const session = window.jupyterapp?.shell?.currentWidget?.sessionContext;
    const waits = Boolean(session) && loading.includes(session.kernelDisplayStatus);
    if (waits && note.hidden) {
      begun = Date.now();
      note.replaceChildren("Python is loading, some 30 MB the first time. Cells that you run wait their turn. ", seconds);
    }
    const waited = Math.round((Date.now() - begun) / 1000);
    if (waits) seconds.textContent = `${waited} s`;
    if (waits && waited > LONG) note.firstChild.data = "Python has not started yet. Reloading the page starts it again; what you saved is kept. ";
    note.hidden = !waits;
  }, 500);
});

// JupyterLab forgets a run that is asked for before the notebook has its session, some seconds after it shows: the run
// waits for that.
const found = setInterval(() => {
  const app = window.jupyterapp;
  if (!app?.commands) return;
  clearInterval(found);
  const execute = app.commands.execute.bind(app.commands);
  app.commands.execute = async (id, args) => {
    const session = app.shell.currentWidget?.sessionContext;
    if (session && !session.isReady && /\brun\b/.test(id)) await session.ready;
    return execute(id, args);
  };
}, 20);
