import { mappings, problems } from '@faultline/example-catalogue'
import { serverErrors } from '@faultline/express'
import { createApp } from './app.ts'

const port = Number(process.env.PORT ?? 3000)
const server = createApp().listen(port, () => console.log(`Listening at http://localhost:${port}`))
serverErrors(server, { problems, mappings })
