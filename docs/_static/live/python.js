// @ts-check
/* A page's connection to Python, whose worker the site's pages share where the browser allows it: then Python is still
there when the reader turns the page. Elsewhere the page has a worker of its own. */

import { read, solved, write } from "./kept.js";

/** What the worker sends on the way; kernel.py says what each kind has.
 * @typedef {{kind: string, cell: number, [key: string]: any}} Message */

const HERE = new URL("./", import.meta.url).href;
const SITE = new URL("../../browser/", import.meta.url).href; // the browser edition has Python, its packages and the course
const GIVEN_UP = "course-given-up"; // when a shared Python was given up last, which is part of the next one's name
let givenUp = ""; // the same where the browser keeps nothing
const SILENCE = 15_000; // ms after which a shared worker that says nothing is stuck, perhaps in another tab

/* Page and worker each hold a lock while they live, and ask for the other's: who gets it knows that the other has ended.
Nothing else tells: what is sent to an ended worker is lost in silence. */
const PAGE = `course-page ${Date.now()} ${Math.random()}`;

/** Holds a lock as long as this page lives. Gives false where the browser allows none.
 * @param {string} name @param {any} options @returns {Promise<boolean>} */
const hold = (name, options) =>
  new Promise((held) => (navigator.locks ? navigator.locks.request(name, options, () => (held(true), new Promise(() => {}))).catch(() => held(false)) : held(false)));

/** A shared worker; one of the page's own where the browser denies it. @param {string} address @param {any} options @returns {any} */
function share(address, options) {
  try {
    return new SharedWorker(address, options);
  } catch {
    return new Worker(address);
  }
}

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

  /** @param {(message: Message) => void} onMessage
   * @param {() => void} onEnd Python ended by itself, and what was defined is lost */
  constructor(onMessage, onEnd) {
    this.onMessage = onMessage;
    this.onEnd = onEnd;
    // The page's part of a shared Python ends with the page, and the connection too: a page that the reader comes back
    // to cannot know whether the worker is still there.
    addEventListener("pagehide", () => (this.forget(), this.#leave("The page was left.")));
  }

  /** Loads Python, once. */
  start() {
    return (this.#started ??= this.#start().catch((error) => {
      this.#started = undefined;
      if (error instanceof TypeError) throw new Error(`Python cannot be loaded. Is the network there? (${error.message})`);
      throw error;
    }));
  }

  async #start() {
    const life = (await hold(PAGE, { ifAvailable: true })) && PAGE;
    const answer = await fetch(`${SITE}python.json`);
    if (!answer.ok) throw new Error(`${answer.url} is not there (${answer.status})`);
    const settings = await answer.json();
    for (let attempt = 0; !(await this.#begin(settings, life)); attempt++) {
      this.#abandon();
      if (attempt === 2) throw new Error("Python did not start. Try it again.");
    }
    this.isReady = true;
  }

  /** Whether there is a Python now: not if the worker says nothing, did not start or ended.
   * @param {any} settings @param {string | false} life the lock that this page holds, if it could have one */
  async #begin(settings, life) {
    const failed = new Promise((resolve) => this.#open(settings.build, () => resolve(false)));
    const heard = new Promise((resolve) => {
      this.#heard = () => resolve(true);
      setTimeout(() => resolve(false), SILENCE);
    });
    const started = this.ask({ do: "start", site: SITE, here: HERE, settings, solved: solved(), life }).then(() => true);
    started.catch(() => {}); // it may be given up before it is waited for
    return (await Promise.race([heard, failed])) && Promise.race([started, failed]);
  }

  /** @param {string} build of the course: pages of another one do not share
   * @param {() => void} fail */
  #open(build, fail) {
    const address = `${HERE}worker.js`;
    const options = { name: `course ${build} ${read(GIVEN_UP, givenUp)}`, extendedLifetime: true };
    const worker = this.#shared ? share(address, options) : new Worker(address);
    const port = worker.port ?? worker;
    this.#port = port;
    worker.onerror = () => {
      if (port !== this.#port || this.isReady) return;
      this.#shared = false; // the next time without, where a browser knows shared workers but has none
      fail();
    };
    port.onmessage = (/** @type {MessageEvent} */ { data }) => {
      if (port !== this.#port) return; // of a worker that was given up
      if (data.kind === "heard") return this.#heard();
      if (data.kind === "life") return navigator.locks.request(data.life, () => port === this.#port && (this.isReady ? this.#end() : fail())).catch(() => {});
      if (data.kind) return this.onMessage(data);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("error" in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.value);
    };
  }

  /** The worker is gone: the browser ended it, perhaps since memory was short. */
  #end() {
    this.#leave("Python has ended, and what was defined with it. Run it again.");
    this.onEnd();
  }

  /** Asks the worker, and gives its answer. @param {{do: string, [key: string]: any}} request @returns {Promise<any>} */
  ask(request) {
    return new Promise((resolve, reject) => {
      if (!this.#port) return reject(new Error("Python is not there any more. Run it again."));
      const id = ++this.#requests;
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, ...request });
    });
  }

  /** Ends what this page has defined. */
  forget() {
    this.#port?.postMessage({ id: 0, do: "forget" });
  }

  /** Gives up a Python that does not answer. The next start loads another. */
  giveUp() {
    this.#abandon();
    this.#leave("Python was restarted.");
  }

  /** No page will find this worker any more. */
  #abandon() {
    if (this.#port instanceof Worker) this.#port.terminate();
    else write(GIVEN_UP, (givenUp = String(Date.now())));
    this.#port = undefined;
  }

  /** @param {string} why for who waits for an answer */
  #leave(why) {
    if (this.#port instanceof Worker) this.#port.terminate();
    this.#port = this.#started = undefined;
    this.isReady = false;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
