import assert from 'node:assert/strict'
import { test } from 'tap'
import { runCase } from './case.js'
import { checkNumbers, goldenCases } from './cases/list.js'
import { problems } from './catalogue.js'
import { faultlineKit } from './faultline-kit.js'
import type { Kit } from './kit.js'
import { frameworks } from './start-service.js'

test('every check has a case', async () => {
  const covered = new Set(goldenCases.map(({ number }) => number))
  assert.deepEqual(
    checkNumbers.filter((number) => !covered.has(number)),
    [],
  )
})

test('every case runs somewhere, and is named once', async () => {
  const names = goldenCases.map(({ number, title }) => `[${number}] ${title}`)
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
  const nowhere = goldenCases.filter(({ notOn }) => frameworks.every((framework) => notOn?.[framework]))
  assert.deepEqual(nowhere, [])
})

test('Fastify without error handling fails it', async () => {
  const bareKit: Kit = { name: 'bare', problems }
  const telling = goldenCases.filter(({ number, notOn }) => ['1', '3', '41', '51'].includes(number) && !notOn)
  for (const golden of telling) await assert.rejects(runCase(golden, bareKit, 'fastify'), golden.title)
})

for (const golden of goldenCases.filter(({ once }) => once)) {
  test(`[${golden.number}] ${golden.title}`, () => runCase(golden, faultlineKit, 'fastify'))
}
