import type { StoreReader } from '../../store.js'
import { readAuditLog } from './audit-log.js'
import { readChangedIssues } from './changed-issues.js'
import { Database } from './database.js'
import { countDeadLetters, readDeadLetter, readDeadLetters } from './dead-letters.js'
import { readEvent, readEventsOf } from './event-list.js'
import { searchEvents } from './event-search.js'
import { isThere } from './is-there.js'
import { readIssue } from './issue-detail.js'
import { readIssues } from './issue-list.js'
import { readTags, readTagValues } from './issue-tags.js'
import { readDropped, readOutcomes } from './outcomes.js'
import { readKeys, readProjects } from './projects.js'
import { readReleases } from './seen-releases.js'
import { readServices } from './seen-services.js'
import { readSeries } from './series.js'
import { readTeams } from './teams.js'
import { readTokens } from './tokens.js'
import { readTopIssues } from './top-issues.js'
import { findToken, userReads } from './users.js'

/** Opens a store to read what its writer has committed, as of the moment that a method is called. The file must be there. @throws StoreUnusable */
export function openStoreReader(file: string): StoreReader {
  const database = new Database(file)
  const read = <Result>(method: () => Result) => database.atOnce(method)
  return {
    position: () => read(() => readPosition(database)),
    keys: () => read(() => readKeys(database)),
    findToken: (hash) => read(() => findToken(database, hash)),
    ...userReads(database, read),
    tokens: () => read(() => readTokens(database)),
    teams: () => read(() => readTeams(database)),
    auditLog: (filter) => read(() => readAuditLog(database, filter)),
    projects: () => read(() => readProjects(database)),
    issues: (filter) => read(() => readIssues(database, filter)),
    issue: (id, now) => read(() => readIssue(database, id, now)),
    changedIssues: (ids) => read(() => readChangedIssues(database, ids)),
    eventsOf: (issueId, page) => read(() => readEventsOf(database, issueId, page)),
    tagsOf: (issueId, scope) =>
      read(() => (isThere(database, issueId, scope) ? readTags(database, issueId) : undefined)),
    tagValues: (issueId, request) => read(() => readTagValues(database, issueId, request)),
    topIssues: (request) => read(() => readTopIssues(database, request)),
    event: (idOrInstance, scope) => read(() => readEvent(database, idOrInstance, scope)),
    searchEvents: (query, page) => read(() => searchEvents(database, query, page)),
    series: (request) => read(() => readSeries(database, request)),
    outcomes: (filter) => read(() => readOutcomes(database, filter)),
    dropped: (filter) => read(() => readDropped(database, filter)),
    releases: (filter) => read(() => readReleases(database, filter)),
    services: (filter) => read(() => readServices(database, filter)),
    deadLetters: (page) => read(() => readDeadLetters(database, page)),
    deadLetter: (id) => read(() => readDeadLetter(database, id)),
    countDeadLetters: () => read(() => countDeadLetters(database)),
    close: () => database.close(),
  }
}

function readPosition(database: Database): number {
  return database.get<{ position: number }>('SELECT position FROM digest_position')?.position ?? 0
}
