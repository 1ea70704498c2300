import type { ProblemDetails } from '../catalogue/problem-details.js'
import { RESERVED_MEMBERS } from '../catalogue/problem-details.js'
import type { Limits } from '../handler/options.js'
import type { PublicProblem } from '../mapping/public-problem.js'
import { JsonBudget } from '../thrown/json-budget.js'
import { isUnsafeName, type Json, plainJson } from '../thrown/plain-json.js'
import { attempt, isObject, readProperty } from '../thrown/thrown.js'
import { safeInstance } from './instance.js'

/** Bytes kept for names, quotes and commas. */
const OVERHEAD_BYTES = 512
const TITLE_BYTES = 512
const URI_BYTES = 1024
const MAX_EXTENSIONS = 100
const NAME_BYTES = 256
/** One entry of `errors`. */
const ERROR_BYTES = 4096
/** How much of the body `errors` may fill. */
const ERRORS_SHARE = 0.7

const utf8 = new TextEncoder()

type Drop = (member: string, why: string) => void

/**
 * The members of a problem, plain and in at most so many bytes: core members first, then the extensions as long as there is room.
 * @param drop Is told of each extension that has no place in a problem.
 */
export function problemMembers(
  problem: PublicProblem,
  instance: string,
  limits: Limits,
  drop: Drop,
): ProblemDetails {
  const budget = new JsonBudget(limits.bodyBytes - OVERHEAD_BYTES)
  const members: ProblemDetails = {
    type: budget.clip(problem.definition.type, URI_BYTES),
    title: budget.clip(problem.title, TITLE_BYTES),
    status: problem.status,
  }
  if (problem.detail !== undefined) members.detail = budget.clip(problem.detail, limits.bodyBytes / 4)
  members.instance = budget.clip(instance, URI_BYTES)
  if (problem.errors !== undefined) addErrors(members, problem, limits, budget)
  if (problem.extensions !== undefined) addExtensions(members, problem.extensions, budget, drop)
  if (budget.isSpent) members.truncated = true
  return members
}

/** What `customize` made of the members: made plain again, with the status that it cannot change. */
export function recheckedMembers(custom: object, members: ProblemDetails, mostBytes: number): ProblemDetails {
  const budget = new JsonBudget(mostBytes - OVERHEAD_BYTES)
  const plain = (plainJson(custom, budget) ?? {}) as Record<string, Json>
  const core: ProblemDetails = {
    type: uriOf(plain.type) ?? members.type,
    title: textOf(plain.title) ?? members.title,
    status: members.status,
  }
  const detail = textOf(plain.detail)
  if (detail !== undefined) core.detail = detail
  core.instance = safeInstance(plain.instance) ?? members.instance
  const { detail: _, ...others } = plain
  return { ...core, ...others, ...core }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function uriOf(value: unknown): string | undefined {
  return typeof value === 'string' && URL.canParse(value) ? value : undefined
}

/** Whole entries only, as long as there is room. */
function addErrors(
  members: ProblemDetails,
  problem: PublicProblem,
  limits: Limits,
  budget: JsonBudget,
): void {
  const all = attempt(() => [...(problem.errors ?? [])]) ?? []
  const errors: Json[] = []
  let room = limits.bodyBytes * ERRORS_SHARE
  for (const error of all.slice(0, limits.errors)) {
    const entry = plainJson(error, new JsonBudget(ERROR_BYTES)) ?? null
    const bytes = utf8.encode(JSON.stringify(entry)).length + 1
    if (bytes > room) break
    room -= bytes
    budget.spend(bytes)
    errors.push(entry)
  }
  members.errors = errors
  if (problem.truncated || errors.length < all.length) members.truncated = true
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
  const key = budget.clip(name, NAME_BYTES)
  const plain = plainJson(value, budget)
  if (plain !== undefined) members[key] = plain
}
