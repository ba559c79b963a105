import type * as tfjs from '@tensorflow/tfjs';

/** The namespace object of TensorFlow.js; every tfjs package, `@tensorflow/tfjs-node-gpu` too, offers the same one. */
export type Tfjs = typeof tfjs;

/** A tensor of tfjs. */
export type TfjsTensor = tfjs.Tensor;
