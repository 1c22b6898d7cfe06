// A picture that can be touched. It shows frames, and handles on them that a mouse, a finger or the keyboard moves.
//
// `render({ model, el })` is all there is: JupyterLab calls it through anywidget, a page of the book with a model of its
// own, which needs get(name), send(report) and on("change:name", listener). What the model has:
//   frame, kind    the picture's bytes and their media type
//   alt            what the picture shows, in words
//   least          pixels below which the picture does not shrink; it scrolls instead, and the outer element has the
//                  class course-stage-scrolls
//   handles        a list of objects, see `places` in handles.py; places are fractions of the picture, from the top left
//   focus          from where to where the picture is kept in view where it scrolls, fractions of its width; may be empty
//   answered       the number of the last move whose picture has come
// It sends {ratio, narrow}, how many of the screen's pixels are one of the page's and whether there is little room, where
// that is not 1 and false; and moves.
// A move is {n, name, grab} with x and y where a handle was dragged to, or with dx and dy, the steps of the arrow keys.
// While two moves have no answer yet, so that one picture is drawn while the page paints the one before, drags wait as
// the newest place alone, and steps add up. So the handle follows the pointer at once, the picture as fast as it can be
// drawn, and nothing piles up.

const CSS = `
.course-stage { overflow-x: auto; }
.course-stage-box { position: relative; line-height: 0; margin: 0 auto; }
.course-stage-box img { width: 100%; height: auto; display: block; user-select: none; touch-action: pan-y; }
.course-stage-dark img { filter: invert(0.93) hue-rotate(180deg); }
.course-stage-handle { position: absolute; width: 28px; height: 28px; margin: -14px; border-radius: 50%; cursor: grab;
  box-sizing: border-box; border: 2px solid #444; background: rgb(120 120 120 / 0.12); touch-action: none; opacity: 0.75;
  font: bold 16px/24px sans-serif; text-align: center; color: #444; }
.course-stage-dark .course-stage-handle { border-color: #ddd; color: #ddd; }
.course-stage-handle:hover { opacity: 1; background: rgb(120 120 120 / 0.3); }
.course-stage-handle:focus-visible { opacity: 1; outline: 3px solid #0077bb; outline-offset: 2px; }
.course-stage-dark .course-stage-handle:focus-visible { outline-color: #6cc5ff; }
.course-stage-held { cursor: grabbing; opacity: 1; }
/* What stands beside the picture in JupyterLab is to be hit by a finger, too. */
.course-experiment .widget-checkbox input { width: 24px; height: 24px; }
.course-experiment .noUi-touch-area { position: absolute; inset: -5px; width: auto; height: auto; }
`;
const FAR = 1000000; // more steps than any handle has: the end
const KEYS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
  PageUp: [0, 10], PageDown: [0, -10], Home: [-FAR, 0], End: [FAR, 0],
};
const NARROW = 560; // pixels: LEAST of picture.py
const RADIUS = 14; // of a handle, in pixels
const AHEAD = 2; // moves without an answer
const PATIENCE = 5000; // milliseconds for an answer, after which the next move is sent all the same

function render({ model, el }) {
  const add = (parent, tag, name) => {
    const element = document.createElement(tag);
    element.className = name;
    parent.append(element);
    return element;
  };
  const style = add(el, "style", ""), outer = add(el, "div", "course-stage");
  const box = add(outer, "div", "course-stage-box"), image = add(box, "img", "");
  style.textContent = CSS;
  image.draggable = false;
  image.decoding = "sync"; // no blank moment between two pictures
  outer.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab leaves the arrow keys to the handles

  // The picture
  let url = null, frames = 0;
  const show = () => {
    const old = url;
    url = URL.createObjectURL(new Blob([model.get("frame")], { type: model.get("kind") }));
    image.src = url;
    if (old) image.decode().catch(() => {}).finally(() => URL.revokeObjectURL(old));
    box.dataset.frames = ++frames;
    setTimeout(nameControls);
  };
  // In JupyterLab the sliders above have no names, and say a logarithm where the number beside them is the value; a
  // switch in a slider's row has a title alone.
  const nameControls = () => el.closest(".jp-OutputArea-output")?.querySelectorAll(".widget-slider").forEach(slider => {
    const handle = slider.querySelector(".noUi-handle"), readout = slider.querySelector(".widget-readout");
    handle?.setAttribute("aria-label", slider.querySelector(".widget-label")?.textContent || "value");
    const value = (slider.nextElementSibling ?? readout)?.textContent;
    if (value) handle?.setAttribute("aria-valuetext", value);
    const box = slider.previousElementSibling?.querySelector("input");
    box?.setAttribute("aria-label", box.title);
  });
  const describe = () => { image.alt = model.get("alt"); };
  const size = () => {
    box.style.minWidth = model.get("least") ? `${model.get("least")}px` : "";
    outer.classList.toggle("course-stage-scrolls", box.offsetWidth > outer.clientWidth); // a handle may stand out
  };
  const follow = () => {
    const [left, right] = model.get("focus") ?? [], width = box.offsetWidth, room = outer.clientWidth;
    if (left === undefined || width <= room) return;
    outer.scrollLeft = Math.min(Math.max(outer.scrollLeft, right * width - room), left * width);
  };

  // Moves
  let sent = 0, done = 0, next = null, timer = null, grab = Date.now() % 1e9;
  const report = move => {
    if (sent - done >= AHEAD) {
      const more = next && next.dx !== undefined && move.dx !== undefined && next.grab === move.grab;
      next = more ? { ...move, dx: next.dx + move.dx, dy: next.dy + move.dy } : move;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => answer(sent), PATIENCE);
    model.send({ n: ++sent, ...move });
  };
  const answer = n => {
    if (n <= done) return;
    done = n;
    if (done === sent) clearTimeout(timer);
    const move = next;
    next = null;
    if (move) report(move);
    else if (done === sent && held === null) moving = null;
  };

  // Handles
  const dots = new Map();
  let held = null, moving = null; // moving: held, or let go where not every move has been answered yet
  const put = (dot, x, y) => { // all of it within its axes: beside them are titles and numbers
    const [left, top, right, bottom] = dot.handle.frame;
    const within = (low, at, high) => `clamp(${100 * low}% + ${RADIUS}px, ${100 * at}%, ${100 * high}% - ${RADIUS}px)`;
    dot.style.left = within(left, x, right);
    dot.style.top = within(top, y, bottom);
  };
  const place = () => {
    const handles = model.get("handles") ?? [], names = new Set(handles.map(handle => handle.name));
    for (const [name, dot] of dots) if (!names.has(name)) { dot.remove(); dots.delete(name); }
    for (const handle of handles) {
      const dot = dots.get(handle.name) ?? make(handle.name);
      dot.handle = handle;
      const words = { label: handle.label, valuetext: handle.text, valuenow: handle.now };
      Object.assign(words, { valuemin: handle.low, valuemax: handle.high });
      words.orientation = handle.along === "y" ? "vertical" : "horizontal";
      for (const [key, value] of Object.entries(words)) dot.setAttribute(`aria-${key}`, value);
      if (handle.along === "xy") dot.setAttribute("aria-roledescription", "2-D slider");
      dot.title = `${handle.label}: ${handle.text}`;
      dot.textContent = handle.beyond; // an arrow to where its place is
      if (moving !== handle.name) put(dot, handle.x, handle.y);
    }
  };
  const make = name => {
    const dot = add(box, "div", "course-stage-handle");
    dots.set(name, dot);
    dot.tabIndex = 0;
    dot.dataset.name = name;
    dot.setAttribute("role", "slider");
    dot.onpointerdown = event => { if (event.button === 0) begin(event, dot, false); };
    dot.onkeydown = event => {
      const key = KEYS[event.key];
      if (!key || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const [dx, dy] = key.map(step => (event.shiftKey ? 10 * step : step)), along = dot.handle.along;
      const move = along === "xy" ? { dx, dy } : along === "x" ? { dx: dx + dy, dy: 0 } : { dx: 0, dy: dx + dy };
      report({ name, grab: move.dx ? "keys x" : "keys y", ...move });
    };
    return dot;
  };
  const within = (event, [left, top, right, bottom]) => {
    const edge = image.getBoundingClientRect();
    const x = (event.clientX - edge.left) / edge.width, y = (event.clientY - edge.top) / edge.height;
    return [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom), x, y];
  };
  const begin = (event, dot, jump) => {
    event.preventDefault();
    dot.focus({ preventScroll: true });
    const { name, x, y, bounds, along } = dot.handle;
    const [atX, atY] = within(event, bounds), offset = jump ? [0, 0] : [x - atX, y - atY];
    held = moving = name;
    grab += 1;
    dot.classList.add("course-stage-held");
    const target = event.target;
    target.setPointerCapture(event.pointerId);
    const move = event => {
      let [toX, toY] = within(event, bounds);
      toX = along === "y" ? dot.handle.x : Math.min(Math.max(toX + offset[0], bounds[0]), bounds[2]);
      toY = along === "x" ? dot.handle.y : Math.min(Math.max(toY + offset[1], bounds[1]), bounds[3]);
      put(dot, toX, toY);
      report({ name, grab, x: toX, y: toY });
    };
    const end = () => {
      held = null;
      dot.classList.remove("course-stage-held");
      for (const kind of ["pointermove", "pointerup", "pointercancel"]) target.removeEventListener(kind, listeners[kind]);
      if (done < sent) return; // the answer to the last move puts it in its place
      moving = null;
      place();
    };
    const listeners = { pointermove: move, pointerup: end, pointercancel: end };
    for (const [kind, listener] of Object.entries(listeners)) target.addEventListener(kind, listener);
    if (jump) move(event);
  };
  image.onpointerdown = event => {
    // A press beside all handles takes the one whose area it is, and moves it there.
    for (const dot of dots.values()) {
      const { area } = dot.handle;
      if (!area || event.button !== 0) continue;
      const [x, y, atX, atY] = within(event, area);
      if (x === atX && y === atY) return begin(event, dot, true);
    }
  };

  image.onpointermove = event => {
    if (held !== null || event.pointerType !== "mouse") return;
    for (const dot of dots.values()) {
      const { name, area, hover } = dot.handle;
      if (!hover || !area) continue;
      const [x, y, atX, atY] = within(event, area);
      if (x === atX && y === atY) report({ name, grab, x, y });
    }
  };

  // The theme: where the page is dark, the picture is inverted, and its hues are kept.
  const theme = () => {
    const { body, documentElement } = document, light = body.dataset.jpThemeLight;
    const named = light ? (light === "false" ? "dark" : "light") : documentElement.dataset.theme;
    outer.classList.toggle("course-stage-dark", named ? named === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  };
  const watch = new MutationObserver(theme);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  // A finer screen gets a finer picture, also after the page was made larger; a narrow place one of stacked panels.
  const gone = new AbortController();
  let ratio = 1, narrow = false;
  const fit = () => {
    const width = outer.clientWidth, now = width ? width < NARROW : narrow; // where it is not shown it has no width
    if (ratio !== devicePixelRatio || narrow !== now) {
      [ratio, narrow] = [devicePixelRatio, now];
      model.send({ ratio, narrow });
    }
    size();
  };
  const fitAgain = () => {
    fit();
    matchMedia(`(resolution: ${ratio}dppx)`).addEventListener("change", fitAgain, { once: true, signal: gone.signal });
  };
  const room = new ResizeObserver(fit);
  room.observe(outer);

  model.on("change:frame", show);
  model.on("change:alt", describe);
  model.on("change:least", size);
  model.on("change:handles", place);
  model.on("change:focus", follow);
  model.on("change:answered", () => { answer(model.get("answered")); if (held === null) place(); });
  show(); describe(); size(); place(); theme(); fitAgain(); requestAnimationFrame(follow);
  return () => { watch.disconnect(); room.disconnect(); gone.abort(); clearTimeout(timer); if (url) URL.revokeObjectURL(url); };
}

export default { render };
