import type { Team } from '../../team.js'
import type { Database } from './database.js'

type Row = Omit<Team, 'memberIds' | 'projectIds'>
type Link = { teamId: number; id: number }

export function readTeams(database: Database): Team[] {
  const members = database.all<Link>('SELECT team_id AS teamId, user_id AS id FROM team_members')
  const projects = database.all<Link>('SELECT team_id AS teamId, project_id AS id FROM team_projects')
  return database
    .all<Row>('SELECT id, name, created_at AS createdAt FROM teams ORDER BY id')
    .map((team) => ({ ...team, memberIds: idsOf(team, members), projectIds: idsOf(team, projects) }))
}

function idsOf({ id }: Row, links: readonly Link[]): number[] {
  return links.filter(({ teamId }) => teamId === id).map((link) => link.id)
}
