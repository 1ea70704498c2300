/** What is wrong with a search and where, in a sentence for whoever wrote it, with a guess at what was meant. */
export class SearchMistake extends Error {
  override name = 'SearchMistake'
}
