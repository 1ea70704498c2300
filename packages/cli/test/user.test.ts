import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runFaultline, type Serving, serving } from './run-faultline.js'

const LINK = /^Sign in as administrator; this works once, for 24 hours: (http\S+)$/m
const PASSWORD = 'correct horse battery staple'

t.setTimeout(120_000)

/** The link that a start has printed. */
async function linkOf({ err }: Serving): Promise<string> {
  for (;;) {
    const [, link] = LINK.exec(err()) ?? []
    if (link !== undefined) return link
    await new Promise(setImmediate)
  }
}

/** Submits the page behind a link. */
async function use({ url }: Serving, link: string) {
  const token = new URL(link).searchParams.get('token') ?? ''
  const body = new URLSearchParams({ token, password: PASSWORD })
  const response = await fetch(`${url}/welcome`, { method: 'POST', body, redirect: 'manual' })
  return { status: response.status, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
}

t.test('every start invites the first administrator, until they have been in', async (t) => {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const serve = () => serving(t, { folder, args: ['--data', data] })
  const first = await serve()
  const unused = await linkOf(first)
  t.equal(new URL(unused).port, new URL(first.url).port)
  await first.stop()

  const second = await serve()
  const link = await linkOf(second)
  t.equal(second.err().match(new RegExp(LINK, 'gm'))?.length, 1, 'once')
  t.equal((await use(second, unused)).status, 410, 'the earlier link has ended')
  const { status, cookie } = await use(second, link)
  t.equal(status, 303)
  const session = await fetch(`${second.url}/api/v1/session`, { headers: { cookie } })
  t.match(await session.json(), { user: { email: 'admin@localhost', name: 'Admin', role: 'admin' } })
  await second.stop()
  for (const name of readdirSync(data))
    for (const secret of [
      PASSWORD,
      cookie.split('=')[1] ?? '',
      new URL(link).searchParams.get('token') ?? '',
    ])
      t.notOk(readFileSync(join(data, name)).includes(secret), `${name} holds no secret`)

  const third = await serve()
  await third.stop()
  t.notMatch(third.err(), LINK)
})

t.test('people are made, listed and let in again from the command line', async (t) => {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const run = (...args: string[]) => runFaultline({ args: ['user', ...args, '--data', data], folder })
  const mustPrint = async (...args: string[]) => {
    const { out, err, code } = await run(...args)
    t.equal(code, 0, err)
    return out.trim()
  }
  const mustFail = async (code: 1 | 2, ...args: string[]) => {
    const ended = await run(...args)
    t.equal(ended.code, code, args.join(' '))
    t.equal(ended.out, '')
    return ended.err
  }
  t.match(await mustFail(1, 'reset', 'ann'), /There is nothing in/)
  t.match(await mustFail(2, 'create', 'ann', '--role', 'admin'), /must be an e-mail address/)
  t.match(await mustFail(2, 'create', 'ann@shop.example'), /--role/)
  t.notOk(existsSync(data), 'and nothing is made')

  const link = await mustPrint('create', 'Ann@Shop.example', '--name', 'Ann', '--role', 'admin')
  t.match(link, /^http:\/\/localhost:8600\/welcome\?token=[\w-]{43}$/)
  t.match(
    JSON.parse(await mustPrint('create', 'ann2@shop.example', '--name', 'Ann', '--role', 'viewer', '--json')),
    {
      id: 2,
      email: 'ann2@shop.example',
      hasPassword: false,
      link: String,
      expiresAt: String,
    },
  )
  t.match(
    await mustFail(1, 'create', 'ANN@shop.example', '--role', 'viewer'),
    /There is a user ann@shop\.example already/,
  )
  t.match(await mustFail(1, 'reset', 'ann'), /Several users .*ann@shop\.example, ann2@shop\.example/)
  t.match(await mustFail(1, 'reset', 'bob'), /There is no user bob: see `faultline user list`/)
  t.match(await mustPrint('list'), /^ID +ROLE .*\n1 +admin +ann@shop\.example +\S+Z +- +Ann\n2 +viewer /)
  t.match(JSON.parse(await mustPrint('list', '--json')), [{ id: 1, disabledAt: null }, { id: 2 }])

  const server = await serving(t, { folder, args: ['--data', data] })
  t.equal((await use(server, link)).status, 303, 'a link from before the first start')
  const reset = JSON.parse(await mustPrint('reset', 'ann@shop.example', '--json'))
  t.equal((await use(server, reset.link)).status, 303, 'and one that is made beside it')
  await server.stop()
  t.notMatch(server.err(), LINK, 'no other administrator is made')
})
