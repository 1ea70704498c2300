/** Never edited once released: changes are the next version. */
export const QUEUE_VERSION = 1

export const queueSchema = `
CREATE TABLE bodies (
  position INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  format TEXT NOT NULL,
  encoding TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  received_at INTEGER NOT NULL, -- milliseconds since 1970
  meta TEXT NOT NULL, -- JSON
  bytes BLOB NOT NULL -- as received; last, so that the rest is read without it
) STRICT;

-- Digested, but for a dead letter that is in it.
CREATE TABLE kept_bodies (
  position INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  format TEXT NOT NULL,
  encoding TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  meta TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

-- Events ever appended.
CREATE TABLE received (project_id INTEGER PRIMARY KEY, events INTEGER NOT NULL) STRICT;

-- The last position ever given: bodies alone do not tell once they are forgotten.
CREATE TABLE last_position (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), position INTEGER NOT NULL) STRICT;
INSERT INTO last_position VALUES (1, 0);

PRAGMA user_version = ${QUEUE_VERSION};
`
