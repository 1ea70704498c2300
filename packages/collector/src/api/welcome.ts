import type { FastifyInstance, FastifyReply } from 'fastify'
import { PASSWORD_LENGTH } from '../store/people.js'
import { type ApiSignIn, checkOrigin } from './sign-in.js'
import { passwordPage, refusalPage, STYLE_SOURCE } from './welcome-page.js'

/** A password of 1 024 characters, each of them 12 in a form. */
const BODY_LIMIT_BYTES = 16_384

export interface WelcomeOptions {
  signIn: Pick<ApiSignIn, 'isLinkValid' | 'acceptLink'>
  publicUrl(): string
}

/** Where a one-time link leads: a page to set a password on. Addresses in it are relative, so that it works below a path too. */
export async function welcomePlugin(
  app: FastifyInstance,
  { signIn, publicUrl }: WelcomeOptions,
): Promise<void> {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  )

  /** Does not use the link up: mail programs look at links, too. */
  app.get<{ Querystring: { token?: unknown } }>('/welcome', async ({ query }, reply) => {
    const token = String(query.token ?? '')
    if (!(await signIn.isLinkValid(token))) return send(reply, 410, refusalPage())
    return send(reply, 200, passwordPage(token))
  })

  app.post<{ Body: unknown }>('/welcome', async (request, reply) => {
    checkOrigin(request, publicUrl())
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    const token = form.get('token') ?? ''
    const password = form.get('password') ?? ''
    if (!(await signIn.isLinkValid(token))) return send(reply, 410, refusalPage())
    if (!isLongEnough(password)) return send(reply, 400, passwordPage(token, { isRefused: true }))
    try {
      const { cookie } = await signIn.acceptLink({ token, password })
      return protect(reply).code(303).header('set-cookie', cookie).header('location', './').send()
    } catch (error) {
      if ((error as Error).name !== 'LinkInvalid') throw error // used by another request meanwhile
      return send(reply, 410, refusalPage())
    }
  })
}

/** Counted as the schemas of the API count. */
function isLongEnough(password: string): boolean {
  const { length } = [...password]
  return length >= PASSWORD_LENGTH.minLength && length <= PASSWORD_LENGTH.maxLength
}

function send(reply: FastifyReply, status: number, html: string): FastifyReply {
  return protect(reply).code(status).type('text/html; charset=utf-8').send(html)
}

/**
 * Its address is a credential. `same-origin` shows it to no other site; with `no-referrer` a browser would say `Origin: null`, and the
 * form would be refused. @see https://fetch.spec.whatwg.org/#append-a-request-origin-header
 */
function protect(reply: FastifyReply): FastifyReply {
  return reply.headers({
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'content-security-policy': `default-src 'none'; style-src ${STYLE_SOURCE}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  })
}
