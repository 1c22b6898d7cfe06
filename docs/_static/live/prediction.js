// @ts-check
import { make } from "./dom.js";

/** A question with its options, whose choice opens the outcome. It needs no Python: the question stands in the page.
 * @param {string} question @param {string[]} options @param {string | undefined} choice
 * @param {(option: string) => void} onChoice */
export function prediction(question, options, choice, onChoice) {
  const said = make("p", { role: "status" });
  const name = `prediction-${question}`;
  const say = (/** @type {string} */ option) => void (said.textContent = `You predict: ${option}. The result is unfolded below; run the next cell to get it yourself.`);
  const words = question.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
  const legend = make("legend", {}, make("b", {}, "Your prediction: "), ...words);
  const box = make("fieldset", { className: "live-prediction" }, legend);
  for (const option of options) {
    const input = make("input", { type: "radio", name, checked: option === choice });
    input.onchange = () => (say(option), onChoice(option));
    box.append(make("label", {}, input, option));
  }
  if (choice !== undefined) say(choice);
  box.append(said);
  return box;
}

/** The question in a stored output, as the notebook has it without a kernel, with its code in backticks again.
 * @param {Element} output */
export function storedQuestion(output) {
  for (const code of output.querySelectorAll("code")) code.replaceWith(`\`${code.textContent}\``);
  output.normalize();
  const options = [...output.querySelectorAll("li")].map((item) => item.textContent ?? "");
  const question = output.querySelector("b")?.nextSibling?.textContent?.trim() ?? "";
  return question && options.length > 1 ? { question, options } : undefined;
}
