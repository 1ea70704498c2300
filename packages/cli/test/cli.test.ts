import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Script } from 'node:vm'
import { openStoreReader, openStoreWriter } from '@faultline/collector'
import t, { type Test } from 'tap'
import { BIN, runFaultline, serving } from './run-faultline.js'

const KEY = '0123456789abcdef0123456789abcdef'
// a process for each command, on a busy machine
t.setTimeout(120_000)

/** Runs commands in a folder of their own, with `data` in it. */
function commandsIn(t: Test) {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const run = (args: string[], env?: NodeJS.ProcessEnv) => runFaultline({ args, folder, env })
  const mustPrint = async (...args: string[]) => {
    const { out, err, code } = await run(args)
    t.equal(code, 0, `${args.join(' ')} ${err}`)
    return out.trim()
  }
  /** Its message, which must be no stack. */
  const mustFail = async (code: 1 | 2, args: string[], env?: NodeJS.ProcessEnv) => {
    const ended = await run(args, env)
    t.equal(ended.code, code, `${args.join(' ')} ends with ${code}: ${ended.err}`)
    t.equal(ended.out, '', 'nothing on standard output')
    t.notMatch(ended.err, /\n\s+at |bug of faultline/)
    return ended.err
  }
  return { folder, data, run, mustPrint, mustFail }
}

t.test('an old Node is told what is needed, and how', async (t) => {
  t.doesNotThrow(
    () => new Script(readFileSync(BIN, 'utf8').replace(/^#!.*/, '')),
    'it parses as it always did',
  )
  const pretend = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`
  const { code, out, err } = await runFaultline({
    args: ['--version'],
    folder: t.testdir(),
    flags: ['--import', pretend],
  })
  t.equal(code, 1)
  t.equal(out, '')
  t.match(err, /^faultline needs Node\.js 24 or newer, and this is 20\.20\.2\. Install it .*\n$/)
})

t.test('bad usage ends with 2 and says what is wrong', async (t) => {
  const { mustFail, data } = commandsIn(t)
  const mistakes: [args: string[], says: RegExp][] = [
    [['sevre'], /unknown command 'sevre'.*serve/s],
    [['serve', '--prot', '1'], /unknown option '--prot'/],
    [['project', 'create'], /missing required argument 'name'/],
    [['project', 'create', ' ', '--data', data], /must not be empty/],
    [['project', 'create', 'Shop', '--id', '0', '--data', data], /whole number from 1/],
    [['project', 'create', 'Shop', '--key', 'abc', '--data', data], /32 hexadecimal digits/],
    [['token', 'create', 'ci', '--data', data], /--role/],
    [['token', 'create', 'ci', '--role', 'root', '--data', data], /admin, member, viewer/],
    [['send', `http://${KEY}@localhost/`], /The DSN does not end with the number of a project/],
    [['dlq', 'list'], /--token/],
    [['dlq', 'list', '--token', 'flt_x', '--url', 'localhost'], /begins with http/],
    [['dlq', 'show', 'x', '--token', 'flt_x'], /must be an id/],
    [['erase', '--token', 'flt_x'], /--user or --email/],
    [['erase', '--user', 'u', '--project', 'x', '--token', 'flt_x'], /number of a project/],
  ]
  for (const [args, says] of mistakes) t.match(await mustFail(2, args), says, args.join(' '))
  t.notOk(existsSync(data), 'and nothing is made')
  t.match(
    await mustFail(2, ['send', `http://${KEY}@localhost/`]),
    /^((?!0123456789).)*$/s,
    'a key is not repeated',
  )
})

t.test('help and version are no failure', async (t) => {
  const { mustPrint } = commandsIn(t)
  t.match(await mustPrint('--version'), /^\d+\.\d+\.\d+$/)
  t.match(
    await mustPrint('--help'),
    /serve.*project.*token.*send.*dlq.*config.*Exit codes: 0 done, 1 failed, 2 bad/s,
  )
})

t.test('config check names all mistakes at once', async (t) => {
  const { mustPrint, mustFail, folder } = commandsIn(t)
  t.match(await mustPrint('config', 'check'), /no mistakes/)
  writeFileSync(join(folder, 'faultline.config.json'), JSON.stringify({ port: 'many', rateLimt: 1 }))
  const env = { FAULTLINE_BODY_LIMIT_BYTES: 'lots' }
  const message = await mustFail(2, ['config', 'check'], env)
  t.match(message, /port must be.*rateLimt is unknown.*FAULTLINE_BODY_LIMIT_BYTES must be/s)
  const others = [
    ['serve'],
    ['project', 'create', 'Shop'],
    ['token', 'list'],
    ['config', 'check', '--config', 'none.json'],
  ]
  for (const args of others) await mustFail(2, args, env)
})

t.test('a project is made before the first start, and its DSN can be one from elsewhere', async (t) => {
  const { mustPrint, mustFail, data, folder } = commandsIn(t)
  t.match(await mustFail(1, ['project', 'list', '--data', data]), /There is nothing in .*data yet/)
  t.notOk(existsSync(data))
  t.match(
    await mustPrint('project', 'create', 'First', '--data', data),
    /^http:\/\/[\da-f]{32}@localhost:8600\/1$/,
  )
  writeFileSync(join(folder, 'own.json'), JSON.stringify({ publicUrl: 'https://errors.example/f', data }))
  const given = ['--id', '42', '--key', KEY.toUpperCase(), '--config', 'own.json', '--json']
  const project = JSON.parse(await mustPrint('project', 'create', 'Shop & Söhne', ...given))
  const dsn = `https://${KEY}@errors.example/f/42`
  t.match(project, {
    id: 42,
    name: 'Shop & Söhne',
    slug: /^shop/,
    dsn,
    keys: [{ publicKey: KEY, dsn, revokedAt: null }],
  })
  t.match(
    await mustFail(1, ['project', 'create', 'Twin', '--id', '42', '--data', data]),
    /project 42 already/,
  )
  t.match(await mustFail(1, ['project', 'create', 'Twin', '--key', KEY, '--data', data]), /key is in use/)
  t.match(
    await mustPrint('project', 'list', '--data', data),
    /^ID +NAME +DSN\n1 +First +http.*\n42 +Shop & Söhne +http/,
  )
  t.equal(JSON.parse(await mustPrint('project', 'list', '--json', '--data', data)).length, 2)
})

t.test('a second project of a name is made, with a remark', async (t) => {
  const { mustPrint, run, data } = commandsIn(t)
  await mustPrint('project', 'create', 'Shop', '--data', data)
  const second = await run(['project', 'create', 'Shop', '--data', data])
  t.equal(second.err, 'There is another project Shop: 1. This one is 2.\n')
  t.match(second, { code: 0, out: /^http:.*\/2\n$/ })
  t.equal((await run(['project', 'create', 'Bank', '--data', data])).err, '')
})

t.test('a project has several keys, and each can be revoked', async (t) => {
  const { mustPrint, mustFail, data } = commandsIn(t)
  const first = JSON.parse(await mustPrint('project', 'create', 'Shop', '--json', '--data', data))
  const dsn = await mustPrint('project', 'key', 'create', '1', '--data', data)
  const third = JSON.parse(await mustPrint('project', 'key', 'create', '1', '--json', '--data', data))
  t.match(third, { publicKey: /^[\da-f]{32}$/, dsn: /\/1$/, revokedAt: null })
  const [{ publicKey }] = first.keys
  t.match(
    await mustPrint('project', 'key', 'revoke', publicKey.toUpperCase(), '--data', data),
    'The key is revoked. It was of project 1.',
  )
  const revoked = await mustPrint('project', 'key', 'revoke', third.publicKey, '--json', '--data', data)
  t.match(JSON.parse(revoked), { ...third, revokedAt: /Z$/ })
  const listed = JSON.parse(await mustPrint('project', 'key', 'list', '1', '--json', '--data', data))
  t.same(
    listed
      .filter(({ revokedAt }: { revokedAt: unknown }) => revokedAt === null)
      .map(({ dsn }: typeof third) => dsn),
    [dsn],
  )
  t.match(
    await mustPrint('project', 'key', 'list', '1', '--data', data),
    /^CREATED +REVOKED +DSN\n(.*\n?){3}$/,
  )
  t.match(await mustPrint('project', 'list', '--data', data), dsn, 'the DSN that works')
  t.match(await mustFail(1, ['project', 'key', 'revoke', publicKey, '--data', data]), /revoked already/)
  t.match(await mustFail(1, ['project', 'key', 'create', '9', '--data', data]), /There is no project 9/)
  t.match(await mustFail(1, ['project', 'key', 'list', '9', '--data', data]), /There is no project 9/)
  t.match(await mustFail(2, ['project', 'key', 'revoke', 'abc', '--data', data]), /32 hexadecimal/)
})

t.test('a token can be for some projects', async (t) => {
  const { mustPrint, mustFail, data } = commandsIn(t)
  for (const name of ['One', 'Two', 'Three']) await mustPrint('project', 'create', name, '--data', data)
  const create = ['token', 'create', 'ci', '--data', data, '--role']
  const some = ['--project', '1', '--project', '3']
  const token = JSON.parse(await mustPrint(...create, 'viewer', ...some, '--json'))
  t.match(token, { id: 1, name: 'ci', role: 'viewer', projectIds: [1, 3], token: /^flt_/, revokedAt: null })
  t.match(await mustPrint('token', 'list', '--data', data), /viewer +1,3 +\S+Z +- +ci$/)
  t.match(await mustFail(1, [...create, 'viewer', '--project', '9']), /There is no project 9/)
  t.match(await mustFail(2, [...create, 'admin', ...some]), /an admin sees everything/)
  const { token: _secret, ...shown } = token
  t.match(JSON.parse(await mustPrint('token', 'revoke', '1', '--json', '--data', data)), {
    ...shown,
    revokedAt: /Z$/,
  })
})

t.test('what the command line changes is in the audit log, with the name of who has typed it', async (t) => {
  const { mustPrint, mustFail, data } = commandsIn(t)
  const project = JSON.parse(await mustPrint('project', 'create', 'Shop', '--json', '--data', data))
  const [{ publicKey }] = project.keys
  const dsn = await mustPrint('project', 'key', 'create', '1', '--data', data)
  await mustPrint('project', 'key', 'revoke', publicKey, '--data', data)
  await mustPrint('token', 'create', 'ci', '--role', 'viewer', '--project', '1', '--data', data)
  await mustPrint('token', 'revoke', '1', '--data', data)
  await mustFail(1, ['token', 'revoke', '1', '--data', data])
  await mustFail(1, ['project', 'key', 'revoke', publicKey, '--data', data])
  await mustFail(1, ['project', 'create', 'Twin', '--id', '1', '--data', data])
  const store = openStoreReader(join(data, 'store.db'))
  t.teardown(() => store.close())
  const keys = '/projects/1/keys'
  const expected = [
    ['project.create', '/projects/1', { name: 'Shop' }],
    ['key.create', `${keys}/${dsn.slice(7, 39)}`, {}],
    ['key.revoke', `${keys}/${publicKey}`, {}],
    ['token.create', '/tokens/1', { name: 'ci', role: 'viewer', projectIds: [1] }],
    ['token.revoke', '/tokens/1', {}],
  ]
  const who = { actor: 'cli', actorName: userInfo().username }
  const { items } = store.auditLog({ limit: 10 })
  t.same(
    items.map(({ id: _id, at: _at, ...entry }) => entry).reverse(),
    expected.map(([action, target, details]) => ({ ...who, action, target, details })),
  )
})

t.test('a token is printed once, listed without its secret, and revoked', async (t) => {
  const { mustPrint, mustFail, data } = commandsIn(t)
  const token = await mustPrint('token', 'create', 'ci', '--role', 'viewer', '--data', data)
  t.match(token, /^flt_[\w-]{32}$/)
  const [listed] = JSON.parse(await mustPrint('token', 'list', '--json', '--data', data))
  t.match(listed, { name: 'ci', role: 'viewer', revokedAt: null })
  t.notMatch(JSON.stringify(listed), token)
  await mustPrint('token', 'revoke', String(listed.id), '--data', data)
  t.match(await mustPrint('token', 'list', '--data', data), /viewer +all +\S+Z +\S+Z +ci$/)
  t.match(
    await mustFail(1, ['token', 'revoke', String(listed.id), '--data', data]),
    /no token 1, or it is revoked/,
  )
  for (const file of ['store.db', 'store.db-wal'].filter((file) => existsSync(join(data, file))))
    t.notMatch(readFileSync(join(data, file), 'latin1'), token, `${file} does not hold it`)
})

const noFullDevice = existsSync('/dev/full') ? false : 'there is no /dev/full here'

t.test('a result that cannot be printed is a failure', { skip: noFullDevice }, async (t) => {
  const command = `"${process.execPath}" "${BIN}" token create ci --role viewer > /dev/full`
  const { status, stderr } = spawnSync('sh', ['-c', command], {
    cwd: t.testdir(),
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  t.equal(status, 1)
  t.match(stderr, /could not be printed, though the command is done: ENOSPC/)
})

t.test('serve takes what send sends, knows new keys and tokens, and ends with 0', async (t) => {
  const { mustPrint, mustFail, data, folder } = commandsIn(t)
  const server = await serving(t, { folder, args: ['--data', data] })
  const port = new URL(server.url).port
  const project = JSON.parse(await mustPrint('project', 'create', 'Shop', '--data', data, '--json'))
  const { dsn } = project
  t.equal(new URL(dsn).port, port, 'a DSN names the collector that runs')
  const token = await mustPrint('token', 'create', 'ci', '--role', 'admin', '--data', data)

  const id = await mustPrint('send', dsn, '--type', 'CheckoutError', '--message', 'no money')
  t.match(id, /^[\da-f]{8}-[\da-f]{4}-7/)
  const event = await eventually(async () => {
    const response = await fetch(`${server.url}/api/v1/events/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return response.ok ? ((await response.json()) as object) : undefined
  })
  t.match(event, {
    id,
    exceptions: [{ type: 'CheckoutError', message: 'no money' }],
    service: 'faultline-cli',
  })

  const wrong = dsn.replace(project.keys[0].publicKey, KEY)
  t.match(
    await mustFail(1, ['send', wrong]),
    /The collector at .* has not taken the event: it answered 401: [^{]*key/,
  )
  t.match(
    await mustFail(1, ['serve', '--port', port, '--host', '127.0.0.1', '--data', join(folder, 'other')]),
    /Port \d+ .*in use/,
  )
  t.match(await mustFail(1, ['serve', '--port', '0', '--data', data]), /in use by another collector/)
  t.equal(await server.stop(), 0)
  t.match(await mustFail(1, ['send', dsn]), /has not taken the event: .*ECONNREFUSED/)
  t.match(await mustPrint('project', 'list', '--data', data), /localhost:8600\/1$/, 'it runs no more')
  const again = await serving(t, { folder, args: ['--data', data] })
  t.equal(await again.stop('SIGINT'), 0)
})

t.test('a folder or a database that cannot be used is named, with the way out', async (t) => {
  const { mustPrint, mustFail, data, folder } = commandsIn(t)
  writeFileSync(join(folder, 'file'), '')
  t.match(await mustFail(1, ['serve', '--port', '0', '--data', join(folder, 'file')]), /data folder/)
  t.match(await mustFail(1, ['project', 'create', 'Shop', '--data', join(folder, 'file')]), /file/)
  await mustPrint('project', 'create', 'Shop', '--data', data)
  const database = new DatabaseSync(join(data, 'store.db'))
  database.exec('PRAGMA user_version = 9999')
  database.close()
  for (const args of [
    ['serve', '--port', '0'],
    ['project', 'create', 'Late'],
    ['token', 'create', 'ci', '--role', 'admin'],
  ])
    t.match(await mustFail(1, [...args, '--data', data]), /newer/)
})

t.test('dead letters are listed, shown, replayed and deleted through the API', async (t) => {
  const { mustPrint, mustFail, data, folder, run } = commandsIn(t)
  const token = await mustPrint('token', 'create', 'ci', '--role', 'admin', '--data', data)
  addDeadLetter(data)
  const server = await serving(t, { folder, args: ['--data', data] })
  const access = ['--url', server.url, '--token', token]
  t.match(
    await mustPrint('dlq', 'list', ...access),
    /^ID +RECEIVED +PROJECT +EVENTS +STAGE +REASON\n1 +\S+Z +1 +2 +scrub +TypeError: no$/,
  )
  t.match(JSON.parse(await mustPrint('dlq', 'list', '--json', ...access)), {
    items: [{ id: '1' }],
    nextCursor: null,
  })
  t.match(JSON.parse(await mustPrint('dlq', 'show', '1', ...access)), { id: '1', stage: 'scrub', count: 2 })
  t.match(
    await mustFail(1, ['dlq', 'replay', '1', '9', ...access]),
    /^1: .*is gone.*\n9: There is no such dead letter/,
  )
  const env = { FAULTLINE_URL: server.url, FAULTLINE_TOKEN: 'flt_wrong' }
  t.match(await mustFail(1, ['dlq', 'list'], env), /The token is not valid/)
  const erased = await run(['erase', '--user', 'u-1', ...access])
  t.match(erased, {
    code: 0,
    out: /^Deleted: 0 events of 0 issues, 0 attachments, 0 feedback\.$/m,
    err: /DLQ has 2 events/,
  })
  t.match(JSON.parse(await mustPrint('erase', '--email', 'jo@shop.example', '--json', ...access)), {
    deadLetters: 2,
  })
  t.match(await mustPrint('dlq', 'delete', '1', ...access), /Deleted 1/)
  t.match(await mustFail(1, ['dlq', 'show', '1', ...access]), /There is no such dead letter/)
  await server.stop()
  t.match(await mustFail(1, ['dlq', 'list', ...access]), /No collector answers at .*ECONNREFUSED.*--url/)
})

t.test('something else at the address is not taken for a collector', async (t) => {
  const { mustFail } = commandsIn(t)
  const server = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  t.match(
    await mustFail(1, ['dlq', 'list', '--token', 'flt_x', '--url', `http://${address}`]),
    /is no collector/,
  )
  t.match(
    await mustFail(1, ['send', `http://${KEY}@${address}/1`]),
    /has not taken the event: .*no answer of a collector/,
  )
})

/** One that has nothing in the queue behind it. */
function addDeadLetter(data: string): void {
  const store = openStoreWriter(join(data, 'store.db'))
  const lists = {
    events: [],
    repeats: [],
    requests: [],
    dropped: [],
    outcomes: [],
    attachments: [],
    feedback: [],
  }
  const dead = [{ index: -1, stage: 'scrub', reason: 'TypeError: no', count: 2 }]
  store.save([{ ...lists, position: 1, projectId: 1, protocol: 'faultline', receivedAt: 0, dead }])
  store.close()
}

async function eventually<Result>(look: () => Promise<Result | undefined>): Promise<Result> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise(setImmediate)
  }
}
