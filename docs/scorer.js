// The search's weights: the chapters and the glossary before the names in the package.
var Scorer = {
  objNameMatch: 4,
  objPartialMatch: 1,
  objPrio: {},
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
