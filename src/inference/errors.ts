import { errorCatalogue, exitCode } from '../base/index.ts'

export const inferenceErrors = errorCatalogue({
  FTI_MODEL_UNNAMED: [exitCode.usage, 'A project has several models, and the command does not say which one is meant.'],
  FTI_PORT_IN_USE: [exitCode.conflict, 'Another process listens on the port already.'],
  FTI_LISTEN_FAILED: [exitCode.resources, 'The address cannot be listened on.'],
  FTI_HOST_REFUSED: [exitCode.usage, 'A server without authentication was asked to listen beyond this machine.'],
  FTI_MODEL_UNLOADABLE: [exitCode.failed, 'A version does not load in time, or not in the memory that it may use.'],
  FTI_REPLAY_TOO_EARLY: [exitCode.usage, 'The replay clock stands before the moment of the online store.'],
  FTI_INPUT_INVALID: [exitCode.failed, 'A file of instances has columns or values that do not fit the model.'],
  FTI_OUTPUT_REFUSED: [
    exitCode.usage,
    'The output of a batch is its input, a folder, or of a format that is not written.',
  ],
  FTI_REQUEST_NOT_JSON: [exitCode.usage, 'The body of a request is not JSON.'],
  FTI_REQUEST_MEDIA: [exitCode.usage, 'The body of a request is not sent as application/json.'],
  FTI_REQUEST_TOO_LARGE: [exitCode.usage, 'The body of a request, or its number of instances, is over the limit.'],
  FTI_REQUEST_INVALID: [exitCode.usage, 'A request has fields or values that do not fit the model.'],
  FTI_REQUEST_FAILED: [exitCode.failed, 'The server could not answer a request; the reason is in its own log.'],
  FTI_ENTITY_UNKNOWN: [exitCode.failed, 'The online store has no features for an entity.'],
  FTI_FEATURES_STALE: [exitCode.failed, 'The newest features of an entity are older than their maxAge.'],
  FTI_FEATURES_AHEAD: [exitCode.failed, 'The features of an entity lie ahead of the clock.'],
  FTI_FEATURES_UNAVAILABLE: [exitCode.unreachable, 'The online store did not answer within the budget of a request.'],
  FTI_ROUTE_UNKNOWN: [exitCode.usage, 'The server has no such path, or not with this method.'],
  FTI_SERVICE_UNKNOWN: [exitCode.usage, 'No service has this name, in the project file or on the server.'],
  FTI_OVERLOADED: [exitCode.resources, 'The server has too many requests in flight.'],
})
