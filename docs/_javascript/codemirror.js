// @ts-check
/* The part of CodeMirror that the book's editor needs. `make book` bundles it into _static/live/codemirror.js. */

import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python, pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorView, keymap } from "@codemirror/view";
import { highlightCode, tags } from "@lezer/highlight";

// The book's colours: live.css has them, for light and for dark.
const colours = HighlightStyle.define([
  { tag: tags.keyword, class: "live-keyword" },
  { tag: [tags.string, tags.special(tags.string)], class: "live-string" },
  { tag: tags.number, class: "live-number" },
  { tag: tags.comment, class: "live-comment" },
]);

/** Code with its colours, as parts of a `pre`. @param {string} code @returns {(Node | string)[]} */
export function coloured(code) {
  /** @type {(Node | string)[]} */
  const parts = [];
  const put = (/** @type {string} */ text, /** @type {string} */ className) =>
    parts.push(className ? Object.assign(document.createElement("span"), { className, textContent: text }) : text);
  highlightCode(code, pythonLanguage.parser.parse(code), colours, put, () => parts.push("\n"));
  return parts;
}

/** @param {string} code @param {string} label
 * @param {{change: (code: string) => void, run: () => void, close: () => void}} handlers */
export function openCodeMirror(code, label, { change, run, close }) {
  const act = (/** @type {() => void} */ act) => () => (act(), true);
  // Tab indents, and Escape closes: so the keyboard always gets out.
  const keys = [
    { key: "Shift-Enter", run: act(run) },
    { key: "Mod-Enter", run: act(run) },
    { key: "Escape", run: act(close) },
    { key: "Tab", run: indentMore, shift: indentLess },
  ];
  const view = new EditorView({
    doc: code,
    extensions: [
      python(),
      history(),
      indentOnInput(),
      indentUnit.of("    "),
      bracketMatching(),
      syntaxHighlighting(colours),
      keymap.of([...keys, ...defaultKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) change(update.state.doc.toString());
      }),
    ],
  });
  return { element: view.dom, focus: () => view.focus() };
}
