/**
 * A client that takes one question at a time: those that come while it waits for an answer are asked together after it,
 * as one. `ask` gives an answer for each part, in order.
 */
export function askTogether<Part, Answer>(
  ask: (parts: readonly Part[]) => Promise<readonly Answer[]>,
): (parts: readonly Part[]) => Promise<readonly Answer[]> {
  let waiting: Waiting<Part, Answer>[] = []
  let isAsking = false
  const askAll = async () => {
    isAsking = true
    while (waiting.length > 0) {
      const turn = waiting
      waiting = []
      await ask(turn.flatMap(({ parts }) => parts)).then(
        (answers) => share(turn, answers),
        (error: unknown) => {
          for (const { reject } of turn) reject(error)
        },
      )
    }
    isAsking = false
  }
  return (parts) =>
    new Promise((resolve, reject) => {
      waiting.push({ parts, resolve, reject })
      if (!isAsking) void askAll()
    })
}

interface Waiting<Part, Answer> {
  readonly parts: readonly Part[]
  readonly resolve: (answers: readonly Answer[]) => void
  readonly reject: (error: unknown) => void
}

function share<Part, Answer>(turn: readonly Waiting<Part, Answer>[], answers: readonly Answer[]): void {
  let start = 0
  for (const { parts, resolve } of turn) {
    resolve(answers.slice(start, start + parts.length))
    start += parts.length
  }
}
