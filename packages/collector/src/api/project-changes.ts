import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { ApiOptions } from './api-plugin.js'
import { KeyBody, keyBody, ProjectBody, projectBody } from './projects.js'
import { queryOf as bodyOf } from './query.js'
import { Id, Name } from './shapes.js'
import { idOf, unknownId } from './unknown-id.js'

const NewProject = bodyOf({
  name: Name,
  id: Type.Optional(Id),
  publicKey: Type.Optional(Type.String({ pattern: '^[\\da-fA-F]{32}$' })),
})
const ProjectEdit = bodyOf({ name: Name })
const ProjectPath = Type.Object({ projectId: Type.String() })
const KeyPath = Type.Object({ projectId: Type.String(), publicKey: Type.String() })

export function addProjectChanges(app: FastifyInstance, options: ApiOptions): void {
  const { reads, writes, publicUrl, now, keysChanged } = options

  app.post<{ Body: Static<typeof NewProject> }>(
    '/projects',
    {
      schema: {
        summary: 'Makes a project with its first key',
        body: NewProject,
        response: { 201: ProjectBody },
      },
    },
    async ({ body: { name, id, publicKey } }, reply) => {
      const wanted = { name: name.trim(), id, publicKey: publicKey?.toLowerCase() }
      const project = await writes.createProject(wanted, now())
      keysChanged()
      return reply.code(201).send(projectBody(project, publicUrl()))
    },
  )

  app.patch<{ Params: Static<typeof ProjectPath>; Body: Static<typeof ProjectEdit> }>(
    '/projects/:projectId',
    {
      schema: {
        summary: 'Renames it; its slug stays',
        params: ProjectPath,
        body: ProjectEdit,
        response: { 200: ProjectBody },
      },
    },
    async ({ params, body }) => {
      const id = idOf(params.projectId, 'project')
      await writes.renameProject(id, body.name.trim())
      const project = (await reads.projects()).find((one) => one.id === id)
      if (project === undefined) throw unknownId('project', id)
      return projectBody(project, publicUrl())
    },
  )

  app.post<{ Params: Static<typeof ProjectPath> }>(
    '/projects/:projectId/keys',
    { schema: { summary: 'Makes another key', params: ProjectPath, response: { 201: KeyBody } } },
    async ({ params }, reply) => {
      const key = await writes.createKey(idOf(params.projectId, 'project'), undefined, now())
      keysChanged()
      return reply.code(201).send(keyBody(key, publicUrl()))
    },
  )

  app.delete<{ Params: Static<typeof KeyPath> }>(
    '/projects/:projectId/keys/:publicKey',
    {
      schema: {
        summary: 'Revokes a key: intake refuses it from then on',
        params: KeyPath,
        response: { 204: Type.Null() },
      },
    },
    async ({ params: { projectId, publicKey } }, reply) => {
      const id = idOf(projectId, 'project')
      const isItsKey = (await reads.keys()).some((key) => key.projectId === id && key.publicKey === publicKey)
      const isRevoked = isItsKey && (await writes.revokeKey(publicKey, now()))
      if (!isRevoked) throw unknownId('key', `${publicKey} that is valid`)
      keysChanged()
      return reply.code(204).send()
    },
  )
}
