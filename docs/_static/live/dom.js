// @ts-check

/** An element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, any>} [properties] @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]} */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A button whose name says more than it shows, such as "Run cell 3" for "Run".
 * @param {string} icon @param {string} words @param {string} more @param {() => void} onclick */
export function button(icon, words, more, onclick) {
  const shown = make("span", { ariaHidden: "true", className: "live-icon" }, icon);
  const rest = make("span", { className: "visually-hidden" }, more ? ` ${more}` : "");
  return make("button", { type: "button", onclick }, shown, words, rest);
}

/** @param {HTMLElement} button @param {string} words */
export function relabel(button, words) {
  button.childNodes[1].textContent = words;
}
