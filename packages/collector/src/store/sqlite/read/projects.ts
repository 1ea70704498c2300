import type { ApiToken, IngestKey, Project } from '../../store.js'
import type { Database } from './database.js'

const TOKEN_COLUMNS = 'id, name, role, created_at AS createdAt, revoked_at AS revokedAt'

export function readProjects(database: Database): Project[] {
  const keys = readKeys(database)
  return database
    .all<Omit<Project, 'keys'>>('SELECT id, name, slug, created_at AS createdAt FROM projects ORDER BY id')
    .map((project) => ({ ...project, keys: keys.filter(({ projectId }) => projectId === project.id) }))
}

/** Revoked ones, too. */
export function readKeys(database: Database): IngestKey[] {
  return database.all<IngestKey>(
    `SELECT public_key AS publicKey, project_id AS projectId, created_at AS createdAt, revoked_at AS revokedAt
     FROM ingest_keys ORDER BY project_id, created_at, public_key`,
  )
}

export function readTokens(database: Database): ApiToken[] {
  return database.all<ApiToken>(`SELECT ${TOKEN_COLUMNS} FROM tokens ORDER BY id`)
}
