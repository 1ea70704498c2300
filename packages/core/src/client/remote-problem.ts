/** By this mark an error handler knows a problem of another service, also when another copy of this package parsed it. */
export const REMOTE_PROBLEM = Symbol.for('@faultline/remote-problem')
