// Predictions for callers: one service over HTTP with hot swap and a prediction log, or a file in one batch.
// It reads the registry and the online store and nothing else: never the feature store, never a trainer. Writes no model.
export { type BatchRequest, type BatchResult, predictFile } from './batch/predict-file.ts'
export { inferenceErrors } from './errors.ts'
export { forgetRequests, type HoldingSegment, type IsAbout, segmentsAbout } from './forget-requests.ts'
export { copiesOf } from './last-good.ts'
export { onlyModel } from './only-model.ts'
export type { LogMode } from './prediction-log.ts'
export { type ServeOptions, serve } from './serve.ts'
export type { OnEvent, ServerEvent } from './server-event.ts'
export type { ServerLimits } from './server-limits.ts'
export { type RunningServer, type ServerOptions, startServer } from './start-server.ts'
