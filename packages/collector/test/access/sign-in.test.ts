import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join as pathOf } from 'node:path'
import t, { type Test } from 'tap'
import { type Asked, createBrowser } from '../api/browser.js'
import { stockedApi } from '../api/stocked-api.js'

const PASSWORD = 'correct horse battery staple'
const DAY_MS = 86_400_000

t.setTimeout(120_000) // a password takes its time

/** An API, and people who have signed in to it. */
async function peopledApi(t: Test, options: { publicUrl?: string } = { publicUrl: 'http://localhost:8600' }) {
  const api = await stockedApi(t, options)
  const admin = api.tokenOf('admin')
  const asAdmin = (path: string, asked: Asked = {}) =>
    createBrowser(`${api.origin}/api/v1`).ask(path, {
      ...asked,
      headers: { authorization: `Bearer ${admin}` },
    })

  /** @returns what the API answers, and the link's token */
  const invite = async (email: string, role = 'viewer') => {
    const { status, body } = await asAdmin('/users', { method: 'POST', json: { email, name: 'Ann', role } })
    t.equal(status, 201, email)
    return { ...body, token: tokenOf(body.link) }
  }
  const createPage = () => {
    const { ask, jar } = createBrowser(api.origin)
    let csrf: string | undefined
    /** As the dashboard does: with its CSRF token, once it has one. */
    const page = async (path: string, asked: Asked = {}) => {
      const headers = { ...(csrf !== undefined && { 'x-csrf-token': csrf }), ...asked.headers }
      const answer = await ask(`/api/v1${path}`, { ...asked, headers })
      csrf = answer.body?.csrfToken ?? csrf
      return answer
    }
    const signIn = (email: string, password = PASSWORD, headers = {}) =>
      page('/session', { method: 'POST', json: { email, password }, headers })
    return { ask, page, jar, signIn }
  }
  /** Somebody who has used their link. */
  const join = async (email: string, role = 'viewer') => {
    const { user, token } = await invite(email, role)
    const browser = createPage()
    const { status } = await browser.page('/one-time-links/accept', {
      method: 'POST',
      json: { token, password: PASSWORD },
    })
    t.equal(status, 200, `${email} is in`)
    return { ...browser, user }
  }
  return { ...api, asAdmin, invite, join, createPage }
}

function tokenOf(link: string): string {
  return new URL(link).searchParams.get('token') ?? ''
}

t.test('who has come in is in the audit log by name, and their password is not', async (t) => {
  const { join, createPage, asAdmin } = await peopledApi(t)
  const { user } = await join('ann@shop.example')
  const { signIn } = createPage()
  await signIn('ann@shop.example', 'a wrong password')
  await signIn('ann@shop.example')
  const { body } = await asAdmin('/audit-log')
  const entries = body.items.map(({ actor, action }: Record<string, string>) => `${actor} ${action}`)
  const ann = `user:${user.id}`
  t.strictSame(entries.slice(0, 2), [`${ann} session.create`, `${ann} user.accept_link`])
  t.notMatch(JSON.stringify(body), PASSWORD)
})

t.test('who signs in may do what their role may, until they sign out', async (t) => {
  const { join, createPage } = await peopledApi(t)
  const { user } = await join('ann@shop.example', 'member')
  const { page, signIn, jar } = createPage()
  t.match(await page('/session'), { status: 401, body: { type: 'urn:faultline:errors:token-missing' } })
  const { status, body, headers } = await signIn(' Ann@Shop.example')
  const me = { id: user.id, email: 'ann@shop.example', name: 'Ann', role: 'member' }
  t.equal(status, 200)
  t.same(body, { user: me, csrfToken: body.csrfToken })
  t.match(
    headers.get('set-cookie'),
    /^faultline_session=[\w-]{43}; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  t.same((await page('/session')).body, { user: me, csrfToken: body.csrfToken })
  t.match(await page('/issues'), { status: 200, body: { items: [] } })
  t.match(await page('/users'), { status: 403, body: { role: 'member', needed: 'admin' } })

  const [before] = await jar.getCookies('http://127.0.0.1/')
  const gone = await page('/session', { method: 'DELETE' })
  t.equal(gone.status, 204)
  t.match(gone.headers.get('set-cookie'), /^faultline_session=; Max-Age=0; Path=\/; HttpOnly/)
  t.equal((await page('/session')).status, 401)
  const stolen = await page('/session', { headers: { cookie: before?.cookieString() ?? '' } })
  t.match(stolen, { status: 401, body: { type: 'urn:faultline:errors:session-ended' } }, 'the secret is dead')
})

t.test('below https the cookie is for https only', async (t) => {
  const { invite, createPage } = await peopledApi(t, {})
  const { token } = await invite('ann@shop.example')
  const { headers } = await createPage().page('/one-time-links/accept', {
    method: 'POST',
    json: { token, password: PASSWORD },
  })
  t.match(headers.get('set-cookie'), /; HttpOnly; Secure; SameSite=Lax$/)
})

t.test('a wrong password and an unknown address are told the same, and repeat nothing', async (t) => {
  const { join, createPage } = await peopledApi(t)
  await join('ann@shop.example')
  const { signIn, jar } = createPage()
  const wrong = await signIn('ann@shop.example', 'a wrong password')
  const unknown = await signIn('bob@shop.example', 'a wrong password')
  const short = await signIn('ann@shop.example', '')
  t.match(wrong, { status: 401, body: { type: 'urn:faultline:errors:login-failed' } })
  t.same({ ...unknown.body, instance: '' }, { ...wrong.body, instance: '' })
  t.equal(short.status, 400)
  for (const { text } of [wrong, unknown, short]) t.notMatch(text, /a wrong password/)
  t.same(await jar.getCookies('http://127.0.0.1/'), [])
})

t.test('after ten failures an account waits, though the password is right', async (t) => {
  const { join, createPage, time } = await peopledApi(t)
  await join('ann@shop.example')
  const { signIn } = createPage()
  const failures = Array.from({ length: 10 }, () => signIn('ann@shop.example', 'a wrong password'))
  t.same(new Set((await Promise.all(failures)).map(({ status }) => status)), new Set([401]))
  const refused = await signIn('ann@shop.example')
  t.match(refused, { status: 429, body: { type: 'urn:faultline:errors:too-many-logins' } })
  t.equal(refused.headers.get('retry-after'), '900')
  time.now += 900_000
  t.equal((await signIn('ann@shop.example')).status, 200)
})

t.test('a change needs the CSRF token of the session; a token of the API needs none', async (t) => {
  const { join, ask: askApi } = await peopledApi(t)
  const [one, other] = [await join('ann@shop.example', 'admin'), await join('bob@shop.example', 'admin')]
  const { csrfToken } = (await other.page('/session')).body
  const change = (headers: Record<string, string>) =>
    one.ask('/api/v1/users', {
      method: 'POST',
      json: { email: 'new@shop.example', name: 'New', role: 'viewer' },
      headers,
    })
  for (const headers of [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': csrfToken }]) {
    t.match(await change(headers as Record<string, string>), {
      status: 403,
      body: { type: 'urn:faultline:errors:csrf-token-invalid' },
    })
  }
  t.equal((await change({ 'x-csrf-token': (await one.page('/session')).body.csrfToken })).status, 201)
  t.equal((await askApi('/dlq/7', { method: 'DELETE' })).status, 404)
  t.match((await askApi('/session')).body, { token: { name: 'admin', role: 'admin' } })
  t.match(await askApi('/session', { method: 'DELETE' }), { status: 404 })
})

t.test('nobody is signed in by a page of another site', async (t) => {
  const { join, invite, createPage, origin } = await peopledApi(t)
  await join('ann@shop.example')
  const { signIn, page, ask } = createPage()
  const { token } = await invite('bob@shop.example')
  for (const foreign of ['https://evil.example', 'null', 'http://localhost:1']) {
    const headers = { origin: foreign }
    const answers = [
      await signIn('ann@shop.example', PASSWORD, headers),
      await page('/one-time-links/accept', { method: 'POST', json: { token, password: PASSWORD }, headers }),
      await ask('/welcome', { method: 'POST', form: { token, password: PASSWORD }, headers }),
    ]
    for (const answer of answers)
      t.match(answer, { status: 403, body: { type: 'urn:faultline:errors:origin-foreign' } }, foreign)
  }
  for (const own of [origin, 'http://localhost:8600'])
    t.equal((await signIn('ann@shop.example', PASSWORD, { origin: own })).status, 200, own)
})

t.test('a session ends after fourteen days', async (t) => {
  const { join, time } = await peopledApi(t)
  const { page } = await join('ann@shop.example')
  time.now += 14 * DAY_MS - 1
  t.equal((await page('/session')).status, 200)
  time.now += 5001 // what is known of it is five seconds old at most
  t.match(await page('/session'), { status: 401, body: { type: 'urn:faultline:errors:session-ended' } })
})

t.test('a new password ends the other sessions and the link, not this session', async (t) => {
  const { join, createPage, asAdmin } = await peopledApi(t)
  const { page, user } = await join('ann@shop.example')
  const other = createPage()
  await other.signIn('ann@shop.example')
  t.equal((await other.page('/session')).status, 200)
  const { body } = await asAdmin(`/users/${user.id}/one-time-link`, { method: 'POST' })
  const change = (current: string, next: string) =>
    page('/session/password', { method: 'PUT', json: { current, next } })
  t.match(await change('a wrong password', 'a new password'), {
    status: 403,
    body: { type: 'urn:faultline:errors:password-wrong' },
  })
  const short = await change(PASSWORD, 'tooshort123')
  t.match(short, { status: 400, body: { errors: [{ pointer: '#/next' }] } })
  t.notMatch(short.text, /tooshort123/)
  t.equal((await change(PASSWORD, 'x'.repeat(1025))).status, 400)
  t.equal((await change(PASSWORD, 'a new password')).status, 204)
  t.equal((await page('/session')).status, 200)
  t.equal((await other.page('/session')).status, 401)
  t.equal((await other.signIn('ann@shop.example')).status, 401)
  t.equal((await other.signIn('ann@shop.example', 'a new password')).status, 200)
  const { pathname, search } = new URL(body.link)
  t.equal((await other.ask(pathname + search)).status, 410)
})

t.test('a link shows a page, sets the password once, and leads in', async (t) => {
  const { invite, createPage } = await peopledApi(t)
  const { link, expiresAt, user, token } = await invite('ann@shop.example')
  t.match(link, /^http:\/\/localhost:8600\/welcome\?token=[\w-]{43}$/)
  t.equal(expiresAt, '2026-11-21T12:00:00.000Z')
  t.match(user, { email: 'ann@shop.example', hasPassword: false, disabledAt: null })
  const { ask, page } = createPage()
  for (let look = 0; look < 2; look++) {
    const shown = await ask(`/welcome?token=${token}`)
    t.equal(shown.status, 200)
    t.match(shown.text, `name="token" value="${token}"`)
    t.notMatch(shown.text, /<script/)
    t.match(Object.fromEntries(shown.headers), {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'content-security-policy': /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self';/,
    })
  }
  const submit = (password: string, from = token) =>
    ask('/welcome', { method: 'POST', form: { token: from, password } })
  const short = await submit('eleven char')
  t.match(short, { status: 400, text: /please choose another one/ })
  t.notMatch(short.text, /eleven char/)
  const done = await submit(PASSWORD)
  t.match({ status: done.status, to: done.headers.get('location') }, { status: 303, to: './' })
  t.match((await page('/session')).body, { user: { email: 'ann@shop.example' } })

  for (const refused of [
    await submit(PASSWORD),
    await submit(PASSWORD, 'unknown'),
    await ask(`/welcome?token=${token}`),
    await ask('/welcome?token=a&token=b'),
    await ask('/welcome'),
    await ask('/welcome', { method: 'POST' }),
  ]) {
    t.equal(refused.status, 410)
    t.match(refused.text, /not valid any more: .*used.*24 hours.*newer.*faultline user reset/)
  }
  t.match(await page('/one-time-links/accept', { method: 'POST', json: { token, password: PASSWORD } }), {
    status: 410,
    body: { type: 'urn:faultline:errors:link-invalid' },
  })
  t.match(await ask('/welcome?token="><script>'), { status: 410, text: /^[^"]*"en"/ })
  t.equal((await createPage().signIn('ann@shop.example')).status, 200)
})

t.test('two who use a link at once: one of them is in', async (t) => {
  const { invite, createPage } = await peopledApi(t)
  const { token } = await invite('ann@shop.example')
  const answers = await Promise.all(
    ['first of two passwords', 'second of two passwords'].map((password) =>
      createPage().ask('/welcome', { method: 'POST', form: { token, password } }),
    ),
  )
  t.same(answers.map(({ status }) => status).sort(), [303, 410])
})

t.test('a link ends after a day, and with the next one; using it ends all sessions', async (t) => {
  const { invite, join, createPage, asAdmin, time } = await peopledApi(t)
  const first = await invite('bob@shop.example')
  const next = await asAdmin(`/users/${first.user.id}/one-time-link`, { method: 'POST' })
  t.equal(next.status, 201)
  const { ask } = createPage()
  t.equal((await ask(`/welcome?token=${first.token}`)).status, 410)
  t.equal((await ask(`/welcome?token=${tokenOf(next.body.link)}`)).status, 200)
  time.now += DAY_MS
  t.equal((await ask(`/welcome?token=${tokenOf(next.body.link)}`)).status, 410)
  t.equal((await asAdmin('/users/999/one-time-link', { method: 'POST' })).status, 404)

  const ann = await join('ann@shop.example')
  const reset = await asAdmin(`/users/${ann.user.id}/one-time-link`, { method: 'POST' })
  t.equal((await ann.page('/session')).status, 200, 'making one ends nothing')
  const used = await ask('/welcome', {
    method: 'POST',
    form: { token: tokenOf(reset.body.link), password: 'another long password' },
  })
  t.equal(used.status, 303)
  t.equal((await ann.page('/session')).status, 401)
})

t.test('who is disabled is out at once, and comes back only after they are enabled', async (t) => {
  const { join, asAdmin, createPage } = await peopledApi(t)
  const { page, user } = await join('ann@shop.example', 'member')
  const { body } = await asAdmin(`/users/${user.id}/one-time-link`, { method: 'POST' })
  t.equal((await page('/session')).status, 200)
  const edit = (json: object) => asAdmin(`/users/${user.id}`, { method: 'PATCH', json })
  t.match(await edit({ isDisabled: true }), { status: 200, body: { disabledAt: '2026-11-20T12:00:00.000Z' } })
  t.equal((await page('/session')).status, 401)
  const { signIn, ask } = createPage()
  t.match(await signIn('ann@shop.example'), { status: 401, body: { type: /login-failed/ } })
  t.equal((await ask(`/welcome?token=${tokenOf(body.link)}`)).status, 410)
  t.equal((await asAdmin(`/users/${user.id}/one-time-link`, { method: 'POST' })).status, 404)
  t.match(await edit({ isDisabled: false }), { body: { disabledAt: null } })
  t.equal((await page('/session')).status, 401, 'the old session stays ended')
  t.equal((await signIn('ann@shop.example')).status, 200)
})

t.test('a role that changes counts at once', async (t) => {
  const { join, asAdmin } = await peopledApi(t)
  const { page, user } = await join('ann@shop.example', 'viewer')
  t.equal((await page('/users')).status, 403)
  await asAdmin(`/users/${user.id}`, { method: 'PATCH', json: { role: 'admin', name: 'Ann B' } })
  t.equal((await page('/users')).status, 200)
  t.match((await page('/session')).body, { user: { role: 'admin', name: 'Ann B' } })
})

t.test('the last administrator can neither be disabled nor lowered', async (t) => {
  const { invite, asAdmin } = await peopledApi(t)
  const [ann, bob] = [await invite('ann@shop.example', 'admin'), await invite('bob@shop.example', 'admin')]
  const edit = (id: number, json: object) => asAdmin(`/users/${id}`, { method: 'PATCH', json })
  t.equal((await edit(bob.user.id, { isDisabled: true })).status, 200)
  for (const json of [{ isDisabled: true }, { role: 'member' }])
    t.match(await edit(ann.user.id, json), { status: 409, body: { type: /last-admin/ } })
  t.equal((await edit(ann.user.id, { name: 'Still Ann' })).status, 200)
  await edit(bob.user.id, { isDisabled: false })
  t.equal((await edit(ann.user.id, { role: 'member' })).status, 200)
})

t.test('users are listed in pages; an address belongs to one, in any case', async (t) => {
  const { invite, asAdmin } = await peopledApi(t)
  for (const name of ['ann', 'bob', 'cid']) await invite(`${name}@shop.example`)
  const first = (await asAdmin('/users?limit=2')).body
  const { items, nextCursor } = (await asAdmin(`/users?limit=2&cursor=${first.nextCursor}`)).body
  const emails = [...first.items, ...items].map(({ email }) => email)
  t.same(emails, ['ann@shop.example', 'bob@shop.example', 'cid@shop.example'])
  t.equal(nextCursor, null)
  t.notMatch(JSON.stringify(first), /scrypt/)
  const create = (json: object) => asAdmin('/users', { method: 'POST', json })
  const user = { email: 'ANN@shop.example', name: 'Other', role: 'viewer' }
  t.match(await create(user), { status: 409, body: { type: 'urn:faultline:errors:email-taken' } })
  for (const wrong of [{ email: 'ann' }, { name: ' ' }, { role: 'root' }, { role: undefined }])
    t.equal((await create({ ...user, email: 'new@shop.example', ...wrong })).status, 400)
})

t.test('neither passwords, nor sessions, nor links can be read from the files', async (t) => {
  const { join, invite, file } = await peopledApi(t)
  const { jar, page } = await join('ann@shop.example')
  const { token } = await invite('bob@shop.example')
  const [cookie] = await jar.getCookies('http://127.0.0.1/')
  const { csrfToken } = (await page('/session')).body
  const folder = dirname(file)
  const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(pathOf(folder, name))))
  t.ok(bytes.includes('ann@shop.example'), 'they are the right files')
  for (const secret of [PASSWORD, cookie?.value ?? '', token, csrfToken])
    t.notOk(bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'base64url')), secret)
})
