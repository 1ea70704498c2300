/** A parsed search: all terms are required. */
export interface SearchQuery {
  terms: SearchTerm[]
}

/** A free word or phrase, or a key with what it is to be. */
export type SearchTerm =
  | { kind: 'words'; text: string; isNegated: boolean }
  | { kind: 'has'; key: string; isNegated: boolean }
  | { kind: 'key'; key: string; matches: ValueMatch[]; isNegated: boolean }

/** Alternatives of one key. Numbers and times are compared; times are milliseconds since 1970. */
export type ValueMatch =
  | { kind: 'equals'; value: string }
  /** `val*`: `*` stands for any text. */
  | { kind: 'pattern'; pattern: string }
  | { kind: 'compare'; operator: '>' | '>=' | '<' | '<='; value: number }
  /** `-24h`: as far back from now. */
  | { kind: 'compareAge'; operator: '>' | '>=' | '<' | '<='; ageMs: number }
