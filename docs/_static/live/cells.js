// @ts-check
/* The code cells of a chapter: each can be changed and run in its place. */

import { button, make, relabel } from "./dom.js";
import { colour, openEditor } from "./editor.js";
import { experiment } from "./experiment.js";
import { Kept, keepSolved, solved } from "./kept.js";
import { prediction, storedQuestion } from "./prediction.js";
import { Python } from "./python.js";

const UNANSWERED = 3000; // ms after Stop until a restart is offered

export class Chapter {
  /** @param {string} name the notebook's, without its ending
   * @param {Element[]} boxes the cells as the book has them */
  constructor(name, boxes) {
    this.python = new Python((message) => this.#receive(message), () => this.cells.forEach((cell) => (cell.hasRun = false)));
    this.kept = { cells: new Kept("cells", name), predictions: new Kept("predictions", name) };
    this.cells = boxes.map((box, number) => new Cell(this, box, number));
    for (const cell of this.cells) cell.connect();
    /** @type {Cell | undefined} */
    this.running = undefined;
    /** @type {Cell | undefined} the one that the reader asked for, which tells how it goes */
    this.target = undefined;
    /** @type {Cell | undefined} the one that points to an error above */
    this.blocked = undefined;
    this.work = Promise.resolve();
    this.stopped = false;
    this.turn = 0; // restarts so far: what was asked for before one does not run after it
    this.begun = false; // whether Python is at the cell that runs
    this.unanswered = 0; // the timer that waits for a stopped run's end
    addEventListener("pageshow", (event) => event.persisted && this.restart());
  }

  /** @param {import("./python.js").Message} message */
  #receive(message) {
    if (message.kind === "solved") keepSolved(message.solved);
    else if (message.kind === "begins") this.#begins();
    else if (message.kind === "progress") this.target?.say(this.progress(message));
    else this.cells[message.cell].receive(message);
  }

  /** The cell runs: until now it may have waited for another page's. */
  #begins() {
    this.begun = true;
    if (this.running === this.target) this.target?.say("Runs …");
  }

  /** @param {any} message */
  progress({ starting, bytes, total }) {
    if (starting) return "Starting Python …";
    const megabytes = (/** @type {number} */ size) => (size / 1e6).toFixed(0);
    return `Loading Python: ${megabytes(bytes)} ${total ? `of ${megabytes(Math.max(total, bytes))} ` : ""}MB …`;
  }

  /** Runs a cell after all above that have not run; what is asked for meanwhile waits its turn. @param {Cell} cell */
  run(cell) {
    const { turn } = this;
    cell.say("Waits …");
    this.work = this.work.then(() => (turn === this.turn ? this.#runWithAbove(cell) : cell.tell()));
    return this.work;
  }

  /** @param {Cell} cell */
  async #runWithAbove(cell) {
    const above = this.cells.slice(0, cell.number).filter(({ hasRun }) => !hasRun);
    this.stopped = false;
    this.blocked?.tell();
    this.blocked = undefined;
    for (const [i, other] of above.entries()) {
      cell.say(`First the cells above that have not run: ${i + 1} of ${above.length} …`);
      const status = await other.run(cell);
      if (this.stopped) return cell.say("Stopped.");
      if (status === "ok") continue;
      this.blocked = cell;
      return cell.say("A cell above stopped with an error: ", make("a", { href: `#${other.box.id}` }, "see there"), ".");
    }
    await cell.run(cell, above.length ? `Ran ${above.length} above first. ` : "");
  }

  runAll() {
    return this.run(this.cells[this.cells.length - 1]);
  }

  stop() {
    const cell = this.running;
    this.stopped = true;
    if (!cell) return;
    cell.interrupt();
    const waits = !this.begun && this.python.isReady;
    this.target?.say(waits ? "Python runs a cell of another page. This one will not run after it." : "Stopping …");
    if (!this.python.isReady) return;
    clearTimeout(this.unanswered); // the run's end clears it too
    this.unanswered = setTimeout(() => {
      const again = button("", "Restart, and run the cells above again", "", () => {
        this.restart(true);
        if (cell.number) this.run(this.cells[cell.number - 1]);
      });
      this.target?.say(waits ? "Python still runs a cell of another page. " : "Python does not answer. ", again);
    }, UNANSWERED);
  }

  /** A fresh namespace for the chapter, after what runs has been stopped.
   * @param {boolean} [force] a new Python, where the old one does not answer */
  restart(force = false) {
    this.turn += 1;
    if (force) this.python.giveUp();
    else this.stop();
    this.work = this.work.then(() => {
      this.python.forget();
      for (const cell of this.cells) cell.reset();
    });
    return this.work;
  }

  get changed() {
    return this.cells.filter((cell) => cell.code !== cell.source);
  }
}

export class Cell {
  /** @param {Chapter} chapter @param {Element} box @param {number} number */
  constructor(chapter, box, number) {
    this.chapter = chapter;
    this.box = box;
    this.number = number;
    this.box.id ||= `cell-${number + 1}`;
    this.pre = /** @type {HTMLPreElement} */ (box.querySelector(".cell_input pre"));
    this.printed = [...this.pre.childNodes]; // the source with its colours
    this.source = (this.pre.textContent ?? "").replace(/\n$/, "");
    this.code = this.source;
    this.stored = [...box.children].filter((child) => !child.matches(".cell_input"));
    this.figures = [...box.querySelectorAll("figure")];
    this.fold = /** @type {HTMLDetailsElement | null} */ (box.querySelector("details.outcome"));
    this.hasRun = false;
    this.tried = ""; // the code whose output is shown
    /** @type {string | undefined} the reader's code before it was restored */
    this.before = undefined;
    this.pictures = 0; // that its run has shown
    /** @type {any[]} What it sent in its last run: the tests compare it. */
    this.outputs = [];
    /** @type {HTMLElement | undefined} */
    this.shown = undefined;
    /** @type {import("./editor.js").Editor | undefined} */
    this.editor = undefined;
    /** @type {((option: string) => void) | undefined} */
    this.onChoice = undefined;
    /** @type {string | null} */
    this.stopAddress = null;

    const which = `cell ${number + 1}`;
    this.buttons = {
      run: button("▶", "Run", which, () => this.chapter.run(this)),
      stop: button("■", "Stop", which, () => this.chapter.stop()),
      edit: button("✎", "Edit", which, () => (this.editor ? this.closeEditor() : this.edit())),
      restore: button("↺", "Restore", which, () => this.restore()),
    };
    this.buttons.stop.hidden = true;
    this.said = [make("span", { role: "status", className: "live-said" })]; // an experiment has a second one, below
    this.bar = make("div", { className: "live-bar" }, ...Object.values(this.buttons), ...this.said);
    box.querySelector(".cell_input")?.after(this.bar);
    this.setCode(chapter.kept.cells.get(this.source) ?? this.source);
    this.tell();
  }

  /** What depends on other cells or stands in the outputs. */
  connect() {
    this.guess = this.source.match(/^(\w+) = check\.[\w.]+\.predict\(\)/m)?.[1];
    const asked = this.chapter.cells.findLast((cell) => cell.number < this.number && cell.guess && this.source.includes(`${cell.guess}.outcome(`));
    if (asked) {
      asked.onChoice = () => this.box.querySelectorAll("details.outcome").forEach((fold) => fold.setAttribute("open", ""));
      this.asked = asked;
      if (asked.choice !== undefined) asked.onChoice(asked.choice); // in an earlier visit
    }
    const question = this.guess && this.stored.length && storedQuestion(this.stored[0]);
    if (question) this.stored[0].replaceChildren(this.#prediction(question));
    const link = this.box.querySelector("figcaption .moves"); // to the browser edition, for who reads without scripts
    if (link) {
      const start = button("▶", "Move it here", "", () => this.startExperiment());
      start.className = "live-start";
      this.said.push(make("span", { className: "live-said" }));
      link.nextSibling?.remove();
      link.replaceWith(start, this.said[1]);
    }
  }

  /** @param {{question: string, options: string[], id?: number}} asked */
  #prediction({ question, options, id }) {
    const kept = this.chapter.kept.predictions;
    const tell = (/** @type {string} */ option) => id && this.chapter.python.ask({ do: "choose", number: id, option });
    this.choice = kept.get(question);
    if (this.choice !== undefined) tell(this.choice);
    return prediction(question, options, this.choice, (/** @type {string} */ option) => {
      this.choice = option;
      kept.set(question, option);
      tell(option);
      this.onChoice?.(option);
    });
  }

  /** @param {...(Node | string)} words */
  say(...words) {
    if (words.length === 1 && words[0] === this.said[0].textContent) return; // nothing new to be spoken
    for (const place of this.said) place.replaceChildren(...words.map((word) => (word instanceof Node && place !== this.said[0] ? "" : word)));
  }

  // Its code

  async edit() {
    const field = await openEditor(this.code, `Code of cell ${this.number + 1}`, {
      change: (code) => this.setCode(code),
      run: () => this.chapter.run(this),
      close: () => this.closeEditor(),
    });
    this.editor = field;
    this.pre.hidden = true;
    this.pre.after(field.element);
    field.focus();
    this.#label();
  }

  closeEditor() {
    this.editor?.element.remove();
    this.editor = undefined;
    this.pre.hidden = false;
    this.setCode(this.code);
    this.buttons.edit.focus();
  }

  /** @param {string} code */
  setCode(code) {
    const changed = code !== this.source;
    if (code !== this.code) {
      this.code = code;
      this.hasRun = false;
      this.chapter.kept.cells.set(this.source, changed ? code : undefined);
      this.tell();
    }
    if (changed) this.pre.textContent = code;
    else this.pre.replaceChildren(...this.printed);
    if (changed && !this.editor) colour(this.pre, code);
    this.#label();
  }

  #label() {
    const changed = this.code !== this.source;
    this.buttons.restore.hidden = !changed && this.before === undefined;
    relabel(this.buttons.restore, changed ? "Restore" : "Undo");
    relabel(this.buttons.edit, this.editor ? "Done" : "Edit");
    this.buttons.edit.ariaExpanded = String(!!this.editor);
  }

  /** Says what its outputs do not show. */
  tell() {
    const [, chapter, task] = this.source.match(/^check\.(\w+)\.(\w+)\(/m) ?? [];
    if (this.shown) this.say(this.code === this.tried ? "" : "Changed since it ran.");
    else if (this.code !== this.source) this.say(`Changed, and not run yet${this.stored.length ? ": below is the book's output" : ""}.`);
    else this.say(solved()[chapter]?.[task] === "right" ? "✓ You have solved this. Below is the book's output: run it to see yours." : "");
  }

  /** Its code and its outputs as the book has them; where its code is that already, the reader's before that. */
  restore() {
    const { code, before = code } = this;
    if (code !== this.source) this.before = code;
    if (this.editor) this.closeEditor();
    this.setCode(code === this.source ? before : this.source);
    this.reset();
  }

  /** Its outputs as the book has them. */
  reset() {
    this.hasRun = false;
    this.shown?.replaceWith(...this.stored);
    this.shown = undefined;
    this.tell();
  }

  // A run

  /** @param {Cell} target the cell that the reader asked for, which tells how it goes
   * @param {string} [before] @param {string[]} [above] only what it needs of these sources runs before it
   * @returns {Promise<string>} how it ended */
  async run(target, before = "", above) {
    const { chapter, code } = this;
    chapter.running = this;
    chapter.target = target;
    try {
      chapter.begun = false;
      if (!chapter.python.isReady) target.say("Loading Python …");
      await chapter.python.start();
      if (chapter.stopped) throw new Error("Stopped.");
      this.#makeRoom();
      this.tried = code;
      this.stopAddress = URL.createObjectURL(new Blob(["while this is there, Python runs"], { type: "text/plain" }));
      this.buttons.stop.hidden = target.buttons.stop.hidden = false;
      const request = { do: "run", cell: this.number, source: code, stop: this.stopAddress, above };
      const { status, seconds } = await chapter.python.ask(request);
      if (status === "unprepared") return status;
      this.#place();
      this.hasRun = status === "ok" && !above && code === this.code; // it may be changed while it runs
      const ended = { ok: "Done", error: "An error", stopped: "Stopped" }[/** @type {string} */ (status)];
      const differs = this.box.matches(".tag_nbval-ignore-output") ? " Times differ from machine to machine, and are longer in a browser." : "";
      if (this === target) target.say(`${before}${ended} after ${seconds.toFixed(1)} s.${differs}`);
      return status;
    } catch (error) {
      target.say(error instanceof Error ? error.message : String(error));
      return "failed";
    } finally {
      this.interrupt();
      clearTimeout(chapter.unanswered);
      for (const { stop, run } of [this.buttons, target.buttons]) {
        if (document.activeElement === stop) run.focus(); // it would be lost with the button
        stop.hidden = true;
      }
      chapter.running = undefined;
    }
  }

  interrupt() {
    if (this.stopAddress) URL.revokeObjectURL(this.stopAddress);
    this.stopAddress = null;
  }

  /** Room for new outputs. The old ones stay until there is one. */
  #makeRoom() {
    this.outputs = [];
    this.pictures = 0;
    this.into = make("div", { className: "cell_output live-output" });
    this.room = this.into;
    if (this.fold) {
      const summary = this.fold.querySelector("summary")?.cloneNode(true) ?? "";
      const open = this.fold.open || !!this.asked?.choice;
      this.room = make("details", { className: "outcome", open }, summary, this.into);
    }
  }

  #place() {
    if (!this.room || this.shown === this.room) return;
    for (const old of this.shown ? [this.shown] : this.stored) old.remove();
    this.shown = this.room;
    this.box.append(this.shown);
  }

  /** @param {import("./python.js").Message} message */
  receive(message) {
    this.#place();
    if (message.kind === "clear") {
      this.outputs = [];
      this.into?.replaceChildren();
    } else if (message.kind === "stream") this.#print(message);
    else if (message.kind === "error") {
      this.outputs.push(message);
      this.into?.append(make("pre", { className: "live-error sentences", role: "alert" }, message.status === "stopped" ? "Stopped. What had run until here is kept." : message.text));
    } else if (message.kind === "display") {
      this.outputs.push(message);
      this.into?.append(this.#displayed(message));
    }
  }

  /** @param {import("./python.js").Message} message */
  #print({ name, text }) {
    let last = this.outputs.at(-1);
    if (last?.name !== name) {
      const pre = make("pre", { className: `live-${name}` });
      this.outputs.push((last = { kind: "stream", name, text: "", pre }));
      this.into?.append(pre);
    }
    last.text += text;
    // A "\r" begins the line again, but for one at its end.
    const lines = last.text.split("\n").map((/** @type {string} */ line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1));
    last.pre.textContent = lines.join("\n");
    last.pre.classList.toggle("sentences", /[^\n]{93}/.test(last.text));
  }

  /** @param {import("./python.js").Message} message */
  #displayed({ data, metadata, experiment: spec, prediction: asked }) {
    if (asked) return this.#prediction(asked);
    if (spec) return this.#experiment(spec);
    if (data["image/png"]) return this.#figure(`data:image/png;base64,${data["image/png"]}`, metadata["image/png"] ?? {});
    if (data["text/html"]) return make("div", { className: "output text_html", innerHTML: data["text/html"] });
    return make("pre", { className: /[^\n]{93}/.test(data["text/plain"]) ? "sentences" : "" }, data["text/plain"]);
  }

  /** A picture, with the number and the caption that stand below the book's. @param {string} src @param {any} options */
  #figure(src, { alt = "", width = "" }) {
    const stored = this.figures[this.pictures];
    this.pictures += 1;
    const caption = stored?.querySelector("figcaption")?.cloneNode(true) ?? "";
    const image = make("img", { src, alt, width, className: stored?.querySelector("img")?.className ?? "" });
    if (!stored) image.onload = () => image.classList.toggle("panels", image.naturalWidth > Math.min(2 * image.naturalHeight, 1300)); // as book.py
    const link = make("a", { className: "picture image-reference", href: src }, image);
    return make("figure", { id: stored?.id ?? "" }, link, caption);
  }

  // Experiments

  /** @param {any} spec */
  #experiment(spec) {
    const linkTo = (/** @type {Record<string, any>} */ state) => {
      const address = new URL(location.href);
      const words = Object.entries(state).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
      address.search = String(new URLSearchParams([["cell", String(this.number + 1)], ...words]));
      address.hash = this.box.id;
      return address.href;
    };
    this.live = experiment(spec, (request) => this.chapter.python.ask(request), linkTo);
    const words = this.figures[0]?.querySelector(".caption-text")?.cloneNode(true);
    if (words instanceof Element) words.querySelectorAll(".live-start, .live-said").forEach((part) => part.remove());
    return make("figure", { id: this.figures[0]?.id ?? "" }, this.live.box, make("figcaption", {}, words ?? ""));
  }

  /** Brings its experiment to life with no more than that needs of the cells above; at once if those have run.
   * @param {Record<string, any>} [state] */
  async startExperiment(state) {
    const above = this.chapter.cells.slice(0, this.number);
    const sources = above.every((cell) => cell.hasRun) ? undefined : above.map((cell) => cell.code);
    this.chapter.work = this.chapter.work.then(() => ((this.chapter.stopped = false), this.run(this, "", sources))).then((status) => {
      if (status === "unprepared") this.chapter.run(this);
    });
    await this.chapter.work; // and then what was asked for meanwhile
    await this.chapter.work;
    if (state) await this.live?.restore(state);
  }
}
