import './reply-problem.js' // its types

export { problemResponses } from '@faultline/core'
export { errorPlugin, errorPlugin as default } from './error-plugin.js'
export type { ErrorPluginOptions } from './plugin-options.js'
export { serverErrors } from './server-errors.js'
