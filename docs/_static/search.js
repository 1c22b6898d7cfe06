// The excerpts that the search shows of a page: the article's words, without formulas, code and what is folded away;
// from where the whole phrase stands if it does; and with whole words marked, not the "rate" in "separates".
Search.htmlToText = (text, anchor) => {
  const article = new DOMParser().parseFromString(text, "text/html").querySelector("article.bd-article");
  if (!article) return "";
  article
    .querySelectorAll(".headerlink, script, style, .math, details, .no-search, .cell, .copybtn")
    .forEach((element) => element.remove());
  const place = anchor && article.querySelector(CSS.escape(anchor.slice(1)).replace(/^/, "#"));
  return ((place && place.textContent.trim()) || article.textContent).replace(/\s+/g, " ");
};

const parse = Search._parseQuery;
Search._parseQuery = (query) => {
  const parts = parse(query);
  Search.words = [...parts[1], ...parts[3]].map((word) => word.replace(/[^\p{L}\p{N}]/gu, "\\$&"));
  Search.phrase = query.trim().toLowerCase();
  parts[3] = new Set(); // so that Sphinx marks nothing
  return parts;
};

Search.makeSearchSummary = (page, keywords, anchor) => {
  const text = Search.htmlToText(page, anchor);
  const summary = Object.assign(document.createElement("p"), { className: "context" });
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${Search.words.join("|")})[\\p{L}\\p{N}]*`, "giu");
  const phrase = text.toLowerCase().indexOf(Search.phrase);
  const found = phrase >= 0 ? phrase : Math.max(text.search(pattern), 0);
  const start = found > 120 ? text.indexOf(" ", found - 120) + 1 : 0;
  let end = start + 240 < text.length ? text.lastIndexOf(" ", start + 240) : text.length;
  if (end <= start) end = text.length;
  let last = start;
  summary.append(start ? "… " : "");
  for (const match of text.slice(0, end).matchAll(pattern)) {
    if (match.index < start) continue;
    const mark = Object.assign(document.createElement("span"), { className: "highlighted", textContent: match[0] });
    summary.append(text.slice(last, match.index), mark);
    last = match.index + match[0].length;
  }
  summary.append(text.slice(last, end), end < text.length ? " …" : "");
  return summary;
};
