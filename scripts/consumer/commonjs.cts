// TypeScript that compiles to CommonJS: works under `module: nodenext` and `node20`.
import core = require('@faultline/core')

import { errorPlugin } from '@faultline/fastify'

export const problems = core.defineProblems(
  { base: 'https://errors.shop.example/' },
  { Busy: { status: 503, title: 'Try again soon.' } },
)
export const plugin: typeof errorPlugin = errorPlugin
