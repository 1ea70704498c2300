import type { IssueSummary, PageRequest, ProjectScope } from './store.js'

export interface TopIssuesRequest extends ProjectScope {
  /** Whole minutes are counted: those that these times are in, too. */
  since: number
  until: number
  /** 1 to 200. */
  limit: number
}

export interface TopIssue {
  /** Events of the period. */
  count: number
  issue: IssueSummary
}

/** Of environment, release, service, level, platform, route, http.status, and of tags as `tag.region`. */
export interface TagDistribution {
  key: string
  /** Of all its values that are stored. */
  total: number
  /** The most frequent ones. */
  values: TagValue[]
}

export interface TagValue {
  value: string
  count: number
}

export interface TagValuesRequest extends PageRequest, ProjectScope {
  key: string
}
