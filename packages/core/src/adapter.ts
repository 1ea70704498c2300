/** What the adapters of Node frameworks share; for writing one of your own. */

export { contextOf } from './context/context-of.js'
export { findProblemPage } from './documents/problem-pages.js'
export { prefersHtml } from './handler/accept.js'
export { checkOptions, isBoolean, type OptionCheck } from './handler/check-options.js'
export { answerClientError, answerClientErrors, type ClientSocket } from './handler/client-error.js'
export { cutOff, isStaleHeader, mergedVary, sendHandled } from './handler/respond.js'
export { responseState } from './handler/response-state.js'
export { flushed } from './reporting/flushed.js'
export { wrapThrown } from './thrown/thrown-value.js'
