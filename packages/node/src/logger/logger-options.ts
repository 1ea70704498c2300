import type { RedactOptions } from '@faultline/core'
import type { LogLevel } from '../config/log-level.js'

/** Options of `createLogger`. What is not given comes from the environment variables. */
export interface LoggerOptions {
  /** The least level that is logged; `warning` is taken for `warn`. Default: `LOG_LEVEL`, else `info`. */
  level?: LogLevel | 'warning'
  /** The service's name, in every record. Default: `FAULTLINE_SERVICE`. */
  service?: string
  /**
   * Log to standard output: `pretty` for people, `json` a line a record for machines. Default: `true`, which is `pretty` on a
   * terminal and `json` elsewhere.
   */
  console?: boolean | 'pretty' | 'json'
  /** Folder of the log files, `app.<date>.<number>.log` and `error.<date>.<number>.log`. Default: `FAULTLINE_LOG_DIR`, else no files. */
  dir?: string
  /** Bytes after which a file is followed by the next; a new day has a new one too. Default: 10 MiB. */
  fileBytes?: number
  /** Files of each kind that are kept; the oldest go first. Default: 14. */
  keepFiles?: number
  /** More to hide, as the error handler's; paths begin at the log record. Default: the suite's list. */
  redact?: RedactOptions
}
