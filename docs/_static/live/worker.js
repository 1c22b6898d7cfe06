// @ts-check
/* The Python of the book's pages, in a worker that all of them share, or in one that belongs to a page.

A request is {id, do, …} and is answered {id, value} or {id, error}, one after the other. On the way, while Python loads
or code runs, the page that asked gets {kind, …}: how much is loaded, or what kernel.py sends. */

/** @type {any} What Pyodide and a worker have: no types of them are at hand. */
const scope = self;
/** @type {any} */
let python;
/** @type {any} */
let kernel;
/** @type {Promise<void> | undefined} */
let loading;
/** @type {any} Whom the present request came from. */
let port;
/** @type {Map<any, number>} */
const pages = new Map();
/** @type {Set<any>} The pages that wait for Python. */
const starting = new Set();
/** @type {Set<any>} */
const gone = new Set();
let queue = Promise.resolve();

// While the worker lives it holds this lock, and a page that gets it knows that the worker has ended (python.js).
const LIFE = `course-worker ${Date.now()} ${Math.random()}`;
const alive = new Promise((held) => (navigator.locks ? navigator.locks.request(LIFE, () => (held(true), new Promise(() => {}))).catch(() => held(false)) : held(false)));

const tell = (/** @type {any} */ message) => starting.forEach((page) => page.postMessage(message));

/** Pyodide itself counts nothing, so this counts for it what `fetch` brings.
 * @param {number} total of bytes, if it is known */
function countBytes(total) {
  const fetched = scope.fetch.bind(scope);
  let bytes = 0;
  const count = () =>
    new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.length;
        tell({ kind: "progress", bytes, total });
        controller.enqueue(chunk);
      },
    });
  scope.fetch = async (/** @type {any} */ ...request) => {
    const answer = await fetched(...request);
    return answer.body ? new Response(answer.body.pipeThrough(count()), answer) : answer;
  };
}

/** @param {{site: string, here: string, settings: any}} options */
async function load({ site, here, settings }) {
  const index = new URL(settings.pyodide, site).href;
  countBytes(settings.bytes);
  const source = fetch(`${here}kernel.py`).then((answer) => answer.text());
  scope.importScripts(`${index}pyodide.js`);
  const lock = await (await fetch(`${index}pyodide-lock.json`)).json();
  // By their files, since by their names Pyodide loads what they depend on, and figures do not need all of that.
  const address = (/** @type {string} */ name) => (settings.slim[name] ? site + settings.slim[name] : index + lock.packages[name].file_name);
  const files = settings.packages.map(address);
  python = await scope.loadPyodide({
    indexURL: index,
    packages: [...files, site + settings.wheel],
    stdLibURL: settings.stdlib && site + settings.stdlib,
    env: { HOME: "/home/pyodide", MPLBACKEND: "module://page_backend", COURSE_PROGRESS: "memory" },
  });
  tell({ kind: "progress", starting: true });
  python.FS.writeFile("/home/pyodide/page_kernel.py", await source);
  kernel = python.pyimport("page_kernel");
  kernel.emit = (/** @type {string} */ text) => port.postMessage(JSON.parse(text));
  kernel.arm = (/** @type {boolean} */ on) => void (armed = on);
  kernel.check_interrupt = () => python.checkInterrupt();
  kernel.install();
  python.runPython("import course.plots"); // and with it matplotlib, whose first import is slow and prints
  python.setInterruptBuffer(interruptBuffer);
}

/* The page stops a cell by revoking a blob's address. Python asks, while it runs, whether it was interrupted, and then
the worker asks for the blob: where it is gone, that is the interrupt. This needs no special headers. */
let armed = false, asked = 0;
/** @type {string | null} */
let flag = null;
const interruptBuffer = new Proxy([0], {
  get(target, key) {
    if (key !== "0" || !flag || !armed || performance.now() - asked < 200) return 0;
    const stopped = isGone(flag);
    asked = performance.now();
    if (stopped) flag = null;
    return stopped ? 2 : 0; // 2 is SIGINT
  },
});

/** @param {string} address of a blob */
function isGone(address) {
  try {
    const request = new XMLHttpRequest();
    request.open("GET", address, false);
    request.send();
    return request.status !== 200;
  } catch {
    return true;
  }
}

/** @type {Record<string, (request: any, page: number) => any>} */
const requests = {
  start: (request) => (loading ??= load(request)).then(() => kernel.begin(JSON.stringify(request.solved))),
  async run({ cell, source, above, stop }, page) {
    if (isGone(stop)) return { status: "stopped", seconds: 0 }; // while another page's cell ran
    port.postMessage({ kind: "begins", cell });
    flag = stop;
    asked = performance.now();
    const running = above ? kernel.run_alone(page, cell, JSON.stringify([...above, source])) : kernel.run(page, cell, source);
    const done = JSON.parse(await running);
    flag = null;
    return done;
  },
  choose: ({ number, option }) => kernel.choose(number, option),
  move: ({ number, name, value }) => JSON.parse(kernel.move(number, name, value)),
  touch: ({ number, report }) => JSON.parse(kernel.touch(number, JSON.stringify(report))),
  call: ({ number, method }) => JSON.parse(kernel.call(number, method)),
  restore: ({ number, state }) => JSON.parse(kernel.restore(number, JSON.stringify(state))),
  forget: (request, page) => kernel?.forget(page),
};

/** @param {any} from a port, or the worker itself where it belongs to one page */
function listen(from) {
  pages.set(from, pages.size + 1);
  alive.then((locked) => locked && from.postMessage({ kind: "life", life: LIFE }));
  from.onmessage = (/** @type {MessageEvent} */ { data }) => {
    alive.then(() => from.postMessage({ kind: "heard" })); // after `life`, and unless Python keeps this thread busy
    if (data.do === "start") {
      starting.add(from);
      if (data.life) navigator.locks?.request(data.life, { mode: "shared" }, () => leave(from)).catch(() => {});
    }
    queue = queue.then(() => answer(from, data));
  };
}

/** @param {any} from @param {any} request */
async function answer(from, request) {
  if (gone.has(from)) return;
  port = from;
  try {
    from.postMessage({ id: request.id, value: await requests[request.do](request, pages.get(from) ?? 0) });
  } catch (error) {
    if (request.do === "start") loading = undefined;
    from.postMessage({ id: request.id, error: String(error) });
  }
  if (request.do === "start") starting.delete(from);
}

/** A page has ended, perhaps without a word, as one that crashed. @param {any} from */
function leave(from) {
  gone.add(from);
  starting.delete(from);
  queue = queue.then(() => requests.forget({}, pages.get(from) ?? 0));
}

if ("onconnect" in scope) scope.onconnect = (/** @type {MessageEvent} */ event) => listen(event.ports[0]);
else listen(scope);
