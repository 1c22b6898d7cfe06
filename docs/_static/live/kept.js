// @ts-check
/* What the browser keeps for the reader: changed cells, chosen predictions, solved exercises. */

import { make } from "./dom.js";

/** @template T @param {string} key @param {T} otherwise @returns {T} */
export function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? otherwise;
  } catch {
    return otherwise; // something else wrote it, or the browser keeps nothing
  }
}

/** @param {string} key @param {any} value */
export function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still runs everything.
  }
}

/** What is kept of one chapter, by the source of a cell as the book has it: a newer book with another cell there does
 * not mix them up. */
export class Kept {
  /** @param {"cells" | "predictions"} what @param {string} chapter */
  constructor(what, chapter) {
    this.key = `course-${what}-${chapter}`;
  }

  /** @param {string} source @returns {string | undefined} */
  get(source) {
    return read(this.key, /** @type {Record<string, string>} */ ({}))[source];
  }

  /** @param {string} source @param {string | undefined} value undefined: nothing is kept */
  set(source, value) {
    const all = read(this.key, /** @type {Record<string, string | undefined>} */ ({}));
    all[source] = value;
    write(this.key, all);
  }
}

/** Which exercises were tried or solved: {chapter: {task: status}}. @returns {Record<string, Record<string, string>>} */
export const solved = () => read("course-solved", {});

/** @param {Record<string, Record<string, string | null>>} changes what was solved, or is not any more */
export function keepSolved(changes) {
  const record = solved();
  for (const [chapter, tasks] of Object.entries(changes)) record[chapter] = Object.assign(record[chapter] ?? {}, tasks);
  write("course-solved", record);
  markSolved();
}

/** Marks in the table of contents how many exercises of each chapter are solved. */
export function markSolved() {
  const exercises = JSON.parse(document.getElementById("exercises")?.textContent ?? "{}");
  const record = solved();
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".bd-sidebar-primary nav a"))) {
    const [name, total] = exercises[link.pathname.split("/").pop() ?? ""] ?? [];
    const count = Object.values(record[name] ?? {}).filter((status) => status === "right").length;
    link.querySelector(".live-solved")?.remove();
    if (!count) continue;
    const title = `${count} of ${total} exercises solved`;
    link.append(" ", make("span", { className: "live-solved", title }, count >= total ? "✓" : `${count}/${total}`));
  }
}
