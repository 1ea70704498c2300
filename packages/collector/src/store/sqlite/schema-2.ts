/** People and what they do; what tells when a stack is needed no more; when a release was seen last, and how often. */
export const schema2 = `
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password TEXT, -- hashed; none before the first one-time link is used
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;

-- Gone once used.
CREATE TABLE one_time_links (
  hash BLOB PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, created_at INTEGER NOT NULL) STRICT;
CREATE TABLE team_members (team_id INTEGER NOT NULL, user_id INTEGER NOT NULL, PRIMARY KEY (team_id, user_id)) STRICT, WITHOUT ROWID;
CREATE TABLE team_projects (team_id INTEGER NOT NULL, project_id INTEGER NOT NULL, PRIMARY KEY (team_id, project_id)) STRICT, WITHOUT ROWID;

-- What a token may see; one that has no row here may see everything.
CREATE TABLE token_projects (token_id INTEGER NOT NULL, project_id INTEGER NOT NULL, PRIMARY KEY (token_id, project_id)) STRICT, WITHOUT ROWID;

ALTER TABLE issues ADD COLUMN muted_until INTEGER; -- without it, until somebody says otherwise

-- Only ever appended to.
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL, -- user:3, token:7, cli, system
  actor_name TEXT NOT NULL, -- as it was then
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  details TEXT NOT NULL -- JSON
) STRICT;

-- Of an event that has needed it; a later one may have, within some thousands.
ALTER TABLE stacks ADD COLUMN last_event_row INTEGER NOT NULL DEFAULT 0;
UPDATE stacks SET last_event_row = (SELECT coalesce(max(id), 0) FROM events);
CREATE INDEX stacks_by_last_event_row ON stacks (last_event_row);
CREATE INDEX problem_instances_by_event ON problem_instances (event_row);

ALTER TABLE releases ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE releases ADD COLUMN event_count INTEGER NOT NULL DEFAULT 0;
`
