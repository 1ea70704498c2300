import type { PageRequest } from './store.js'

/** Who has changed what. */
export interface NewAuditEntry {
  /** `user:3`, `token:7`, `cli`, `anyone` */
  actor: string
  /** As it was then. */
  actorName: string
  /** `project.create` */
  action: string
  /** Address of what was changed, below `/api/v1`. */
  target: string
  /** What was asked for, without secrets. */
  details: object
}

export interface AuditEntry extends NewAuditEntry {
  id: number
  at: number
}

export interface AuditFilter extends PageRequest {
  actor?: string
  action?: string
  since?: number
  until?: number
}
