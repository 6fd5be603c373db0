// Reached only by dynamic import (see word-schema.ts).
import { z } from 'zod'
import { duration, section, tableName, text } from './word-schema.ts'

const urlRule = 'a URL: redis://, rediss://, postgres:// or postgresql://'

export const onlineSchema = z.union(
  [
    text('a path'),
    section({
      url: z
        .string({ error: urlRule })
        .regex(/^(?:rediss?|postgres(?:ql)?):\/\/./, { error: urlRule })
        .describe('Server: redis://, rediss://, postgres:// or postgresql://. A password comes from the environment.'),
      budget: duration()
        .optional()
        .describe('How long a request for a prediction waits for the server. Default: 50ms.'),
      prefix: tableName()
        .optional()
        .describe(
          'Beginning of the keys in Redis, schema in PostgreSQL; projects that share a feature store share it. Default: fti_ and the name of the project.',
        ),
    }).meta({
      examples: [
        { url: `redis://:\${env:REDIS_PASSWORD}@cache.example.org:6379/0`, budget: '20ms', prefix: 'flights' },
      ],
    }),
  ],
  { error: 'the path of a directory, the URL of a server, or { url: …, budget: …, prefix: … }' },
)

export type OnlineYaml = z.output<typeof onlineSchema>
