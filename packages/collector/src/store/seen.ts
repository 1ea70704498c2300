import type { PageRequest, ProjectScope } from './store.js'

/** A release of a project, as its events have shown it. */
export interface SeenRelease {
  projectId: number
  release: string
  firstSeenAt: number
  lastSeenAt: number
  /** Stored ones, ever; repeats that clients have counted are not among them. */
  events: number
}

/** A service of a project, and where it runs. */
export interface SeenService {
  projectId: number
  service: string
  environments: string[]
  /** With the repeats that clients have counted. */
  events: number
  /** When the hour began. */
  lastSeenAt: number
}

export interface ReleaseFilter extends PageRequest, ProjectScope {}

export interface ServiceFilter extends ReleaseFilter {
  /** Whole hours are counted: those that these times are in, too. */
  since: number
  until: number
}
