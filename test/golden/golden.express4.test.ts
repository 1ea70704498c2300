import { runGoldenList } from './run-on.js'

runGoldenList('express4')
