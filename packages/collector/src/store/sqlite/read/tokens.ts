import type { ApiToken } from '../../store.js'
import type { Database } from './database.js'

const TOKENS = `SELECT id, name, role, created_at AS createdAt, revoked_at AS revokedAt,
  (SELECT json_group_array(project_id) FROM token_projects WHERE token_id = id) AS projects FROM tokens`

type Row = Omit<ApiToken, 'projectIds'> & { projects: string }

export function readTokens(database: Database): ApiToken[] {
  return database.all<Row>(`${TOKENS} ORDER BY id`).map(tokenOf)
}

function tokenOf({ projects, ...token }: Row): ApiToken {
  const projectIds = JSON.parse(projects) as number[]
  return projectIds.length === 0 ? token : { ...token, projectIds }
}
