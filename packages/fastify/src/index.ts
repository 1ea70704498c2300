import './reply-problem.js' // its types

export { problemResponses } from '@faultline/core'
export { type ErrorPluginOptions, errorPlugin, errorPlugin as default } from './error-plugin.js'
export { serverErrors } from './server-errors.js'
