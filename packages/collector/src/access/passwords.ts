import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** 96 MiB of work in 32 MiB of memory. @see OWASP Password Storage Cheat Sheet: the N=2^15, r=8, p=3 of its equal settings */
const COST = { N: 2 ** 15, r: 8, p: 3 }
const SALT_BYTES = 16
const KEY_BYTES = 32
/** Two tenths of a second each: the last one waits some seconds. */
const MAX_WAITING = 30

/** There is more to check than can be checked: come back. */
export class TooManyPasswords extends Error {
  override name = 'TooManyPasswords'
}

/** Passwords, hashed with scrypt in a thread of the pool; one at a time, for the pool also unpacks what intake receives. */
export interface Passwords {
  /** The hash says how it was made, so that a later version can ask for more work. @throws TooManyPasswords */
  hash(password: string): Promise<string>
  /** Takes as long for a password that is not there. @throws TooManyPasswords */
  isRight(password: string, hash: string | null | undefined): Promise<boolean>
}

export function createPasswords(): Passwords {
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (waiting >= MAX_WAITING) throw new TooManyPasswords()
    waiting++
    const turn = last.then(work).finally(() => waiting--)
    last = turn.catch(() => undefined)
    return turn
  }
  return {
    hash: async (password) => inTurn(() => hashed(password)),
    isRight: async (password, hash) => inTurn(() => isEqual(password, hash ?? NOBODYS)),
  }
}

async function hashed(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return written(COST, salt, await derive(password, salt, COST))
}

/** `scrypt:32768:8:3:<salt>:<key>` */
function written({ N, r, p }: typeof COST, ...bytes: Buffer[]): string {
  return ['scrypt', N, r, p, ...bytes.map((some) => some.toString('base64url'))].join(':')
}

/** No password leads to it. */
const NOBODYS = written(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES))

async function isEqual(password: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = hash.split(':')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const derived = await derive(password, Buffer.from(salt, 'base64url'), cost)
  return timingSafeEqual(derived, Buffer.from(key, 'base64url'))
}

/** The same characters are the same password, however a keyboard composes them: NIST SP 800-63B §5.1.1.2. */
function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r } // needs 128 and a little
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}
