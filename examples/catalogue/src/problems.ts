import { defineProblems, standardProblems } from '@faultline/core'
import { Type } from '@sinclair/typebox'

/** Where the pages behind the `type` URIs are served. In production a fixed public address; here that of the service. */
const base = process.env.PROBLEMS_BASE ?? 'http://localhost:3000/problems/'

/** Everything that can go wrong in the shop, as its clients get to know it. */
export const problems = defineProblems(
  { base, include: standardProblems },
  {
    OutOfCredit: {
      status: 403,
      title: 'You do not have enough credit.',
      detail: (p) => `Your balance is ${p.balance}, but that costs ${p.cost}.`,
      extensions: Type.Object({
        balance: Type.Number({ description: 'What the account still has.', examples: [30] }),
        cost: Type.Number({ description: 'What the order would cost.', examples: [50] }),
      }),
      runbook: 'https://wiki.shop.example/runbooks/credit',
      docs: [
        'The account cannot pay for the order. Nothing was ordered and nothing was charged.',
        '## What to do',
        '- Order less: `balance` and `cost` say how much is missing.',
        '- Or top the account up, then send the **same** order again.',
      ].join('\n\n'),
      translations: {
        fr: {
          title: 'Crédit insuffisant.',
          detail: (p) => `Il vous reste ${p.balance}, mais cela coûte ${p.cost}.`,
        },
        de: {
          title: 'Das Guthaben reicht nicht.',
          detail: (p) => `Es sind noch ${p.balance} da, aber das kostet ${p.cost}.`,
        },
      },
    },

    OrderExists: {
      status: 409,
      title: 'There is an order with this reference already.',
      detail: (p) => `The reference ${p.reference} was used before.`,
      extensions: Type.Object({ reference: Type.String({ examples: ['A-1'] }) }),
      docs: 'A reference is used once. If this was a retry, the first attempt has arrived: read that order instead.',
    },

    SoldOut: {
      status: 409,
      title: 'That is sold out.',
      extensions: Type.Object({ article: Type.String({ examples: ['concert'] }) }),
      docs: 'There is none left. New articles arrive at night.',
      translations: { fr: { title: 'Épuisé.' }, de: { title: 'Ausverkauft.' } },
    },

    PricesTooSlow: {
      status: 504,
      title: 'The price service did not answer in time.',
      retryAfterSeconds: 5,
      severity: 'medium',
      runbook: 'https://wiki.shop.example/runbooks/prices',
      docs: 'Prices come from another service, which is slow at the moment. Wait as long as `Retry-After` says.',
    },

    // Replaces the standard problem, so that the frameworks' own validation answers with it too.
    ValidationFailed: {
      status: 400,
      title: 'The request is not valid.',
      docs: 'Each entry of `errors` names one mistake: a `pointer` into the body, or `in` and `name` for a parameter.',
    },
  },
)
