import { randomUUID } from 'node:crypto'
import type { ProblemError } from '@faultline/core'
import type { GoldenProblems } from './golden.ts'

/** What a golden case asks for when it makes an error of the catalogue. */
export interface Asked {
  name: string
  status: number
  type: string
  title: string
  detail: string | undefined
  /** The detail or else the title, for errors that have one text. */
  text: string
  extensions: Readonly<Record<string, unknown>>
  headers: Readonly<Record<string, string | string[]>>
  /** Peers whose problems may have an instance get one from the application. */
  instance: string
}

/** The golden catalogue, but its classes make the peer's own errors. */
export function peerProblems(problems: GoldenProblems, make: (asked: Asked) => Error): GoldenProblems {
  const classes = Object.entries(problems).map(([name, problem]) => {
    const Ours = problem as unknown as new (...args: unknown[]) => ProblemError
    function Peers(...args: unknown[]): Error {
      return make(askedBy(name, new Ours(...args)))
    }
    return [name, Peers]
  })
  return Object.fromEntries(classes)
}

function askedBy(name: string, ours: ProblemError): Asked {
  const { status, type, title, detail, extensions, headers } = ours
  const instance = `urn:uuid:${randomUUID()}`
  return { name, status, type, title, detail, text: detail ?? title, extensions, headers, instance }
}
