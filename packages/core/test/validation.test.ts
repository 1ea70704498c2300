import 'reflect-metadata'
import { IsEmail, IsString, Length, ValidateNested, validate } from 'class-validator'
import Fastify from 'fastify'
import t from 'tap'
import * as v from 'valibot'
import { z } from 'zod'
import { ProblemError } from '../src/catalogue/problem-error.js'
import { validationErrors, validationFailed } from '../src/mapping/validation-errors.js'
import { fastifyIssues, standardIssues } from '../src/mapping/validation-issues.js'

const SECRET = 'hunter2-rejected'

async function failureOf(
  schema: object,
  request: object,
): Promise<{ validation: unknown; validationContext: unknown }> {
  const app = Fastify({
    ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false } },
  })
  let failure: unknown
  app.setErrorHandler((error, _request, reply) => {
    failure = error
    return reply.code(400).send({})
  })
  app.post('/:id', { schema }, async () => ({}))
  await app.inject({ method: 'POST', url: '/7', ...request })
  return failure as { validation: unknown; validationContext: unknown }
}

async function issuesOf(schema: object, request: object) {
  const { validation, validationContext } = await failureOf(schema, request)
  return fastifyIssues(validation, validationContext).errors
}

t.test('points to each failed rule of a body', async (t) => {
  const schema = {
    body: {
      type: 'object',
      required: ['x/y~z'],
      properties: {
        a: { type: 'string' },
        l: { type: 'array', items: { type: 'object', required: ['n'] } },
        'a b': { type: 'object', additionalProperties: false },
      },
    },
  }
  const issues = await issuesOf(schema, { payload: { a: 1, l: [{}], 'a b': { 'ü#': 1 } } })
  t.same(
    issues.map(({ pointer, code }) => [pointer, code]),
    [
      ['#/x~1y~0z', 'required'],
      ['#/a', 'type'],
      ['#/l/0/n', 'required'],
      ['#/a%20b/%C3%BC%23', 'additionalProperties'],
    ],
  )
  t.equal(issues[1]?.detail, 'must be string')
})

t.test('names the parameter when the failure is not in the body', async (t) => {
  const number = { type: 'object', properties: { id: { type: 'number' }, limit: { type: 'number' } } }
  t.match(await issuesOf({ params: number }, {}), [{ in: 'path', name: 'id', code: 'type' }])
  const query = await issuesOf({ querystring: number }, { query: { limit: 'x' } })
  t.match(query, [{ in: 'query', name: 'limit', code: 'type' }])
  const headers = { type: 'object', required: ['x-tenant'] }
  const [issue] = await issuesOf({ headers }, {})
  t.match(issue, { in: 'header', name: 'x-tenant', code: 'required' })
  t.notOk('pointer' in (issue ?? {}))
})

t.test('stays small with thousands of errors and huge names', async (t) => {
  const name = '\u{1F600}/~"'.repeat(200_000) // 1 MB and more
  const errors = Array.from({ length: 10_000 }, () => ({
    instancePath: `/${name}`,
    keyword: 'additionalProperties',
    params: { additionalProperty: name },
    message: `must NOT have ${name}`,
  }))
  const startedAt = performance.now()
  const { errors: listed, truncated } = fastifyIssues(errors, 'body')
  t.ok(performance.now() - startedAt < 2000, 'in bounded time')
  t.equal(truncated, true)
  t.ok(listed.length > 5 && listed.length <= 100)
  t.ok(Buffer.byteLength(JSON.stringify(listed)) < 48 * 1024)
  t.doesNotThrow(
    () => listed.map(({ pointer }) => decodeURIComponent(pointer ?? '')),
    'a cut pointer is still UTF-8',
  )
})

t.test('lists at most as many as asked for', async (t) => {
  const issues = Array.from({ length: 101 }, (_, index) => ({ message: 'Required', path: ['items', index] }))
  t.match(standardIssues(issues.slice(1)), { truncated: false })
  t.equal(standardIssues(issues).errors.length, 100)
  t.equal(standardIssues(issues).truncated, true)
  t.match(standardIssues(issues, { limit: 2 }), {
    errors: [{ pointer: '#/items/0' }, { pointer: '#/items/1' }],
  })
})

t.test('reads zod, without what it rejected', async (t) => {
  const schema = z.strictObject({
    a: z.string(),
    role: z.enum(['admin', 'guest']),
    l: z.array(z.object({ n: z.int() })),
  })
  const thrown = caught(() => schema.parse({ a: 5, role: SECRET, l: [{ n: 1.5 }], extra: SECRET }))
  const { errors } = initOf(thrown)
  t.same(errors, [
    { pointer: '#/a', detail: 'Invalid input: expected string', code: 'invalid_type' },
    { pointer: '#/role', detail: 'Invalid option: expected one of "admin"|"guest"', code: 'invalid_value' },
    { pointer: '#/l/0/n', detail: 'Invalid input: expected int', code: 'invalid_type' },
    { pointer: '#/extra', detail: 'is not a known property', code: 'unrecognized_keys' },
  ])
  t.notMatch(JSON.stringify(errors), SECRET)
})

t.test('reads valibot, without what it rejected', async (t) => {
  const schema = v.object({
    a: v.string(),
    e: v.pipe(v.string(), v.email()),
    role: v.picklist(['admin', 'guest']),
  })
  const thrown = caught(() => v.parse(schema, { a: 5, e: SECRET, role: SECRET }))
  t.same(initOf(thrown).errors, [
    { pointer: '#/a', detail: 'Invalid type: Expected string', code: 'string' },
    { pointer: '#/e', detail: 'Invalid email', code: 'email' },
    { pointer: '#/role', detail: 'Invalid type: Expected ("admin" | "guest")', code: 'picklist' },
  ])
})

class Address {
  @IsString() @Length(5, 10) city: unknown = SECRET
}
class User {
  @IsEmail() email = SECRET
  @ValidateNested() addresses = [new Address()]
}

t.test('reads class-validator, thrown as a list or inside an error', async (t) => {
  const list = await validate(new User())
  const expected = [
    { pointer: '#/email', detail: 'email must be an email', code: 'isEmail' },
    {
      pointer: '#/addresses/0/city',
      detail: 'city must be shorter than or equal to 10 characters',
      code: 'isLength',
    },
  ]
  t.same(initOf(list).errors, expected)
  t.same(initOf(Object.assign(new Error('Bad Request'), { errors: list })).errors, expected)
  t.same(standardIssues(list).errors, expected)
})

t.test('never echoes the rejected value, however a validator says it', async (t) => {
  const messages = [
    `Invalid enum value. Expected 'a' | 'b', received '${SECRET}'`,
    `must be an email address (was "${SECRET}")`,
    `a must be a \`number\` type, but the final value was: \`"${SECRET}"\`.`,
    `Expected string, actual "${SECRET}"`,
    `"a" with value "${SECRET}" fails to match the required pattern`,
    `Expected a number, but received: "${SECRET}"`,
  ]
  const { errors } = standardIssues(messages.map((message) => ({ message })))
  t.same(
    errors.map((issue) => issue.detail),
    [
      "Invalid enum value. Expected 'a' | 'b'",
      'must be an email address',
      'a must be a `number` type',
      'Expected string',
      'is not valid',
      'Expected a number',
    ],
  )
  const german = {
    message: `Erwartet string aber "${SECRET}" erhalten`,
    received: `"${SECRET}"`,
    input: SECRET,
  }
  t.match(standardIssues([german]).errors, [{ detail: 'is not valid' }])
})

t.test("leaves an application's own words alone", async (t) => {
  const messages = [
    'Required',
    'We have not received your consent yet',
    'Your name is too short',
    '"a" must be a string',
  ]
  const { errors } = standardIssues(messages.map((message) => ({ message, input: 'a' })))
  t.same(
    errors.map((issue) => issue.detail),
    messages,
  )
})

t.test('takes paths of keys, of objects with a key, and of symbols', async (t) => {
  const issue = { message: 'Required', path: ['a', { key: 'b/c' }, 0, Symbol('s')] }
  t.match(standardIssues([issue]).errors, [{ pointer: '#/a/b~1c/0/Symbol(s)' }])
  t.match(standardIssues([issue], { in: 'query' }).errors, [{ in: 'query', name: 'a' }])
  t.same(standardIssues([{ message: 'no object' }]).errors, [{ pointer: '#', detail: 'no object' }])
})

t.test('maps only what these validators throw', async (t) => {
  const { matches } = validationErrors()
  for (const other of [
    undefined,
    null,
    'x',
    new Error('x'),
    [],
    [1],
    { issues: [{ message: 'x' }] },
    new AggregateError([1]),
  ]) {
    t.equal(matches(other), false)
  }
})

t.test('reads nested errors to a depth of 32', async (t) => {
  let error: object = { property: 'p', constraints: { isString: 'must be a string' } }
  for (let depth = 1; depth < 100; depth++) {
    error = { property: 'p', constraints: { isString: 'must be a string' }, children: [error] }
  }
  t.equal(standardIssues([error]).errors.length, 32)
})

t.test('validationFailed throws from issues and from a whole result', async (t) => {
  const result = z.object({ a: z.string() })['~standard'].validate({}) as { issues: unknown }
  for (const given of [result, result.issues]) {
    const thrown = caught(() => validationFailed(given, { in: 'query' }))
    t.equal(ProblemError.is(thrown), true)
    t.match(thrown, {
      status: 400,
      name: 'ValidationFailed',
      errors: [{ in: 'query', name: 'a', code: 'invalid_type' }],
    })
  }
  t.match(
    caught(() => validationFailed(undefined)),
    { status: 400, errors: [] },
  )
})

t.test('survives hostile input', async (t) => {
  const bomb = new Proxy(
    {},
    {
      get: () => {
        throw new Error('getter')
      },
    },
  )
  const { proxy: revoked, revoke } = Proxy.revocable([], {})
  revoke()
  const lone = { message: 'bad \ud800', path: ['\udc00'] }
  const loop = { property: 'a', children: [] as unknown[] }
  loop.children.push(loop, loop)
  for (const hostile of [
    bomb,
    [bomb],
    revoked,
    [null, 1, 'x'],
    { length: 1e9 },
    [loop],
    [{ property: 'a', constraints: bomb }],
  ]) {
    t.doesNotThrow(() => standardIssues(hostile))
    t.doesNotThrow(() => fastifyIssues(hostile, hostile))
    t.doesNotThrow(() => validationErrors().matches(hostile))
  }
  t.same(standardIssues([lone]).errors, [{ pointer: '#/%EF%BF%BD', detail: 'bad \ufffd' }])
})

function initOf(thrown: unknown) {
  const mapping = validationErrors()
  if (!mapping.matches(thrown)) throw new Error('not matched')
  return mapping.to(thrown as never, undefined) as { errors: readonly object[] }
}

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (thrown) {
    return thrown
  }
  throw new Error('did not throw')
}
