import type { MessagePort, Worker } from 'node:worker_threads'
import type { Remote } from './store/store.js'

/** One end of what joins two threads: the worker, or its port to the parent. */
export type Channel = Pick<MessagePort, 'postMessage'> & Pick<Worker, 'on'>

// Everything is copied by structured clone, bytes too: both sides may go on using theirs.
type Message =
  | { kind: 'ready' }
  | { kind: 'call'; id: number; name: string; parameters: unknown[] }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; error: CrossedError }

/** An error as it crosses: tell it by its name, for its class stays behind. */
interface CrossedError {
  name: string
  message: string
  stack?: string | undefined
  code?: unknown
}

/** Answers what the other thread calls, in the order of arrival, and says that it is ready. */
export function serve(channel: Channel, methods: object): void {
  const answer = async ({ id, name, parameters }: Extract<Message, { kind: 'call' }>) => {
    try {
      const method = (methods as Record<string, (...parameters: unknown[]) => unknown>)[name]
      if (typeof method !== 'function') throw new TypeError(`There is no method ${name}.`)
      send(channel, { kind: 'answer', id, value: await method.apply(methods, parameters) })
    } catch (error) {
      send(channel, { kind: 'failure', id, error: crossing(error) })
    }
  }
  channel.on('message', (message: Message) => {
    if (message.kind === 'call') void answer(message)
  })
  send(channel, { kind: 'ready' })
}

export interface Connection<Methods> {
  remote: Remote<Methods>
  /** Resolves once the other thread serves. */
  ready: Promise<void>
  /** Rejects what is open and what is still to come: nobody is there to answer. */
  giveUp(because: Error): void
}

interface Open {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Calls what the other thread serves. */
export function connect<Methods extends object>(channel: Channel): Connection<Methods> {
  const open = new Map<number, Open>()
  let lastId = 0
  let gone: Error | undefined
  let becomeReady: () => void = () => undefined
  let neverReady: (because: Error) => void = () => undefined
  const ready = new Promise<void>((resolve, reject) => {
    becomeReady = resolve
    neverReady = reject
  })

  ready.catch(() => undefined) // whoever does not wait for it is told by the calls
  channel.on('message', (message: Message) => {
    if (message.kind === 'ready') becomeReady()
    if (message.kind !== 'answer' && message.kind !== 'failure') return
    const call = open.get(message.id)
    open.delete(message.id)
    if (message.kind === 'answer') call?.resolve(message.value)
    else call?.reject(crossed(message.error))
  })

  const call = (name: string, parameters: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      if (gone !== undefined) return reject(gone)
      const id = ++lastId
      send(channel, { kind: 'call', id, name, parameters }) // throws, and so rejects, what cannot be copied
      open.set(id, { resolve, reject })
    })

  return {
    remote: remoteOf<Methods>(call),
    ready,
    giveUp(because) {
      gone = because
      neverReady(because)
      for (const { reject } of open.values()) reject(because)
      open.clear()
    },
  }
}

/** An object whose every method is a call. */
export function remoteOf<Methods extends object>(
  call: (name: string, parameters: unknown[]) => Promise<unknown>,
): Remote<Methods> {
  return new Proxy({} as Remote<Methods>, {
    get(_target, name) {
      if (typeof name !== 'string' || name === 'then') return undefined // it is no promise
      return (...parameters: unknown[]) => call(name, parameters)
    },
  })
}

function send(channel: Channel, message: Message): void {
  channel.postMessage(message)
}

function crossing(thrown: unknown): CrossedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) }
  const { name, message, stack } = thrown
  const { code } = thrown as NodeJS.ErrnoException
  return { name, message, stack, ...(code !== undefined && { code: String(code) }) }
}

function crossed({ message, ...rest }: CrossedError): Error {
  return Object.assign(new Error(message), rest)
}
