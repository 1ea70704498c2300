// The spool by itself: who may take whose files, what has to go when there is no room, and how it bears a day's errors.
import {
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { newParcelId, type Parcel, parcelFileName } from '../src/delivery/parcel.js'
import { Spool, type SpoolOptions } from '../src/delivery/spool.js'
import { type Evidence, isRunning, leftFiles, SpoolFolder } from '../src/delivery/spool-folder.js'
import { type SpooledParcel, SpooledParcels } from '../src/delivery/spooled-parcels.js'

const now = Date.parse('2026-01-01T00:00:00Z')
const MINUTE_MS = 60_000
const otherPid = process.pid + 1

/** A folder with one file in it, which its owner has touched so long ago. */
function folderIn(parent: string, name: string, silentMs = 0): string {
  const folder = join(parent, name)
  mkdirSync(folder)
  writeFileSync(join(folder, parcelFileName(parcelOf(1))), 'x')
  const at = new Date(now - silentMs)
  utimesSync(folder, at, at)
  return folder
}

/** Whether such a folder's files may be taken. */
async function isLeft(t: Test, name: string, silentMs: number, evidence: Partial<Evidence> = {}) {
  const parent = t.testdir()
  folderIn(parent, name, silentMs)
  const left = await leftFiles(parent, new SpoolFolder(parent), { now, isRunning: () => true, ...evidence })
  return left.length > 0
}

function parcelOf(bytes: number): Parcel {
  const body = new Uint8Array(bytes)
  const label = { id: newParcelId(), wire: 'faultline', events: 1, counted: 0 } as const
  return { ...label, body, dropped: [], carried: new Map(), isForeign: false }
}

function spoolIn(t: Test, folder: string, options: Partial<SpoolOptions> = {}): Spool {
  const spool = new Spool({ folder, maxBytes: 1e9, onLost: () => undefined, ...options })
  t.teardown(() => spool.close())
  return spool
}

/** What a process has left, in a folder that it has given up. */
function leave(parent: string, count: number): string[] {
  const folder = join(parent, `(given up)~1~${count.toString(16)}`)
  mkdirSync(folder, { recursive: true })
  const names = Array.from({ length: count }, () => parcelFileName(parcelOf(0)))
  const [first = '', ...others] = names.map((name) => join(folder, name))
  writeFileSync(first, 'x')
  for (const other of others) linkSync(first, other) // a third of the time
  return names
}

/** Takes so many from it, as if they were sent. */
async function drain(spool: Spool, count: number): Promise<string[]> {
  const names: string[] = []
  while (names.length < count) {
    const next = await spool.oldest()
    if (next === undefined) break
    names.push(next.fileName)
    await spool.remove(next)
  }
  return names
}

t.test('what a folder holds may be taken', async (t) => {
  const here = `${hostname()}~${otherPid}~ab`

  t.test('at once, if its owner has ended on this host', async (t) => {
    const asked: number[] = []
    const isGone = (pid: number) => asked.push(pid) === 0
    t.equal(await isLeft(t, here, 0, { isRunning: isGone }), true)
    t.strictSame(asked, [otherPid])
  })

  t.test('not while its owner runs and beats', async (t) => {
    t.equal(await isLeft(t, here, MINUTE_MS), false)
    t.equal(await isLeft(t, here, -MINUTE_MS), false, 'by a clock that is ahead')
  })

  t.test('after a minute of silence, whoever has its number now', async (t) => {
    t.equal(await isLeft(t, here, MINUTE_MS + 1), true)
    t.equal(await isLeft(t, here, -MINUTE_MS - 1), true, 'a clock was set back')
  })

  t.test('after a minute only, if its owner ran on another host', async (t) => {
    const nobodyRuns = { isRunning: () => false }
    t.equal(await isLeft(t, `elsewhere~${otherPid}~ab`, MINUTE_MS, nobodyRuns), false)
    t.equal(await isLeft(t, `elsewhere~${otherPid}~ab`, MINUTE_MS + 1, nobodyRuns), true)
  })

  t.test(
    'after a minute only, if it has the number of this process, which a container gives again',
    async (t) => {
      const nobodyRuns = { isRunning: () => false }
      t.equal(await isLeft(t, `${hostname()}~${process.pid}~ab`, MINUTE_MS, nobodyRuns), false)
      t.equal(await isLeft(t, `${hostname()}~${process.pid}~ab`, MINUTE_MS + 1, nobodyRuns), true)
    },
  )

  t.test('at once, if its owner has given it up', async (t) => {
    const parent = t.testdir()
    const owner = new SpoolFolder(parent)
    folderIn(parent, owner.name)
    const evidence = { now, isRunning: () => true }
    const look = () => leftFiles(parent, new SpoolFolder(parent), evidence)
    t.strictSame(await look(), [])
    await owner.giveUp()
    t.equal((await look()).length, 1)
  })

  t.test('never by its owner, nor if it has no owner', async (t) => {
    const [parent, longAgo] = [t.testdir(), 10 * MINUTE_MS]
    const own = new SpoolFolder(parent)
    folderIn(parent, own.name, longAgo)
    folderIn(parent, 'lost+found', longAgo)
    t.strictSame(await leftFiles(parent, own, { now, isRunning: () => false }), [])
  })

  t.test('the oldest first, whichever folder it is in; empty folders go', async (t) => {
    const parent = t.testdir()
    const folders = [10, 11, 12].map((number) => `${hostname()}~${otherPid}~${number}`)
    for (const folder of folders) mkdirSync(join(parent, folder))
    const names = Array.from({ length: 20 }, (_, at) => `${String(at).padStart(2, '0')}.gz`)
    for (const [at, name] of names.entries()) writeFileSync(join(parent, folders[at % 2] as string, name), '')
    const left = await leftFiles(parent, new SpoolFolder(parent), { now, isRunning: () => false })
    t.strictSame(
      left.map(({ fileName }) => fileName),
      names,
    )
    t.strictSame(readdirSync(parent).sort(), folders.slice(0, 2))
  })
})

t.test('a process runs if it can be asked, or only another user could ask it', async (t) => {
  t.equal(isRunning(process.ppid), true)
  const kill = (code: string) => () => {
    throw Object.assign(new Error(code), { code })
  }
  t.capture(process, 'kill', kill('EPERM'))
  t.equal(isRunning(otherPid), true)
  t.capture(process, 'kill', kill('ESRCH'))
  t.equal(isRunning(otherPid), false)
})

t.test('a folder with something in it says every 15 seconds that its owner lives', async (t) => {
  for (const way of ['written', 'taken over']) {
    mock.timers.enable({ apis: ['setInterval'] })
    t.teardown(() => mock.timers.reset())
    const parent = t.testdir()
    const spool = spoolIn(t, parent)
    if (way === 'written') await spool.add(parcelOf(1))
    else t.ok(leave(parent, 1) && (await spool.takeOver()))
    const [folder] = readdirSync(parent).map((name) => join(parent, name)) as [string]
    const past = new Date(now)
    utimesSync(folder, past, past)
    mock.timers.tick(15_000)
    while (statSync(folder).mtimeMs === now) await nextTurn()
    t.ok(Date.now() - statSync(folder).mtimeMs < MINUTE_MS, way)
    await spool.close()
    mock.timers.reset()
  }
})

t.test('when there is no room, the oldest go, but not the one that is on its way', async (t) => {
  const evicted: string[] = []
  const spool = spoolIn(t, t.testdir(), { maxBytes: 250, onLost: ({ id }) => evicted.push(id) })
  const [first, second, third, fourth] = [parcelOf(100), parcelOf(100), parcelOf(100), parcelOf(100)]
  await spool.add(first)
  await spool.add(second)
  const lent = (await spool.oldest()) as Parcel & SpooledParcel
  t.equal(lent.id, first.id)
  await spool.add(third)
  t.strictSame(evicted, [second.id])
  await spool.remove(lent)
  t.equal((await spool.oldest())?.id, third.id, 'nothing else is gone')
  await spool.add(fourth)
  t.strictSame(evicted, [second.id], 'what has arrived makes room')
})

t.test('a file that is gone, or that is a link to another, is said to be lost', async (t) => {
  const lost: [id: string, reason: string][] = []
  const folder = t.testdir({ secret: 'not ours to send' })
  const spool = spoolIn(t, folder, { onLost: ({ id }, reason) => lost.push([id, reason]) })
  const [gone, link, whole] = [parcelOf(1), parcelOf(2), parcelOf(3)]
  for (const parcel of [gone, link, whole]) await spool.add(parcel)
  const own = join(folder, readdirSync(folder).find((name) => name.includes('~')) as string)
  rmSync(join(own, parcelFileName(gone)))
  rmSync(join(own, parcelFileName(link)))
  symlinkSync(join(folder, 'secret'), join(own, parcelFileName(link)))
  t.equal((await spool.oldest())?.id, whole.id)
  t.strictSame(lost, [
    [gone.id, 'spool_gone'],
    [link.id, 'spool_gone'],
  ])
})

t.test('what is taken over is held to the same limit, and looked for once at a time', async (t) => {
  const parent = t.testdir()
  const names = leave(parent, 5)
  const evicted: SpooledParcel[] = []
  const spool = spoolIn(t, parent, { maxBytes: 3, onLost: (parcel) => evicted.push(parcel) })
  const takingOver = spool.takeOver()
  t.equal(spool.takeOver(), takingOver)
  await takingOver
  t.match(evicted, [
    { fileName: names[0], isForeign: true },
    { fileName: names[1], isForeign: true },
  ])
  t.strictSame(await drain(spool, 5), names.slice(2))
  t.equal(await spool.takeOver(), false)
})

t.test('twenty thousand files', async (t) => {
  const parent = t.testdir()
  const names = [...leave(parent, 9999), ...leave(parent, 10_001)]

  const seemToLive = () => readdirSync(parent).filter((name) => !name.startsWith('(given up)'))
  const counts = () => readdirSync(parent).map((name) => readdirSync(join(parent, name)).length)

  t.test('a close ends a take-over, and leaves no folder that seems to live', async (t) => {
    const spool = spoolIn(t, parent, { maxBytes: 0, onLost: () => t.fail('that is left to the next') })
    const takingOver = spool.takeOver()
    while (spool.isEmpty) await nextTurn()
    await spool.close()
    t.equal(await takingOver, true)
    t.strictSame(seemToLive(), [])
    t.equal(counts().length, 3, `it had only begun: ${counts()}`)
    t.equal(
      counts().reduce((sum, count) => sum + count, 0),
      20_000,
      'none is lost',
    )
  })

  t.test('so does a close right after the start, and nothing is taken after it', async (t) => {
    const spool = spoolIn(t, parent)
    let isOver = false
    const takingOver = spool.takeOver().then(() => {
      isOver = true
    })
    await spool.close()
    t.ok(isOver, 'it waits for what is under way')
    await takingOver
    await spool.takeOver()
    t.ok(spool.isEmpty)
    t.strictSame(seemToLive(), [])
  })

  t.test('are taken over in seconds, and sent in the order in which they were written', async (t) => {
    const spool = spoolIn(t, parent)
    const before = process.cpuUsage()
    await Promise.all([spool.takeOver(), spool.takeOver()])
    const sent = await drain(spool, 500)
    const { user } = process.cpuUsage(before)
    t.ok(user < 8e6, `${user / 1e6} s of processor time`)
    t.strictSame(sent, names.sort().slice(0, 500))
    t.strictSame(counts(), [19_500], 'all the others wait in one folder')
  })
})

t.test('the list of what is on disk', async (t) => {
  const entry = (number: number): SpooledParcel => {
    const { body, ...label } = parcelOf(0)
    const fileName = String(number).padStart(8, '0')
    return { ...label, fileName, bytes: number }
  }
  const always = () => true

  t.test('is as short to use with a hundred thousand in it', async (t) => {
    const list = new SpooledParcels()
    const before = process.cpuUsage()
    for (let i = 0; i < 100_000; i++) list.add(entry(i))
    for (let next = list.find(always); next; next = list.find(always)) list.remove(next)
    const { user } = process.cpuUsage(before)
    t.ok(user < 3e6, `${user / 1e6} s of processor time`)
  })

  t.test('keeps its order and its sum, whatever comes and goes', async (t) => {
    const seed = Date.now() % 1e6
    let state = seed
    const random = (below: number) => {
      state = (state * 48_271 + 11) % 2_147_483_647
      return state % below
    }
    const list = new SpooledParcels()
    const model = new Map<number, SpooledParcel>()
    for (let step = 0; step < 3000; step++) {
      const number = random(200)
      const known = model.get(number)
      if (random(2) === 0 && known === undefined) {
        const fresh = entry(number)
        model.set(number, fresh)
        list.add(fresh)
      } else {
        model.delete(number)
        list.remove(entry(number)) // here or not
      }
      const least = random(200)
      const numbers = [...model.keys()].sort((a, b) => a - b)
      const expected = numbers.find((one) => one >= least)
      const found = list.find(({ bytes }) => bytes >= least)?.bytes
      const bytes = numbers.reduce((sum, one) => sum + one, 0)
      if (found !== expected || list.bytes !== bytes || list.isEmpty !== (model.size === 0))
        return t.fail(
          `seed ${seed}, step ${step}: ${found} is not ${expected}, or ${list.bytes} not ${bytes}`,
        )
    }
    t.pass(`seed ${seed}`)
  })
})
