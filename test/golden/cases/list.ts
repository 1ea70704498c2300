import type { GoldenCase } from '../case.js'
import { callbackCases } from './callbacks.js'
import { chainCases } from './chains.js'
import { headerCases } from './headers.js'
import { leakCases } from './leaks.js'
import { lifeCycleCases } from './life-cycle.js'
import { logReportCases } from './log-report.js'
import { mappingCases } from './mapping.js'
import { methodCases } from './methods.js'
import { negotiationCases } from './negotiation.js'
import { protocolCases } from './protocol.js'
import { realLifeCases } from './real-life.js'
import { shapeCases } from './shape.js'
import { soakCases } from './soak.js'
import { thrownCases } from './thrown.js'
import { toolCases } from './tools.js'
import { trustCases } from './trust.js'
import { validationCases } from './validation.js'

/** The golden list, in the order of the checks; what costs most comes last. */
export const goldenCases: readonly GoldenCase[] = [
  ...shapeCases,
  ...thrownCases,
  ...chainCases,
  ...trustCases,
  ...mappingCases,
  ...callbackCases,
  ...validationCases,
  ...protocolCases,
  ...methodCases,
  ...headerCases,
  ...negotiationCases,
  ...leakCases,
  ...lifeCycleCases,
  ...logReportCases,
  ...toolCases,
  ...realLifeCases,
  ...soakCases,
]

/** Every check that the list must hold. 73, the process hooks, comes with the Node SDK. */
export const checkNumbers: readonly string[] = [
  ...Array.from({ length: 80 }, (_, index) => String(index + 1)).filter((number) => number !== '73'),
  '32a',
  '64a',
]
