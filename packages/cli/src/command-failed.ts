/** A command cannot do what it was asked. The message is for whoever has typed it; nothing else is shown. */
export class CommandFailed extends Error {
  override name = 'CommandFailed'
  readonly exitCode: 1 | 2
  /** @param exitCode 1: it failed; 2: bad usage or configuration */
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
