import type { Caller } from '../store/people.js'
import { apiErrors } from './errors.js'

/** The projects that a list is to be of; nothing for all. @throws ProjectNotFound for one that the caller may not see */
export function askedProjects({ projectIds }: Caller, project?: number): readonly number[] | undefined {
  if (project === undefined) return projectIds
  if (projectIds !== undefined && !projectIds.includes(project)) throw new apiErrors.ProjectNotFound()
  return [project]
}
