/** What the adapters of Node frameworks share; for writing one of your own. */

export { prefersHtml } from './answer/accept.js'
export { contextOf } from './context/context-of.js'
export { findProblemPage } from './documents/problem-pages.js'
export { checkOptions, isBoolean, type OptionCheck } from './handler/check-options.js'
export { answerClientError, answerClientErrors, type ClientSocket } from './node/client-error.js'
export { countRequest } from './node/count-request.js'
export { cutOff, isStaleHeader, mergedVary, sendHandled } from './node/respond.js'
export { responseState } from './node/response-state.js'
export { flushed } from './reporting/flushed.js'
export { wrapThrown } from './thrown/wrapped-value.js'
