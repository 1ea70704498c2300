import { defineProblems, standardProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'

/** The shop's problems, which the golden cases throw. */
export const problems = defineProblems(
  { base: 'https://errors.shop.example/', include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      detail: (p) => `Your balance is ${p.balance}, but that costs ${p.cost}.`,
      extensions: Type.Object({ balance: Type.Number(), cost: Type.Number() }),
      severity: 'low',
      runbook: 'https://wiki.shop.example/credit',
      docs: 'Buy credit, then *try again*.\n\n<script>alert("docs")</script>',
      translations: {
        fr: {
          title: 'Crédit insuffisant.',
          detail: (p) => `Il vous reste ${p.balance}, mais cela coûte ${p.cost}.`,
        },
      },
    },
    Busy: { status: 503, title: 'Try again soon.', retryAfterSeconds: 30 },
    SoldOut: { status: 409, title: 'That is sold out.', extensions: Type.Object({ article: Type.String() }) },
    DuplicateOrder: {
      status: 409,
      title: 'That order is there already.',
      extensions: Type.Object({ orders: Type.Array(Type.String()), kept: Type.Boolean() }),
    },
    /** Takes any value as an extension. */
    Odd: {
      status: 409,
      title: 'That is odd.',
      extensions: Type.Object({ value: Type.Unknown(), kept: Type.String() }),
    },
    /** Names headers that are not on the allow-list. */
    Moved: {
      status: 410,
      title: 'That has moved.',
      headers: { 'cache-control': 'max-age=60', 'x-shop-hint': 'try the new shop' },
    },
    /** Louder than its status. */
    Suspicious: {
      status: 404,
      title: 'Nothing here.',
      level: 'warning',
      shouldReport: true,
      severity: 'high',
    },
    Somewhere: { status: 404, title: 'Described elsewhere.', type: 'guide/somewhere' },
    ProxyLogin: { status: 407, title: 'Log in to the proxy.', challenge: 'Basic realm="proxy"' },
  },
)

export type GoldenProblems = typeof problems
