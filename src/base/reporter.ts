/** How a room tells what it is doing. Rooms never print; `cli` decides what a line looks like. */
export interface Reporter {
  /** A task with a beginning and an end; its updates are shown beside its title. */
  task<T>(title: string, work: (task: TaskReporter) => Promise<T>): Promise<T>
  /** A fact worth a line of its own. */
  info(message: string): void
  /** Something that did not stop the work but that someone should look at. */
  warn(message: string): void
}

export interface TaskReporter {
  /** Replaces the short text beside the title: "12,400 rows", "epoch 3 of 20, loss 0.44". */
  update(text: string): void
}

export const silentReporter: Reporter = {
  task: (_title, work) => work({ update: () => {} }),
  info: () => {},
  warn: () => {},
}
