import { Session } from 'node:inspector/promises'
import type { CpuProfile } from '../measure/profile.ts'

/** CPU profiles of the main thread and of every worker, by the names of the threads. */
export interface ThreadProfiler {
  start(): Promise<void>
  stop(): Promise<Record<string, CpuProfile>>
}

interface WorkerSession {
  name: string
  post(method: string): Promise<{ profile?: CpuProfile }>
}

/** Of this process. Workers are profiled by the protocol that `NodeWorker` passes on. */
export async function createThreadProfiler(): Promise<ThreadProfiler> {
  const session = new Session()
  session.connect()
  const workers = await attachWorkers(session)
  const main: WorkerSession = {
    name: 'main thread',
    post: (method) => session.post(method as 'Profiler.stop') as Promise<{ profile?: CpuProfile }>,
  }
  const threads = [main, ...workers]
  const all = (method: string) => Promise.all(threads.map((thread) => thread.post(method)))
  await all('Profiler.enable')
  return {
    async start() {
      await all('Profiler.start')
    },
    async stop() {
      const stopped = await all('Profiler.stop')
      return Object.fromEntries(threads.map(({ name }, at) => [name, stopped[at]?.profile as CpuProfile]))
    },
  }
}

/** @see https://nodejs.org/api/inspector.html, domain `NodeWorker` */
async function attachWorkers(session: Session): Promise<WorkerSession[]> {
  const workers: WorkerSession[] = []
  const waiting = new Map<string, (result: { profile?: CpuProfile }) => void>()
  let lastId = 0
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
    const post = (method: string) =>
      new Promise<{ profile?: CpuProfile }>((resolve, reject) => {
        const id = ++lastId
        waiting.set(`${sessionId} ${id}`, resolve)
        const message = JSON.stringify({ id, method })
        session.post('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(reject)
      })
    workers.push({ name: workerInfo.title.replace(/^\[.*?\] /, ''), post })
  })
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: { profile?: CpuProfile } }
    waiting.get(`${sessionId} ${id}`)?.(result ?? {})
  })
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  return workers
}
