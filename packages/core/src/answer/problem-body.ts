import type { ProblemDetails } from '../catalogue/problem-details.js'
import { RESERVED_MEMBERS } from '../catalogue/problem-details.js'
import type { PublicProblem } from '../mapping/public-problem.js'
import { JsonBudget } from '../thrown/json-budget.js'
import { isUnsafeName, type Json, plainJson } from '../thrown/plain-json.js'
import { attempt, isObject, readProperty } from '../thrown/thrown.js'

/** Bytes kept for names, quotes and commas. */
const OVERHEAD_BYTES = 512
const TITLE_BYTES = 512
const URI_BYTES = 1024
const MAX_EXTENSIONS = 100

type Drop = (member: string, why: string) => void

/**
 * The members of a problem, plain and in at most so many bytes: core members first, then the extensions as long as there is room.
 * @param drop Is told of each extension that has no place in a problem.
 */
export function problemMembers(
  problem: PublicProblem,
  instance: string,
  mostBytes: number,
  drop: Drop,
): ProblemDetails {
  const budget = new JsonBudget(mostBytes - OVERHEAD_BYTES)
  const members: ProblemDetails = {
    type: budget.clip(problem.definition.type, URI_BYTES),
    title: budget.clip(problem.title, TITLE_BYTES),
    status: problem.status,
  }
  if (problem.detail !== undefined) members.detail = budget.clip(problem.detail, mostBytes / 4)
  members.instance = budget.clip(instance, URI_BYTES)
  if (problem.extensions !== undefined) addExtensions(members, problem.extensions, budget, drop)
  if (problem.errors !== undefined) members.errors = plainJson(problem.errors, budget) ?? []
  if (problem.truncated) members.truncated = true
  return members
}

/** What `customize` made of the members: made plain again, with the status that it cannot change. */
export function recheckedMembers(custom: object, members: ProblemDetails, mostBytes: number): ProblemDetails {
  const budget = new JsonBudget(mostBytes - OVERHEAD_BYTES)
  const plain = (plainJson(custom, budget) ?? {}) as Record<string, Json>
  const text = (name: 'type' | 'title') => (typeof plain[name] === 'string' ? plain[name] : members[name])
  const core: ProblemDetails = { type: text('type'), title: text('title'), status: members.status }
  for (const name of ['detail', 'instance'] as const)
    if (typeof plain[name] === 'string') core[name] = plain[name]
  return { ...core, ...plain, ...core }
}

function addExtensions(members: ProblemDetails, extensions: unknown, budget: JsonBudget, drop: Drop): void {
  if (!isObject(extensions)) return
  const names = attempt(() => Object.keys(extensions)) ?? []
  for (const name of names.slice(0, MAX_EXTENSIONS)) {
    if (RESERVED_MEMBERS.has(name)) drop(name, 'it is a member of every problem')
    else if (isUnsafeName(name)) drop(name, 'it would pollute an object')
    else addExtension(members, name, readProperty(extensions, name), budget)
  }
}

function addExtension(members: ProblemDetails, name: string, value: unknown, budget: JsonBudget): void {
  if (budget.isSpent) return
  const plain = plainJson(value, budget)
  if (plain !== undefined) members[budget.clip(name, 256)] = plain
}
