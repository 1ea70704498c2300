/** A backup cannot be made, or cannot be restored. The message is for the operator, with the way out. */
export class BackupFailed extends Error {
  override name = 'BackupFailed'
}
