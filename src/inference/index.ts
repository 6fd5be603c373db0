// Predictions for callers: one service over HTTP with hot swap and a prediction log, or a file in one batch.
// It reads the registry and the online store and nothing else: never the feature store, never a trainer. Writes no model.
export { type BatchRequest, type BatchResult, predictFile } from './batch/predict-file.ts'
export { inferenceErrors } from './errors.ts'
export type { ServerLimits } from './http/server-limits.ts'
export { forgetRequests, type HoldingSegment, type IsAbout, segmentsAbout } from './log/forget-requests.ts'
export type { LogMode } from './log/prediction-log.ts'
export { copiesOf } from './models/last-good.ts'
export { onlyModel } from './models/only-model.ts'
export { type ServeOptions, serve } from './serve.ts'
export type { OnEvent, ServerEvent } from './server-event.ts'
export { type RunningServer, type ServerOptions, startServer } from './start-server.ts'
