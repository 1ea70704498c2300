export { mappings } from './mappings.ts'
export { problems } from './problems.ts'
