import type { ProjectScope } from '../../store.js'
import { all, ofProjects, where } from './condition.js'
import type { Database } from './database.js'

/** Whether there is such an issue, of these projects. */
export function isThere(database: Database, issueId: number, { projectIds }: ProjectScope): boolean {
  const { sql, values } = all([where('id = ?', issueId), ...ofProjects('project_id', projectIds)])
  return database.get(`SELECT 1 FROM issues WHERE ${sql}`, ...values) !== undefined
}
