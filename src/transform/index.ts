// Model-dependent transforms, fitted on train and run the same in training and serving; on-demand functions, checked.
// Deliberately does not: load code into this process, read files, see validation or test rows while fitting, or know any model.
export { compileEncoder, type Encoder } from './compile-encoder.ts'
export { transformErrors } from './errors.ts'
export { fitTransforms, type TransformColumn } from './fit-transforms.ts'
export type { FittedTransforms } from './fitted-transforms.ts'
export {
  type OnDemandCall,
  type OnDemandFunction,
  type OnDemandSpec,
  wrapOnDemand,
} from './on-demand.ts'
export { parseTransforms } from './parse-transforms.ts'
export { proveDeterministic } from './prove-deterministic.ts'
export { type RowFunction, type RowSpec, wrapRowFunction } from './row-function.ts'
