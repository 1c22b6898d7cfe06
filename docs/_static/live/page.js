// @ts-check
/* Brings a page of the book to life. Nothing of Python is loaded before the reader asks for it. */

import { Chapter } from "./cells.js";
import { button, make } from "./dom.js";
import { markSolved } from "./kept.js";

markSolved();
const name = /** @type {HTMLElement} */ (document.querySelector("[data-notebook]"))?.dataset.notebook;
if (name) start(name);

/** @param {string} name the notebook's, without its ending */
function start(name) {
  const chapter = new Chapter(name, [...document.querySelectorAll("div.cell:has(> .cell_input)")]);
  const said = make("span", { role: "status", className: "live-said" });
  const bar = make(
    "div",
    { className: "live-bar live-chapter" },
    make("p", {}, "The code on this page runs here, in your browser, and can be changed. Python is loaded when you first run some of it."),
    button("▶", "Run all", "cells", () => chapter.runAll()),
    button("", "Restart", "with nothing defined", () => chapter.restart().then(() => (said.textContent = "Nothing is defined now, and the outputs are the book's."))),
    button("↺", "Restore all", "cells", () => {
      const { changed } = chapter, { length } = changed;
      for (const cell of chapter.cells) changed.includes(cell) ? cell.restore() : cell.reset();
      if (!length) return;
      said.textContent = `${length} changed ${length === 1 ? "cell is" : "cells are"} as in the book again. `;
      said.append(button("", "Undo", "that", () => (changed.forEach((cell) => cell.code === cell.source && cell.restore()), (said.textContent = "Your changes are back."))));
    }),
    button("↓", "Notebook", "with your changes, as a file", () => download(chapter, name).catch((error) => (said.textContent = String(error)))),
    said,
  );
  document.querySelector(".bd-article h1")?.after(bar);
  Object.assign(window, { chapter }); // for the tests, and for who looks at it in the console

  const wanted = new URLSearchParams(location.search), cell = chapter.cells[Number(wanted.get("cell")) - 1];
  if (cell && /^experiments\./m.test(cell.source)) {
    wanted.delete("cell");
    cell.startExperiment(Object.fromEntries([...wanted].map(([key, value]) => [key, valueOf(value)])));
  }
}

/** What an address says of a state: JSON, such as a number, or a word. @param {string} text */
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The chapter's notebook with the reader's changes in it. @param {Chapter} chapter @param {string} name */
async function download(chapter, name) {
  const answer = await fetch(new URL(`../../browser/files/${name}.ipynb`, import.meta.url));
  if (!answer.ok) throw new Error(`The notebook is not there (${answer.status}).`);
  const notebook = await answer.json();
  const code = notebook.cells.filter((/** @type {any} */ cell) => cell.cell_type === "code");
  for (const cell of chapter.changed) Object.assign(code[cell.number], { source: cell.code, outputs: [], execution_count: null });
  const href = URL.createObjectURL(new Blob([JSON.stringify(notebook, null, 1)], { type: "application/json" }));
  make("a", { href, download: `${name}.ipynb` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
