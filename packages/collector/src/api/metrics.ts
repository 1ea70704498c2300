import type { FastifyPluginAsync } from 'fastify'

export interface MetricsOptions {
  metricsText(): Promise<{ contentType: string; body: string }>
}

/** `GET /metrics`, for Prometheus. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const metricsPlugin: FastifyPluginAsync<MetricsOptions> = async (app, { metricsText }) => {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metricsText()
    return reply.type(contentType).send(body)
  })
}
