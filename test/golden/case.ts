import type { GoldenProblems } from './catalogue.js'
import type { Kit } from './kit.js'
import type { Framework, Service, ServiceDescription } from './start-service.js'
import { startService } from './start-service.js'

/** What a case is given: a way to start services on one framework, and the catalogue to throw from. */
export interface Stage {
  framework: Framework
  problems: GoldenProblems
  /** The service is closed when the case ends. */
  start(description: ServiceDescription): Promise<Service>
  /** Node's process warnings since the case began. */
  processWarnings: string[]
}

/** One entry of the golden list. */
export interface GoldenCase {
  /** The number in the list of checks, or `R1`… for life in real services. */
  number: string
  /** The behaviour in a sentence. */
  title: string
  run(stage: Stage): Promise<void>
  /** Frameworks on which the behaviour cannot be shown, and why. */
  notOn?: Partial<Record<Framework, string>>
  /** About our own API: says nothing about a peer. */
  ownApi?: true
  /** Needs no framework: runs once. */
  once?: true
  /** NODE_ENV during the case. Default: `production`. */
  nodeEnv?: string
  /** Default: 15 000. */
  timeoutMs?: number
}

/** The case neither passed nor failed in time. */
export class CaseHung extends Error {}

/** Runs one case and closes what it started. Rejects when the case fails or hangs. */
export async function runCase(golden: GoldenCase, kit: Kit, framework: Framework): Promise<void> {
  const services: Service[] = []
  const processWarnings: string[] = []
  const keepWarning = (warning: Error) => processWarnings.push(`${warning.name}: ${warning.message}`)
  const start = async (description: ServiceDescription) => {
    const service = await startService(framework, description, kit)
    services.push(service)
    return service
  }

  const nodeEnvBefore = process.env.NODE_ENV
  process.env.NODE_ENV = golden.nodeEnv ?? 'production'
  process.on('warning', keepWarning)
  try {
    const run = golden.run({ framework, problems: kit.problems, start, processWarnings })
    await inTime(run, golden.timeoutMs ?? 15_000)
  } finally {
    process.off('warning', keepWarning)
    if (nodeEnvBefore === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = nodeEnvBefore
    await inTime(Promise.all(services.map((service) => service.close())), 5_000)
  }
}

async function inTime(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CaseHung(`no result after ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    await Promise.race([work, hung])
  } finally {
    clearTimeout(timer)
  }
}
