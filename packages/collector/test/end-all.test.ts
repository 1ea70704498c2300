import t from 'tap'
import { endAll } from '../src/end-all.js'

t.test('what started last ends first, and one that fails keeps no other from its end', async (t) => {
  const ended: string[] = []
  const end = (name: string) => () => void ended.push(name)
  const failing = (name: string) => async () => {
    ended.push(name)
    throw new Error(`${name} fails`)
  }
  await t.rejects(endAll([end('folder'), failing('queue'), end('worker'), failing('server')]), /server fails/)
  t.same(ended, ['server', 'worker', 'queue', 'folder'])
})
