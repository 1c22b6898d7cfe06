// @ts-check
/* The part of CodeMirror that the book's editor needs. `make book` bundles it into _static/live/codemirror.js. */

import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// The book's colours, by whose names they follow light and dark.
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--live-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--live-string)" },
  { tag: tags.number, color: "var(--live-number)" },
  { tag: tags.comment, color: "var(--live-comment)" },
]);

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
