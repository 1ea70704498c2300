import { readFileSync } from 'node:fs'
import type { Framework, Golden, GoldenCase, Kit } from './golden.ts'

/** One column of the table. */
export interface Peer {
  name: string
  /** Whose version the table tells. */
  package: string
  framework: Framework
  isFaultline?: true
  kit(golden: Golden): Promise<Kit>
}

export const peers: readonly Peer[] = [
  {
    name: 'Fastify',
    package: 'fastify',
    framework: 'fastify',
    kit: async ({ problems }) => (await import('./kits/fastify-kit.ts')).fastifyKit(problems),
  },
  {
    name: 'Express 5',
    package: 'express',
    framework: 'express5',
    kit: async ({ problems }) => (await import('./kits/express-kit.ts')).expressKit(problems),
  },
  {
    name: 'Express 4',
    package: 'express4',
    framework: 'express4',
    kit: async ({ problems }) => (await import('./kits/express-kit.ts')).expressKit(problems),
  },
  {
    name: '@fastify/sensible',
    package: '@fastify/sensible',
    framework: 'fastify',
    kit: async ({ problems }) => (await import('./kits/sensible-kit.ts')).sensibleKit(problems),
  },
  {
    name: '@hapi/boom',
    package: '@hapi/boom',
    framework: 'express5',
    kit: async ({ problems }) => (await import('./kits/boom-kit.ts')).boomKit(problems),
  },
  {
    name: 'express-http-problem-details',
    package: 'express-http-problem-details',
    framework: 'express5',
    kit: async ({ problems }) => (await import('./kits/problem-details-kit.ts')).problemDetailsKit(problems),
  },
  {
    name: '@common-sense/error-iq',
    package: '@common-sense/error-iq',
    framework: 'fastify',
    kit: async ({ problems }) => (await import('./kits/error-iq-kit.ts')).errorIqKit(problems),
  },
  {
    name: '@common-sense/error-iq',
    package: '@common-sense/error-iq',
    framework: 'express5',
    kit: async ({ problems }) => (await import('./kits/error-iq-kit.ts')).errorIqKit(problems),
  },
  faultlineOn('fastify'),
  faultlineOn('express5'),
  faultlineOn('express4'),
]

export const frameworkNames: Record<Framework, string> = {
  fastify: 'Fastify 5',
  express5: 'Express 5',
  express4: 'Express 4',
}

function faultlineOn(framework: Framework): Peer {
  return {
    name: 'Faultline',
    package: '@faultline/core',
    framework,
    isFaultline: true,
    kit: async ({ faultlineKit }) => faultlineKit,
  }
}

/** `@hapi/boom 10.0.1 on Express 5` */
export function labelOf(peer: Peer): string {
  const own = `${peer.name.replace(/ \d$/, '')} ${versionOf(peer)}`
  const isFramework = frameworkNames[peer.framework].startsWith(peer.name)
  return isFramework ? own : `${own} on ${frameworkNames[peer.framework]}`
}

function versionOf(peer: Peer): string {
  const manifest = new URL(`../../node_modules/${peer.package}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}

/** Whether a case says anything of this peer. A case that needs no framework runs on the first. */
export function concerns(golden: GoldenCase, peer: Peer): boolean {
  if (golden.notOn?.[peer.framework]) return false
  if (golden.once) return peer.isFaultline === true && peer.framework === 'fastify'
  return !golden.ownApi || peer.isFaultline === true
}
