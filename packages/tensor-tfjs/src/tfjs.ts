/** The namespace object of TensorFlow.js; every tfjs package, `@tensorflow/tfjs-node-gpu` too, offers the same one. */
export type Tfjs = typeof import('@tensorflow/tfjs');

/** A tensor of tfjs. */
export type TfjsTensor = import('@tensorflow/tfjs').Tensor;
