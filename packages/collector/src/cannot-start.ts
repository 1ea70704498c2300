/** The collector cannot start. The message is one sentence for the operator, with the way out. */
export class CannotStart extends Error {
  override name = 'CannotStart'
}

const WAYS_OUT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: stop what listens there, or choose another with --port or FAULTLINE_PORT.',
  EACCES: 'may not be used by this user: choose one from 1024 with --port or FAULTLINE_PORT.',
  EADDRNOTAVAIL: 'is not on an address of this machine: choose another with --host or FAULTLINE_HOST.',
  ENOTFOUND: 'is on a host that nobody knows: choose another with --host or FAULTLINE_HOST.',
}

/** Why nothing can be heard at an address, in a sentence. */
export function cannotListen(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): Error {
  const wayOut = WAYS_OUT[error.code ?? '']
  return wayOut === undefined ? error : new CannotStart(`Port ${port} of ${host} ${wayOut}`, { cause: error })
}
