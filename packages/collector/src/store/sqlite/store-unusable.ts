/** The database cannot be used as it is. The message is a sentence for the operator, and names the way out. */
export class StoreUnusable extends Error {
  override name = 'StoreUnusable'
}
