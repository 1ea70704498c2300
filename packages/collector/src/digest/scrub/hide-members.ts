import { FILTERED } from './filtered.js'
import { MAX_DEPTH } from './limits.js'
import { type Rule, ruleOf } from './member-rules.js'

/** Names on the way to a member, in lower case; `*` is any. */
export type MemberPath = readonly string[]

export function pathOf(dotted: string): MemberPath {
  return dotted.toLowerCase().split('.')
}

/** Whether a member is what a path names, or stands in it. */
export function isWithin(member: readonly string[], path: MemberPath): boolean {
  return (
    path.length <= member.length &&
    path.every((name, at) => name === '*' || name === member[at]?.toLowerCase())
  )
}

/**
 * Hides what a path leads to, in a copy that is still an event: of what has a shape there, the texts.
 * @param found is told where
 */
export function hideMember(
  root: unknown,
  { path, rule, found }: { path: MemberPath; rule: Rule; found: (member: readonly string[]) => void },
): unknown {
  const way: string[] = []
  return change(root, rule)

  function change(value: unknown, rule: Rule | undefined): unknown {
    if (way.length >= path.length) return hidden(value, rule)
    const wanted = path[way.length]
    return mapMembers(value, rule, (name, member, memberRule) => {
      if (wanted !== '*' && wanted !== name.toLowerCase()) return member
      way.push(name)
      const changed = change(member, memberRule)
      way.pop()
      return changed
    })
  }

  function hidden(value: unknown, rule: Rule | undefined): unknown {
    if (rule === 'ours' || value === FILTERED || value === null) return value
    if (rule === undefined || typeof value === 'string' || way.length > MAX_DEPTH) {
      found(way)
      return FILTERED
    }
    return mapMembers(value, rule, (name, member, memberRule) => {
      way.push(name)
      const changed = hidden(member, rule === 'source' ? rule : memberRule)
      way.pop()
      return changed
    })
  }
}

function mapMembers(
  value: unknown,
  rule: Rule | undefined,
  change: (name: string, member: unknown, rule: Rule | undefined) => unknown,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  const rules = typeof rule === 'object' ? rule : undefined
  const changed = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    change(name, member, ruleOf(rules, name)),
  ])
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed)
}
