import { FtiError } from '../base/index.ts'
import { onlineErrors } from './errors.ts'

/** An open connection to a server, as a vendor's client gives it. */
export interface ServerConnection {
  /** Answered after everything that was asked before it. */
  ping(): Promise<unknown>
  /** Called once when the connection breaks by itself. */
  onLost(listener: (error: unknown) => void): void
  /** Ends it now; what was asked and not answered fails. */
  destroy(): void
}

export interface LinkOptions<Connection extends ServerConnection> {
  readonly connect: () => Promise<Connection>
  /** How long one question may take. */
  readonly budgetMs: number
  readonly unreachable: (error: unknown) => FtiError
  readonly slow: (budgetMs: number) => FtiError
  readonly onTrouble?: ((error: unknown) => void) | undefined
  readonly onBack?: (() => void) | undefined
}

/** How long a hanging connection is given to answer before it is replaced by a new one. */
const patienceMs = 1000
const firstPauseMs = 50
const longestPauseMs = 1000

/**
 * A connection for questions with a budget, which stays usable while the server is gone or hangs. After the first
 * question that is not answered in time, or a broken connection, questions fail at once, until the server answers again:
 * a hanging one is asked whether it still lives, a lost one is connected to again after growing pauses.
 */
export class ServerLink<Connection extends ServerConnection> {
  private readonly options: LinkOptions<Connection>
  private connection: Connection | undefined
  private wrong: FtiError | undefined
  private attempts = 0
  private timer: NodeJS.Timeout | undefined
  private isClosed = false

  private constructor(options: LinkOptions<Connection>) {
    this.options = options
  }

  /**
   * Makes the first attempt to connect; when it fails, the link is open all the same and goes on trying.
   * Errors: FTI_ONLINE_CLIENT_MISSING.
   */
  static async open<Connection extends ServerConnection>(options: LinkOptions<Connection>) {
    const link = new ServerLink(options)
    await link.connect()
    return link
  }

  /** What is wrong; undefined while questions are answered. */
  get trouble(): FtiError | undefined {
    return this.wrong
  }

  /** Errors: FTI_ONLINE_UNREACHABLE, FTI_ONLINE_SLOW. */
  async ask<Answer>(question: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const { connection } = this
    if (this.wrong !== undefined) throw this.wrong
    if (connection === undefined) throw this.options.unreachable(new Error('the connection is closed'))
    const { budgetMs } = this.options
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = this.options.slow(budgetMs)
        this.suspect(connection, error)
        reject(error)
      }, budgetMs)
    })
    try {
      return await Promise.race([question(connection), late])
    } catch (error) {
      // Broken while it was asked: the same for every question, whatever the client calls it.
      if (this.connection !== connection && this.wrong !== undefined) throw this.wrong
      throw error instanceof FtiError ? error : this.options.unreachable(error)
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
    const { connection } = this
    this.connection = undefined
    connection?.destroy()
  }

  private async connect(): Promise<void> {
    try {
      const connection = await this.options.connect()
      if (this.isClosed) return connection.destroy()
      this.connection = connection
      connection.onLost((error) => this.lose(connection, this.options.unreachable(error)))
      this.recover()
    } catch (error) {
      if (this.isClosed) return
      // No waiting brings a package: only somebody who installs it does.
      if (error instanceof FtiError && error.code === onlineErrors.FTI_ONLINE_CLIENT_MISSING.code) throw error
      this.tell(this.options.unreachable(error))
      this.retryLater()
    }
  }

  /** The server has connected or answered. */
  private recover(): void {
    const wasWrong = this.wrong !== undefined
    this.attempts = 0
    this.wrong = undefined
    if (wasWrong) this.options.onBack?.()
  }

  /** A server that hangs may come back with everything it was asked; only one that stays silent is given up. */
  private suspect(connection: Connection, error: FtiError): void {
    if (this.connection !== connection || this.wrong !== undefined) return
    this.tell(error)
    const giveUp = setTimeout(() => this.lose(connection, error), patienceMs)
    connection.ping().then(
      () => {
        clearTimeout(giveUp)
        if (this.connection === connection) this.recover()
      },
      () => {
        clearTimeout(giveUp)
        this.lose(connection, error)
      },
    )
  }

  private lose(connection: Connection, error: FtiError): void {
    if (this.connection !== connection || this.isClosed) return
    this.connection = undefined
    this.tell(error)
    connection.destroy()
    this.retryLater()
  }

  private tell(error: FtiError): void {
    const isNew = this.wrong === undefined
    this.wrong = error
    if (isNew) this.options.onTrouble?.(error)
  }

  /** Half of each pause is drawn by chance: the servers of a fleet must not all come back in one moment. */
  private retryLater(): void {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** this.attempts++)
    this.timer = setTimeout(() => void this.connect(), pause * (0.5 + Math.random() / 2))
    this.timer.unref()
  }
}
