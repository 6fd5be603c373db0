// Model-dependent transforms, fitted on train and run the same in training and serving; on-demand functions, checked.
// Deliberately does not: load code or files, see validation or test rows while fitting, or know any model.
export { compileEncoder, type Encoder } from './compile-encoder.ts'
export { transformErrors } from './errors.ts'
export { fitTransforms, type TransformColumn } from './fit-transforms.ts'
export type { FittedColumn, FittedTransforms } from './fitted-transforms.ts'
