import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseProblem } from '@faultline/core/client'
import t, { type Test } from 'tap'
import { issueRows } from '../src/commands/issues.js'
import { runFaultline, type Serving, serving, start } from './run-faultline.js'

// a process for each command, on a busy machine
t.setTimeout(120_000)

/** A collector with a project, and commands that ask it. */
async function asked(t: Test) {
  const folder = t.testdir()
  const data = join(folder, 'data')
  const server = await serving(t, { folder, args: ['--data', data] })
  const must = async (...args: string[]) => {
    const { out, err, code } = await runFaultline({ args, folder })
    t.equal(code, 0, `${args.join(' ')} ${err}`)
    return out.trim()
  }
  const dsn = (await must('project', 'create', 'Shop', '--data', data)).replace(
    '8600',
    new URL(server.url).port,
  )
  const token = await must('token', 'create', 'ann', '--role', 'viewer', '--data', data)
  const env = { FAULTLINE_URL: server.url, FAULTLINE_TOKEN: token }
  const ask = (...args: string[]) => runFaultline({ args, folder, env })
  const send = (type: string, message = 'no') => must('send', dsn, '--type', type, '--message', message)
  return { folder, data, server, env, ask, must, send }
}

t.test('issues are listed, searched and paged', async (t) => {
  const { ask, send } = await asked(t)
  t.match(await ask('issues'), { code: 0, out: '', err: 'There are no such issues.\n' })
  await send('CheckoutError', 'no \u001b[31mmoney\nat all')
  await send('RefundError')
  const all = await eventually(async () => {
    const { out } = await ask('issues', '--sort', 'firstSeen')
    return out.split('\n').length === 4 ? out : undefined
  })
  t.match(all, /^ID +SEVERITY +STATUS +EVENTS +USERS +SEEN +TITLE\n/)
  t.match(all, /^SHOP-\d +\w+ +unresolved +1 +0 +\d+s +RefundError: no$/m)
  t.match(all, /CheckoutError: no +\[31mmoney$/m)
  t.notOk(all.includes('\u001b'), 'nothing that a terminal obeys')
  t.match((await ask('issues', 'type:Refund*')).out, /^ID.*\nSHOP-\d .*RefundError: no\n$/)
  t.match((await ask('issues', 'is:unresolved', 'type:Refund*', '--json')).out, /^\{\n {2}"items": \[/)
  const first = await ask('issues', '--limit', '1', '--project', '1', '--since', '-1h', '--status', 'all')
  t.equal(first.out.split('\n').length, 3)
  const [, cursor = ''] = /^There are more: --cursor (\S+)\n$/.exec(first.err) ?? []
  const second = await ask('issues', '--limit', '1', '--cursor', cursor, '--status', 'all')
  t.equal(second.out.split('\n').length, 3)
  t.not(second.out, first.out)
  t.equal(second.err, '')

  t.match(await ask('issues', 'sevrity:high'), {
    code: 2,
    out: '',
    err: /The search has a mistake\. .*severity/,
  })
  t.match(await ask('issues', '--limit', '999'), { code: 2, out: '', err: /limit must be <= 200/ })
  t.match(await ask('issues', '--sort', 'size'), { code: 2, out: '', err: /lastSeen, firstSeen/ })
  t.match(await ask('issues', '--', '-type:Refund*'), { code: 0, out: /CheckoutError/ })
})

t.test('titles are cut to the width of the terminal', async (t) => {
  const issue = {
    shortId: 'SHOP-1',
    severity: 'high',
    status: 'unresolved',
    count: 12,
    users: 3,
    title: `TypeError: ${'x'.repeat(100)}`,
  }
  const now = Date.parse('2026-11-20T12:00:00Z')
  const rowAt = (lastSeenAt: string, width?: number) =>
    issueRows([{ ...issue, lastSeenAt }], { now, width })[0]
  const seen = (lastSeenAt: string) => rowAt(lastSeenAt)?.[5]
  t.equal(seen('2026-11-20T11:57:01Z'), '2m')
  t.equal(seen('2026-11-20T10:00:00Z'), '2h')
  t.equal(seen('2026-11-17T11:00:00Z'), '3d')
  t.equal(seen('2026-11-20T12:00:09Z'), '0s', 'a clock that is behind')
  const [id = '', severity = '', ...rest] = rowAt('2026-11-20T12:00:00Z', 80) ?? []
  t.match(rest.at(-1), /^TypeError: x+…$/)
  const heads = ['ID', 'SEVERITY', 'STATUS', 'EVENTS', 'USERS', 'SEEN']
  const widths = [id, severity, ...rest.slice(0, -1)].map((cell, index) =>
    Math.max(cell.length, heads[index]?.length ?? 0),
  )
  t.equal(
    widths.reduce((sum, one) => sum + one + 2, rest.at(-1)?.length ?? 0),
    80,
  )
  t.equal(rowAt('2026-11-20T12:00:00Z')?.at(-1), issue.title, 'and nowhere else')
})

/** `faultline tail`, and what it prints. */
function tailing(t: Test, { folder, env }: { folder: string; env: NodeJS.ProcessEnv }, ...args: string[]) {
  const child = start({ args: ['tail', ...args], folder, env })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => lines.push(line))
  const printed = (what: RegExp) => eventually(async () => lines.find((line) => what.test(line)))
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, lines, printed, closed }
}

t.test('tail follows issues, through a restart of the collector, until it is told to end', async (t) => {
  const { folder, data, server, env, send, ask } = await asked(t)
  const { child, lines, printed, closed } = tailing(t, { folder, env })
  const json = tailing(t, { folder, env }, '--json', '--project', '1')
  const other = tailing(t, { folder, env }, '--project', '7')
  for (const one of [{ printed }, json, other]) await one.printed(/^Following the issues of http/)
  await send('CheckoutError')
  await printed(/^\d\d:\d\d:\d\d {2}NEW {7} {2}\w+ +SHOP-1 {2}CheckoutError: no$/)
  t.match(JSON.parse(await json.printed(/^\{/)), { shortId: 'SHOP-1', isNew: true, events: 1 })
  await send('CheckoutError')
  await printed(/^\d\d:\d\d:\d\d {2}\+1 {8} {2}\w+ +SHOP-1 {2}CheckoutError: no$/)

  await server.stop()
  await printed(/^The collector is away: trying to connect again\.$/)
  const again: Serving = await serving(t, {
    folder,
    args: ['--data', data, '--port', new URL(server.url).port],
  })
  await printed(/^Connected again\./)
  await send('RefundError')
  await printed(/RefundError/)
  t.equal(lines.filter((line) => /away/.test(line)).length, 1, 'it is said once')

  child.kill('SIGINT')
  t.equal(await closed, 0)
  await other.printed(/^Connected again\./)
  t.strictSame(
    other.lines.filter((line) => /Error/.test(line)),
    [],
    'of another project it has nothing',
  )
  await again.stop()
  await json.printed(/away/)
  for (const { child, closed } of [json, other]) {
    child.kill('SIGTERM')
    t.equal(await closed, 0, 'also while there is no collector')
  }
  t.match(await ask('tail'), { code: 1, out: '', err: /No collector answers at .*--url/ })
})

t.test('tail fails where it is refused', async (t) => {
  const { folder, env } = await asked(t)
  const refused = await runFaultline({ args: ['tail', '--token', 'flt_wrong'], folder, env })
  t.match(refused, { code: 1, out: '', err: /^The token is not valid\./ })
  t.match(await runFaultline({ args: ['tail', '--project', 'x'], folder, env }), { code: 2, out: '' })
})

const CORE = import.meta.resolve('@faultline/core')

/** A folder with modules, and `faultline problems` of one of them. */
function modules(t: Test, files: Record<string, string>) {
  const folder = t.testdir()
  mkdirSync(join(folder, 'cjs'))
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code)
  return (...args: string[]) => runFaultline({ args: ['problems', ...args], folder })
}

const CATALOGUE = `
import { defineProblems } from ${JSON.stringify(CORE)}
export const problems = defineProblems({ base: 'https://errors.shop.example/' }, {
  OutOfCredit: { status: 403, title: 'You do not have enough credit.' },
  IMATeapot: { status: 418, title: 'No coffee.' },
  SoldOut: { status: 409, title: 'Sold out.', type: 'urn:shop:sold-out' },
  LampBroken: { status: 503, title: 'Dark.', type: 'about:blank' },
})
export const others = defineProblems({}, { NoTill: { status: 410, title: 'No till.' } })
export const version = 3
`

t.test('with what problems --client prints, parseProblem knows every problem by its name', async (t) => {
  const problems = modules(t, { 'problems.mjs': CATALOGUE })
  const { out, err, code } = await problems('problems.mjs', '--client')
  t.equal(code, 0, err)
  const options = JSON.parse(out)
  t.equal(options.base, 'https://errors.shop.example/')
  t.notOk('OutOfCredit' in options.types, 'what follows from the base is left out')
  const { problems: catalogue, others } = await import(
    `data:text/javascript,${encodeURIComponent(CATALOGUE)}`
  )
  for (const [name, Problem] of Object.entries({ ...catalogue, ...others })) {
    const { type, status } = new (Problem as new () => { type: string; status: number })()
    const headers = { 'content-type': 'application/problem+json' }
    t.equal(parseProblem({ status, headers, body: { type, status } }, options)?.name, name)
  }
})

t.test('problems are printed as a table or as JSON, of all catalogues or of one', async (t) => {
  const problems = modules(t, {
    'problems.mjs': CATALOGUE,
    'default.mjs': `export { problems as default, problems } from './problems.mjs'`,
    'both.cjs': `module.exports = { shop: require('./problems.mjs').problems }`,
    'one.cjs': `module.exports = require('./problems.mjs').others`,
  })
  const table = await problems('problems.mjs')
  t.match(table.out, /^NAME +STATUS +TYPE +TITLE\n/)
  t.match(table.out, /^SoldOut +409 +urn:shop:sold-out +Sold out\.$/m)
  t.match(table.out, /^NoTill +410 +about:blank +No till\.$/m)
  const names = async (...args: string[]) => {
    const { out, err, code } = await problems(...args, '--json')
    t.equal(code, 0, err)
    return JSON.parse(out).map(({ name }: { name: string }) => name)
  }
  const shop = ['OutOfCredit', 'IMATeapot', 'SoldOut', 'LampBroken']
  t.strictSame(await names('problems.mjs', '--export', 'others'), ['NoTill'])
  t.strictSame(await names('default.mjs'), shop)
  t.strictSame(await names('both.cjs'), shop)
  t.strictSame(await names('one.cjs'), ['NoTill'])
})

t.test('a module without a catalogue is told what it lacks', async (t) => {
  const define = `import { defineProblems } from ${JSON.stringify(CORE)}\n`
  const problems = modules(t, {
    'problems.mjs': CATALOGUE,
    'none.mjs': 'export const problems = {}, port = 1',
    'empty.mjs': '',
    'throws.mjs': `throw new Error('no database')`,
    'syntax.mjs': 'export const = 1',
    'twice.mjs': `${define}export const one = defineProblems({}, { Gone2: { status: 410, title: 'Gone.' } })
      export const two = defineProblems({}, { Gone2: { status: 404, title: 'Gone.' } })`,
    'alike.mjs': `${define}export default defineProblems({}, {
      LampGone: { status: 410, title: 'Gone.' }, TillGone: { status: 410, title: 'Gone.' } })`,
  })
  const mistakes: [args: string[], code: number, says: RegExp][] = [
    [['nowhere.mjs'], 2, /^There is no file .*nowhere\.mjs\.\n$/],
    [['none.mjs'], 2, /^none\.mjs exports no catalogue .* It exports port, problems\.\n$/],
    [['empty.mjs'], 2, /It exports nothing\.\n$/],
    [
      ['problems.mjs', '--export', 'version'],
      2,
      /exports no catalogue version .* It has others, problems\.\n$/,
    ],
    [['throws.mjs'], 1, /^.*throws\.mjs cannot be loaded\. Error: no database\n +at .*throws\.mjs:1/],
    [['syntax.mjs'], 1, /cannot be loaded\. SyntaxError/],
    [['.'], 1, /cannot be loaded\. .*directory/i],
    [['twice.mjs'], 2, /^Gone2 is in two catalogues .*--export, of one, two\.\n$/],
  ]
  for (const [args, code, says] of mistakes) {
    const ended = await problems(...args)
    t.match(ended, { code, out: '', err: says }, args.join(' '))
    t.notMatch(ended.err, /bug of faultline/)
  }
  const alike = await problems('alike.mjs', '--client')
  t.match(alike, { code: 0, err: /^A client cannot tell TillGone from LampGone/ })
})

async function eventually<Result>(look: () => Promise<Result | undefined>): Promise<Result> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise(setImmediate)
  }
}
