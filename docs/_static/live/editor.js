// @ts-check
/* Where code is changed: CodeMirror, which is fetched at the first edit, or a plain text area where it is not there. */

import { make } from "./dom.js";

const CODEMIRROR = "./codemirror.js"; // `make book` bundles it, where node is at hand

/** @typedef {{change: (code: string) => void, run: () => void, close: () => void}} Handlers */
/** @typedef {{element: HTMLElement, focus: () => void}} Editor */

/** @param {string} code @param {string} label @param {Handlers} handlers @returns {Promise<Editor>} */
export async function openEditor(code, label, handlers) {
  try {
    return (await import(CODEMIRROR)).openCodeMirror(code, label, handlers);
  } catch {
    return openTextArea(code, label, handlers);
  }
}

/** Gives changed code its colours, as the editor has them. @param {HTMLElement} pre @param {string} code */
export async function colour(pre, code) {
  const { coloured } = await import(CODEMIRROR).catch(() => ({}));
  if (coloured && pre.textContent === code) pre.replaceChildren(...coloured(code));
}

/** @param {string} code @param {string} label @param {Handlers} handlers @returns {Editor} */
function openTextArea(code, label, { change, run, close }) {
  const rows = (/** @type {string} */ text) => text.split("\n").length + 1;
  const plain = { spellcheck: false, autocapitalize: "off", className: "live-text" };
  const area = make("textarea", { value: code, ariaLabel: label, rows: rows(code), ...plain });
  area.oninput = () => {
    area.rows = rows(area.value);
    change(area.value);
  };
  area.onkeydown = (event) => {
    if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    } else if (event.key === "Escape") close();
  };
  return { element: area, focus: () => area.focus() };
}
