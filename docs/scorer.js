// The search's order: where the glossary introduces a term (an entry of the index, up to 100 points), then titles and
// headings of the book that hold the whole phrase, then the chapters' words, and last the names in the package.
var Scorer = {
  objNameMatch: 4,
  objPartialMatch: 1,
  objPrio: {},
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, , , , score, , kind]) => {
    const chapter = page.startsWith("chapters/") ? 1 : 0;
    if (kind === "title" && !page.startsWith("api/")) return 60 + score + 10 * chapter;
    return score + chapter;
  },
};
