/** The queue's file cannot be used as it is: the message says why, and the way out. */
export class QueueUnusable extends Error {
  override name = 'QueueUnusable'
}
