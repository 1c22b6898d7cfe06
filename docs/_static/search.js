// The search's results: Sphinx finds and orders the pages; each result here is a section of one, with an excerpt from
// Search.sections, which the build has written. For each page, that is of each section its ids, its name and its words.
Search.query = (query) => {
  const parts = Search._parseQuery(query), phrase = query.trim().toLowerCase(), shown = new Set();
  parts[4] = new Set([...parts[4]].filter((name) => name.length > 1)); // not each name with a "c"
  const words = [...parts[1], ...parts[3]].map((word) => `(?<![\\p{L}\\p{N}])${_escapeRegExp(word)}[\\p{L}\\p{N}]*`);
  const holds = ([, ...said]) => {
    const text = said.join(": ");
    return text.toLowerCase().includes(phrase) * 99 + words.filter((word) => RegExp(word, "iu").test(text)).length;
  };
  for (const [page, title, anchor, about, , , kind] of Search._performSearch(...parts).reverse()) {
    const sections = Search.sections[page];
    let section = sections.find(([ids]) => ids.includes(anchor.slice(1))) ?? sections[0];
    if (kind === "text") section = sections.reduce((best, next) => (holds(next) > holds(best) ? next : best));
    const [ids, name, text] = section, place = anchor || (section === sections[0] ? "" : `#${ids[0]}`);
    const [whole] = title.split(" > "), heading = about || name === whole ? title : `${whole}: ${name}`;
    if (shown.size === shown.add(page + ids[0]).size) continue; // better placed above
    const result = Search.output.appendChild(document.createElement("li"));
    const link = Object.assign(document.createElement("a"), { href: `${page}.html${place}` });
    link.append(...heading.split(/(?<=\w\.)(?=\w)/).flatMap((part) => [part, document.createElement("wbr")]));
    result.append(link, about ? ` (${about})` : "", excerpt(text, phrase, RegExp(words.join("|") || "(?!)", "giu")));
  }
  Search.stopPulse();
  localStorage.removeItem("sphinx_highlight_terms"); // no marks in the page that is chosen: its address names the place
  const none = "No page has all of these words. Look for fewer of them, or for a part of one.";
  Search.status.textContent = shown.size ? `Found in ${shown.size} ${shown.size > 1 ? "places" : "place"}.` : none;
};

// From where the whole phrase stands if it does; with whole words marked, not the "rate" in "separates".
function excerpt(text, phrase, pattern) {
  const summary = Object.assign(document.createElement("p"), { className: "context" });
  const at = text.toLowerCase().indexOf(phrase), found = at >= 0 ? at : Math.max(text.search(pattern), 0);
  const start = found > 120 ? text.indexOf(" ", found - 120) + 1 : 0;
  const end = start + 240 < text.length ? text.lastIndexOf(" ", start + 240) : text.length;
  const quoted = text.slice(start, end > start ? end : text.length);
  let last = 0;
  summary.append(start ? "… " : "");
  for (const { 0: word, index } of quoted.matchAll(pattern)) {
    const mark = Object.assign(document.createElement("span"), { className: "highlighted", textContent: word });
    summary.append(quoted.slice(last, index), mark);
    last = index + word.length;
  }
  summary.append(quoted.slice(last), start + quoted.length < text.length ? " …" : "");
  return summary;
}

if (!location.search) document.querySelector(".bd-search-container input").focus();
