import { scryptSync } from 'node:crypto'
import t from 'tap'
import { createLoginThrottle } from '../../src/access/login-throttle.js'
import { createPasswords, TooManyPasswords } from '../../src/access/passwords.js'

const MINUTE_MS = 60_000

t.test('a password is known again, however its characters are composed, and no other is', async (t) => {
  const { hash, isRight } = createPasswords()
  const [first, second] = await Promise.all([hash('crème brûlée'), hash('crème brûlée')])
  t.not(first, second, 'each has its salt')
  t.match(first, /^scrypt:32768:8:3:[\w-]{22}:[\w-]{43}$/)
  t.ok(await isRight('crème brûlée'.normalize('NFD'), first))
  t.notOk(await isRight('creme brulee', first))
  t.notOk(await isRight('', first))
})

t.test('a hash that was made with other parameters still counts', async (t) => {
  const salt = Buffer.alloc(16, 1)
  const key = scryptSync('an old password', salt, 32, { N: 1024, r: 8, p: 1 })
  const old = `scrypt:1024:8:1:${salt.toString('base64url')}:${key.toString('base64url')}`
  const { isRight } = createPasswords()
  t.ok(await isRight('an old password', old))
  t.notOk(await isRight('another password', old))
})

t.test('a password that is not there takes as long as one that is wrong', async (t) => {
  const { hash, isRight } = createPasswords()
  const someones = await hash('something of somebody')
  const timeOf = async (known: string | null | undefined) => {
    const startedAt = performance.now()
    t.notOk(await isRight('a guess', known))
    return performance.now() - startedAt
  }
  const wrongMs = await timeOf(someones)
  for (const none of [undefined, null]) t.ok((await timeOf(none)) > wrongMs / 5, String(none))
})

t.test('only so many passwords wait for their turn', async (t) => {
  const { isRight } = createPasswords()
  const checks = await Promise.allSettled(
    Array.from({ length: 40 }, () => isRight('x', `scrypt:1024:8:1:AAAA:${'A'.repeat(43)}`)),
  )
  const refused = checks.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  t.equal(refused.length, 10)
  t.ok(refused.every(({ reason }) => reason instanceof TooManyPasswords))
  t.equal(await isRight('x', undefined), false, 'and later there is room again')
})

t.test('ten failures of an account make it wait, from any address, for a quarter of an hour', async (t) => {
  const throttle = createLoginThrottle()
  const from = (last: number, account = 'ann@shop.example') => ({ account, address: `192.0.2.${last}` })
  for (let count = 0; count < 10; count++) t.equal(throttle.attempt(from(count), count * 1000), 0)
  t.equal(throttle.attempt(from(99), 10_000), 890)
  t.equal(throttle.attempt(from(99, ' ANN@shop.example'), 10_000), 890, 'however it is written')
  t.equal(throttle.attempt(from(99, 'bob@shop.example'), 10_000), 0, 'others go on')
  t.equal(throttle.attempt(from(99), 15 * MINUTE_MS - 1), 1)
  t.equal(throttle.attempt(from(99), 15 * MINUTE_MS), 0)
})

t.test('fifty failures of an address make it wait, at any account', async (t) => {
  const throttle = createLoginThrottle()
  const at = (account: number, address = '192.0.2.1') => ({ account: `user${account}@shop.example`, address })
  for (let count = 0; count < 50; count++) t.equal(throttle.attempt(at(count), 0), 0)
  t.equal(throttle.attempt(at(99), 0), 900)
  t.equal(throttle.attempt(at(99, '192.0.2.2'), 0), 0, 'others go on')
})

t.test('addresses of one IPv6 network are one', async (t) => {
  const throttle = createLoginThrottle()
  const same = ['2001:db8::1', '2001:db8:0:0:1::', '2001:0db8:0000:0:abcd:1:2:3', '2001:DB8::']
  for (let count = 0; count < 50; count++)
    throttle.attempt({ account: `user${count}`, address: same[count % same.length] as string }, 0)
  t.equal(throttle.attempt({ account: 'other', address: '2001:db8::99' }, 0), 900)
  t.equal(throttle.attempt({ account: 'other', address: '2001:db8:0:1::99' }, 0), 0)
  t.equal(throttle.attempt({ account: 'other', address: '::1' }, 0), 0)
})

t.test('success clears the failures of the account, and is none of the address', async (t) => {
  const throttle = createLoginThrottle()
  const attempt = { account: 'ann@shop.example', address: '192.0.2.1' }
  for (let round = 0; round < 30; round++) {
    for (let count = 0; count < 2; count++) t.equal(throttle.attempt({ ...attempt, address: 'x' }, 0), 0)
    t.equal(throttle.attempt(attempt, 0), 0)
    throttle.succeeded(attempt)
    if (round === 20) break // 42 failures of x
  }
  for (let count = 0; count < 9; count++) throttle.attempt(attempt, 0)
  throttle.succeeded(attempt)
  t.equal(throttle.attempt(attempt, 0), 0)
})
