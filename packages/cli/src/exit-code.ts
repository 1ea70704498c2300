import { CommanderError } from 'commander'
import { CommandFailed } from './command-failed.js'

/** Errors of the packages below whose message is meant for whoever has typed the command. */
const EXIT_CODES: Readonly<Record<string, number>> = {
  ConfigMistakes: 2,
  InvalidConfiguration: 2,
  CannotStart: 1,
  StoreUnusable: 1,
  QueueUnusable: 1,
  StoreConflict: 1,
  UnknownToStore: 1,
  BadRequestToStore: 2,
  BackupFailed: 1,
}

export interface Ending {
  exitCode: number
  /** For standard error. */
  message?: string
}

/** How a command ends that has thrown: 1 it failed, 2 bad usage or configuration. Only a bug shows its stack. */
export function endingOf(thrown: unknown): Ending {
  if (thrown instanceof CommanderError) return { exitCode: thrown.exitCode === 0 ? 0 : 2 } // it has said why
  if (!(thrown instanceof Error)) return { exitCode: 1, message: String(thrown) }
  const { name, message, stack } = thrown
  if (thrown instanceof CommandFailed) return { exitCode: thrown.exitCode, message }
  if (Object.hasOwn(EXIT_CODES, name)) return { exitCode: EXIT_CODES[name] as number, message }
  const isOfSystem = typeof (thrown as NodeJS.ErrnoException).syscall === 'string'
  return { exitCode: 1, message: isOfSystem ? message : `This is a bug of faultline: ${stack ?? message}` }
}
