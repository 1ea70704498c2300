import type { FastifyRequest } from 'fastify'
import type { ProjectScope } from '../store/store.js'
import { apiErrors } from './errors.js'

/** Whether the one who asks may see what belongs to this project. What may not be seen is answered as if it were not there. */
export function sees({ caller }: FastifyRequest, projectId: number): boolean {
  return caller.projectIds === undefined || caller.projectIds.includes(projectId)
}

/** What a list is to be limited to: the project that is asked for, or all that may be seen. @throws ProjectNotFound */
export function scopeOf(request: FastifyRequest, project: number | undefined): ProjectScope {
  if (project === undefined) return { projectIds: request.caller.projectIds }
  if (!sees(request, project)) throw new apiErrors.ProjectNotFound()
  return { projectIds: [project] }
}
