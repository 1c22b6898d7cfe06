// @ts-check
/* Where code is changed: CodeMirror, which is fetched at the first edit, or a plain text area where it is not there. */

import { make } from "./dom.js";

/** @typedef {{change: (code: string) => void, run: () => void, close: () => void}} Handlers */
/** @typedef {{element: HTMLElement, focus: () => void}} Editor */

/** @param {string} code @param {string} label @param {Handlers} handlers @returns {Promise<Editor>} */
export async function openEditor(code, label, handlers) {
  try {
    const address = "./codemirror.js"; // `make book` bundles it, where node is at hand
    return (await import(address)).openCodeMirror(code, label, handlers);
  } catch {
    return openTextArea(code, label, handlers);
  }
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
