import type { SQLInputValue } from 'node:sqlite'

/** A part of a WHERE clause. Whatever comes from outside is among the values, never in the text. */
export interface Condition {
  sql: string
  values: SQLInputValue[]
}

export function where(sql: string, ...values: SQLInputValue[]): Condition {
  return { sql, values }
}

/** True without any. */
export function all(conditions: readonly Condition[]): Condition {
  return joined(conditions, 'AND', '1')
}

/** False without any. */
export function any(conditions: readonly Condition[]): Condition {
  return joined(conditions, 'OR', '0')
}

export function not({ sql, values }: Condition): Condition {
  return { sql: `NOT (${sql})`, values }
}

function joined(conditions: readonly Condition[], word: string, none: string): Condition {
  if (conditions.length === 0) return where(none)
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(` ${word} `),
    values: conditions.flatMap(({ values }) => values),
  }
}

/** Of these projects; all of them without a list. */
export function ofProjects(column: string, projectIds: readonly number[] | undefined): Condition[] {
  return projectIds === undefined ? [] : [where(`${column} IN (${projectIds.map(() => '?')})`, ...projectIds)]
}

/** Queries of one column each, made into one. */
export function joinRows(
  word: 'UNION' | 'UNION ALL' | 'INTERSECT',
  queries: readonly Condition[],
): Condition {
  return {
    sql: queries.map(({ sql }) => sql).join(` ${word} `),
    values: queries.flatMap(({ values }) => values),
  }
}
