// @ts-check
/* A page's connection to Python, whose worker the site's pages share where the browser allows it: then Python is still
there when the reader turns the page. Elsewhere the page has a worker of its own. */

import { solved } from "./kept.js";

/** What the worker sends on the way; kernel.py says what each kind has.
 * @typedef {{kind: string, cell: number, [key: string]: any}} Message */

const HERE = new URL("./", import.meta.url).href;
const SITE = new URL("../../browser/", import.meta.url).href; // the browser edition has Python, its packages and the course
const GIVEN_UP = "course-given-up"; // when a shared Python was given up last, which is part of the next one's name
const SILENCE = 15_000; // ms after which a shared worker that says nothing is stuck, perhaps in another tab

export class Python {
  /** @type {Promise<any> | undefined} */
  #started;
  /** @type {MessagePort | Worker | undefined} */
  #port;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #requests = 0;
  #heard = () => {};
  isReady = false;
  #shared = "SharedWorker" in window;

  /** @param {(message: Message) => void} onMessage */
  constructor(onMessage) {
    this.onMessage = onMessage;
    // The page's part of a shared Python ends with the page.
    addEventListener("pagehide", () => this.#port && this.#send({ id: 0, do: "forget" }));
  }

  /** Loads Python, once. */
  start() {
    this.#started ??= this.#start().catch((error) => {
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }

  async #start() {
    const answer = await fetch(`${SITE}python.json`);
    if (!answer.ok) throw new Error(`${answer.url} is not there (${answer.status})`);
    const settings = await answer.json();
    if (!(await this.#begin(settings))) {
      this.#leave();
      await this.#begin(settings);
    }
    this.isReady = true;
  }

  /** Whether the worker heard the request, and so loads Python or has it. @param {any} settings */
  async #begin(settings) {
    const failed = new Promise((_, reject) => this.#open(settings.build, reject));
    const heard = new Promise((resolve) => {
      this.#heard = () => resolve(true);
      setTimeout(() => resolve(false), SILENCE);
    });
    const started = this.ask({ do: "start", site: SITE, here: HERE, settings, solved: solved() });
    if (!(await Promise.race([heard, failed]))) return false;
    await Promise.race([started, failed]);
    return true;
  }

  /** @param {string} build of the course: pages of another one do not share
   * @param {(error: Error) => void} fail */
  #open(build, fail) {
    const address = `${HERE}worker.js`;
    /** @type {SharedWorker | Worker} */
    let worker;
    if (this.#shared) {
      const options = { name: `course ${build} ${localStorage.getItem(GIVEN_UP) ?? ""}`, extendedLifetime: true };
      worker = new SharedWorker(address, options);
      this.#port = worker.port;
    } else {
      worker = this.#port = new Worker(address);
    }
    worker.onerror = () => {
      this.#shared = false; // the next time without, where a browser knows shared workers but has none
      fail(new Error(`${address} did not start. Try it again.`));
    };
    /** @type {any} */ (this.#port).onmessage = (/** @type {MessageEvent} */ { data }) => {
      if (data.kind === "heard") return this.#heard();
      if (data.kind) return this.onMessage(data);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.value);
    };
  }

  /** @param {any} message */
  #send(message) {
    this.#port?.postMessage(message);
  }

  /** Asks the worker, and gives its answer. @param {{do: string, [key: string]: any}} request @returns {Promise<any>} */
  ask(request) {
    return new Promise((resolve, reject) => {
      const id = ++this.#requests;
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, ...request });
    });
  }

  /** Gives up a Python that does not answer. The next start loads another. */
  giveUp() {
    this.#leave();
    this.#started = undefined;
    this.isReady = false;
    for (const { reject } of this.#waiting.values()) reject(new Error("Python was restarted."));
    this.#waiting.clear();
  }

  #leave() {
    if (this.#port instanceof Worker) this.#port.terminate();
    else localStorage.setItem(GIVEN_UP, String(Date.now()));
    this.#port = undefined;
  }
}
