// A worker that answers, tells, fails and ends as it is asked.
import { parentPort, workerData } from 'node:worker_threads'
import { type Channel, connect, serve } from '../../src/remote.js'

const { refuses } = workerData as { refuses?: string }
if (refuses !== undefined) throw new Error(refuses)

const main = parentPort as unknown as Channel
const { remote } = connect<{ double(number: number): number }>(main)

export class Mortal {
  add(a: number, b: number): number {
    return a + b
  }
  sizeOf(bytes: Uint8Array): number {
    return bytes.length
  }
  quadruple(number: number): Promise<number> {
    return remote.double(number).then((doubled) => remote.double(doubled))
  }
  fail(): never {
    throw Object.assign(new RangeError('too far'), { name: 'BadRequestToStore' })
  }
  async never(): Promise<void> {
    await new Promise(() => undefined)
  }
  hang(): never {
    for (;;);
  }
  end(code: number): void {
    process.exit(code)
  }
  crash(): void {
    setImmediate(() => {
      throw new Error('the disk is gone')
    })
  }
}
serve(main, new Mortal())
