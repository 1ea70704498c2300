#!/usr/bin/env node
// Old versions have to parse this file to say what is wrong: no import before the check, and nothing newer than 2016.
const NEEDED = 24
const found = process.versions.node

if (Number(found.split('.')[0]) >= NEEDED) {
  import('../dist/main.js')
} else {
  process.stderr.write(
    'faultline needs Node.js ' +
      NEEDED +
      ' or newer, and this is ' +
      found +
      '. Install it from https://nodejs.org, or run `npx -p node@' +
      NEEDED +
      ' -p faultline faultline`.\n',
  )
  process.exitCode = 1
}
