// @ts-check
/* An experiment in the page: a native element for each control, buttons for the run, the picture and its line. The
picture, which can be touched, is the one of JupyterLab: stage.js is a copy of course/experiments/stage.js. */

import { button, make, relabel } from "./dom.js";
// @ts-ignore: it has no types
import stage from "./stage.js";

/** @typedef {{name: string, kind: string, label: string, wide: boolean, low: number, high: number, step: number,
 *   log: boolean, options: string[], switch?: Control}} Control */
/** @typedef {{picture: Record<string, any>, status: string, position: number, total: number, progress: string,
 *   values: Record<string, any>,
 *   readouts: Record<string, string>, address: Record<string, any>}} State */
/** @typedef {{id: number, controls: Control[], actions: {method: string, label: string, tip: string}[],
 *   interval: number | null, step: string | null, replays: boolean, state: State}} Experiment */

/** @param {Experiment} spec
 * @param {(request: any) => Promise<State>} ask
 * @param {(state: Record<string, any>) => string} linkTo the address of the page with the experiment in that state */
export function experiment(spec, ask, linkTo) {
  let busy = false, playing = false, state = spec.state, /** @type {any} */ asked = null;
  /** @type {any[]} What waits while Python draws: of a control only its newest value. */
  const wishes = [];
  const said = make("p", { role: "status" }), count = make("span", { className: "live-count" });
  const picture = make("div", { className: "live-picture" });
  /** @type {ReturnType<modelOf>} */
  const model = modelOf((report) => send({ do: "touch", report }));
  /** @type {((state: State, waiting: string[]) => void)[]} */
  const follow = [];

  const show = (/** @type {State} */ now, answered = 0) => {
    state = now;
    const frame = Uint8Array.from(atob(now.picture.frame), (letter) => letter.charCodeAt(0));
    model.update({ ...now.picture, frame, ...(answered && { answered }) });
    said.innerHTML = now.status;
    count.textContent = now.progress;
    // A control that has moved on since is left where it is.
    for (const update of follow) update(now, [...wishes, asked?.wish].map((wish) => wish?.name));
  };
  const next = (wish = wishes.shift()) => wish && { wish, answer: ask({ number: spec.id, ...wish }) };
  const send = async (/** @type {any} */ request) => {
    const same = wishes.findIndex((wish) => wish.do === "move" && wish.name === request.name);
    if (same >= 0) wishes.splice(same, 1);
    wishes.push(request);
    if (busy) return;
    busy = true;
    try {
      for (asked = next(); asked; asked ??= next()) {
        const { wish, answer } = asked, late = setTimeout(() => void (said.textContent = "Working …"), PATIENCE);
        const now = await answer.finally(() => clearTimeout(late));
        asked = next(); // drawn while the page paints the picture before
        show(now, wish.report?.n);
      }
    } catch (error) {
      said.textContent = `This experiment has ended. Run its cell again. (${error})`;
    }
    busy = false;
  };
  const call = (/** @type {string} */ method) => (pause(), send({ do: "call", method }));
  const pause = () => {
    playing = false;
    said.ariaLive = "polite";
    relabel(play, "Play");
  };
  const play = button("", "Play", "", async () => {
    if (playing) return pause();
    playing = true;
    said.ariaLive = "off"; // a screen reader is not to speak ten times a second
    relabel(play, "Pause");
    const wait = 1000 * (spec.interval ?? Math.min(Math.max(4 / Math.max(state.total, 1), 0.05), 0.5));
    do {
      const begun = performance.now();
      await send({ do: "call", method: "step" });
      await new Promise((done) => setTimeout(done, Math.max(wait - (performance.now() - begun), 10)));
    } while (playing && play.isConnected && state.position < state.total);
    pause();
  });

  const controls = make("div", { className: "live-controls" }, ...spec.controls.map((control) => row(control, send, follow)));
  const back = button("", "Back", "", () => call("back")), step = button("", "Step", "", () => call("step"));
  const bar = make("div", { className: "live-buttons" }, ...(spec.step ? (spec.replays ? [play, back, step] : [play, step]) : []));
  const act = (/** @type {string} */ method) => () => send({ do: "call", method });
  bar.append(...spec.actions.map(({ method, label, tip }) => Object.assign(button("", label, "", act(method)), { title: tip })));
  const link = button("", "Copy link", "to this state", async () => {
    pause(); // the next step would have the last word
    const address = linkTo(state.address);
    const copied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
    if (!copied) history.replaceState(null, "", address);
    said.textContent = copied ? "A link to this state is copied." : "The address of this page now leads to this state: copy it from there.";
  });
  bar.append(button("", "Reset", "", () => call("reset")), link, count);
  show(state);
  stage.render({ model, el: picture });
  const box = make("div", { className: "live-experiment" }, controls, bar, picture, said);
  return { box, restore: (/** @type {any} */ to) => send({ do: "restore", state: to }) };
}

/** What stage.js asks of a model: values that tell who listens to them. @param {(report: any) => void} send */
function modelOf(send) {
  /** @type {Record<string, any>} */
  const values = {};
  /** @type {Record<string, (() => void)[]>} */
  const listeners = {};
  return {
    get: (/** @type {string} */ name) => values[name],
    on: (/** @type {string} */ event, /** @type {() => void} */ listener) => void (listeners[event] ??= []).push(listener),
    send,
    update(/** @type {Record<string, any>} */ now) {
      Object.assign(values, now);
      for (const name of Object.keys(now)) for (const tell of listeners[`change:${name}`] ?? []) tell();
    },
  };
}

const PATIENCE = 500; // milliseconds without an answer, after which a reader is told to wait
let rows = 0;

/** A label, the control and its readout. @param {Control} control @param {(request: any) => void} send
 * @param {((state: State, waiting: string[]) => void)[]} follow @returns {HTMLElement} */
function row(control, send, follow) {
  const id = `live-control-${++rows}`, { name, log } = control;
  const move = (/** @type {any} */ value) => send({ do: "move", name, value });
  const readout = make("output", { htmlFor: id });
  /** @type {HTMLInputElement | HTMLSelectElement} */
  let input;
  if (control.kind === "Slider") {
    const place = (/** @type {number} */ value) => (log ? Math.log10(value) : value);
    const value = (/** @type {number} */ at) => Math.min(control.high, Math.max(control.low, log ? 10 ** at : at));
    const slider = (input = make("input", { id, type: "range", min: place(control.low), max: place(control.high), step: control.step }));
    slider.oninput = () => move(value(slider.valueAsNumber));
    follow.push(({ values, readouts }, waiting) => {
      const away = Math.abs(slider.valueAsNumber - place(values[name])) > control.step / 2 && !waiting.includes(name);
      if (away && !slider.matches(":active")) slider.value = String(place(values[name]));
      slider.ariaValueText = readouts[name]; // of a logarithmic slider not the logarithm
    });
  } else if (control.kind === "Choice") {
    const select = (input = make("select", { id }, ...control.options.map((option, i) => make("option", { value: String(i) }, option))));
    select.onchange = () => move(Number(select.value));
    follow.push(({ values }) => void (select.value = String(values[name])));
  } else if (control.kind === "Text") {
    const field = (input = make("input", { id, type: "text", spellcheck: false, autocomplete: "off" }));
    field.onchange = () => move(field.value); // Enter, or leaving the field, hands it over
    follow.push(({ values }) => {
      if (document.activeElement !== field) field.value = values[name];
    });
  } else {
    const box = (input = make("input", { id, type: "checkbox" }));
    box.onchange = () => move(box.checked);
    follow.push(({ values }) => void (box.checked = values[name]));
  }
  follow.push(({ readouts }) => void (readout.textContent = control.kind === "Slider" ? readouts[name] : ""));
  const label = make("label", { htmlFor: id }, control.label);
  const own = control.switch && row(control.switch, send, follow).querySelector("input");
  if (own) Object.assign(own, { ariaLabel: control.switch?.label });
  return make("div", { className: control.wide ? "live-wide" : "" }, own ? make("span", {}, own, label) : label, input, readout);
}
