/** The first schema. Times are milliseconds since 1970, ids of events 16 bytes. Never edited once released: changes are the next migration. */
export const schema1 = `
CREATE TABLE projects (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_issue_number INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE ingest_keys (
  public_key TEXT PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

-- How far the queue is digested; committed with what came of it.
CREATE TABLE digest_position (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), position INTEGER NOT NULL) STRICT;
INSERT INTO digest_position VALUES (1, 0);

-- Those that had repeats, requests or drops, in the order of arrival; forgotten after a while.
CREATE TABLE batches (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  batch_id BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (batch_id, project_id)
) STRICT;

-- When each release was heard of for the first time: the order of those whose names do not tell it.
CREATE TABLE releases (
  project_id INTEGER NOT NULL,
  release TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, release)
) STRICT, WITHOUT ROWID;

CREATE TABLE issues (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  number INTEGER NOT NULL, -- 12 of SHOP-12
  title TEXT NOT NULL,
  type TEXT NOT NULL,
  message TEXT NOT NULL,
  culprit TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT NOT NULL,
  is_severity_fixed INTEGER NOT NULL DEFAULT 0, -- set by a person
  level TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  user_count INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  resolved_at INTEGER,
  resolved_in_release TEXT,
  regressed_at INTEGER,
  assignee TEXT,
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  first_release TEXT,
  last_release TEXT,
  last_event_id BLOB NOT NULL,
  facet_counts TEXT NOT NULL DEFAULT '[]', -- JSON list: how often each of its issue_facets has come up, by place
  UNIQUE (project_id, number)
) STRICT;
CREATE INDEX issues_by_last_seen ON issues (last_seen_at);
CREATE INDEX issues_by_first_seen ON issues (first_seen_at);
CREATE INDEX issues_by_events ON issues (event_count);
CREATE INDEX issues_by_users ON issues (user_count);

-- Of an issue's first event: what the payloads of all its events are compressed with, and the words that are not indexed with each
-- of them again. Apart from the issues, which are written all the time.
CREATE TABLE dictionaries (
  issue_id INTEGER PRIMARY KEY,
  dictionary BLOB NOT NULL, -- deflated
  words TEXT NOT NULL
) STRICT;

-- More than one may lead to an issue: merged ones, and those of another grouping version.
CREATE TABLE fingerprints (
  project_id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  issue_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  fingerprint_values TEXT NOT NULL, -- JSON list
  PRIMARY KEY (project_id, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX fingerprints_by_issue ON fingerprints (issue_id);

-- Frames of exceptions, once by content.
CREATE TABLE stacks (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, frames BLOB NOT NULL) STRICT;

-- In the order of arrival.
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  event_id BLOB NOT NULL,
  project_id INTEGER NOT NULL,
  issue_id INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  payload BLOB NOT NULL,
  UNIQUE (event_id, project_id) -- nobody can take an id away from another project
) STRICT;
CREATE INDEX events_by_issue ON events (issue_id, id);

-- Only of problems whose instance is not the id of their event.
CREATE TABLE problem_instances (instance TEXT NOT NULL, event_row INTEGER NOT NULL, PRIMARY KEY (instance, event_row)) STRICT, WITHOUT ROWID;

CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX attachments_by_event ON attachments (event_id, project_id);

CREATE TABLE feedback (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  comments TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX feedback_by_event ON feedback (event_id, project_id);

-- Repeats whose event has not come yet.
CREATE TABLE waiting_repeats (
  project_id INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  count INTEGER NOT NULL,
  until INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, event_id)
) STRICT, WITHOUT ROWID;

-- Up to 1 000 an issue; then a sketch takes their place.
CREATE TABLE issue_users (issue_id INTEGER NOT NULL, user_hash INTEGER NOT NULL, PRIMARY KEY (issue_id, user_hash)) STRICT, WITHOUT ROWID;

-- HyperLogLog of more users than are counted one by one.
CREATE TABLE user_sketches (issue_id INTEGER PRIMARY KEY, registers BLOB NOT NULL) STRICT;

-- Values of environment, release, service, user-independent tags (as tag.region); a limited number of values a key. Written once: what
-- is counted is in the row of the issue.
CREATE TABLE issue_facets (
  issue_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  place INTEGER NOT NULL, -- counts from 0
  PRIMARY KEY (issue_id, key, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_facets_by_value ON issue_facets (key, value COLLATE NOCASE);

CREATE TABLE issue_minutes (
  issue_id INTEGER NOT NULL,
  minute INTEGER NOT NULL, -- minutes since 1970
  count INTEGER NOT NULL,
  PRIMARY KEY (issue_id, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_hours (
  project_id INTEGER NOT NULL,
  hour INTEGER NOT NULL, -- hours since 1970
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  severity TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_id, hour, service, environment, severity)
) STRICT, WITHOUT ROWID;

CREATE TABLE request_minutes (
  project_id INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  service TEXT NOT NULL,
  environment TEXT NOT NULL,
  release TEXT NOT NULL,
  route TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_id, minute, service, environment, release, route, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome_hours (
  project_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  protocol TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_id, hour, outcome, reason, protocol)
) STRICT, WITHOUT ROWID;

CREATE TABLE dropped_hours (
  project_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_id, hour, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  body_index INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  protocol TEXT NOT NULL,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_position ON dead_letters (position);

-- rowid is the issue's id: title, type, message, in-app frames and tags of its first event.
CREATE VIRTUAL TABLE issue_words USING fts5 (words, content='', contentless_delete=1, detail=none, tokenize='unicode61');
-- rowid is the row of the event: the words of its message and tags that its issue does not say already, and its trace and user.
CREATE VIRTUAL TABLE event_words USING fts5 (words, content='', contentless_delete=1, detail=none, tokenize='unicode61');
`
