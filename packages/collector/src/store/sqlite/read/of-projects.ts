import { type Condition, where } from './condition.js'

/** Rows of these projects, or of all: those are named, too, for what the keys of counters begin with. Only numbers get into the text. */
export function ofProjects(projectIds: readonly number[] | undefined): Condition {
  const ids = projectIds === undefined ? 'SELECT id FROM projects' : projectIds.map(Number).join(', ')
  return where(`project_id IN (${ids})`)
}
