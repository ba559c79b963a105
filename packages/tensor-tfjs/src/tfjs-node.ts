import { EngineUnavailableError } from '@spark-rl/core';
import type { EngineProvider } from '@spark-rl/tensor';

import { initializeBackend, tfjsNamespace, type TfjsLoader } from './load-tfjs.js';
import { tfjsEngine } from './tfjs-engine.js';

/** Options of {@link tfjsNode}. */
export interface TfjsNodeOptions {
  /** Gives the tfjs namespace object. Default: imports the package from where this one is installed. */
  readonly load?: TfjsLoader;
}

/** Options of {@link tfjsNodeGpu}. */
export interface TfjsNodeGpuOptions extends TfjsNodeOptions {
  /** Refuse to open when TensorFlow sees no GPU, instead of computing on the CPU and saying so in `device`. Default false. */
  readonly requireGpu?: boolean;
}

/** The backend that both native packages register. */
const BACKEND = 'tensorflow';
const VERSION = '4.22.0';
/** What the packages say when their install script did not run, or found nothing to download. */
const MISSING_BINDING = /tfjs_binding\.node\)? can ?not be found/;
const MIRRORS =
  'where its download is blocked, name a mirror in TFJS_NODE_CDN_STORAGE or TFJS_NODE_BASE_URI';

/** Why a native package could not be imported, in words. */
function reasonOf(error: unknown, packageName: string): string {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  if (MISSING_BINDING.test(message))
    return `${packageName} is installed without its native library (tfjs_binding.node)`;
  const notFound = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
  if (notFound && message.includes(packageName)) return `${packageName} is not installed`;
  return `${packageName} cannot be loaded (${message.split('\n')[0]})`;
}

async function load(
  engine: string,
  packageName: string,
  remedy: string,
  loader: TfjsLoader = () => import(packageName),
): Promise<unknown> {
  try {
    return await loader();
  } catch (cause) {
    throw new EngineUnavailableError(`${engine}: ${reasonOf(cause, packageName)}`, {
      remedy,
      cause,
    });
  }
}

/**
 * The engine `tfjs-node-gpu`: TensorFlow 2.9.1 on an NVIDIA GPU, through `@tensorflow/tfjs-node-gpu`, which is not installed with this
 * package. Without a GPU that TensorFlow can use it computes on the CPU; `device` says which.
 */
export function tfjsNodeGpu(options: TfjsNodeGpuOptions = {}): EngineProvider {
  const id = 'tfjs-node-gpu';
  const packageName = '@tensorflow/tfjs-node-gpu';
  const needs = 'an NVIDIA driver, CUDA 11.2 and cuDNN 8.1';
  const remedy =
    `Run "npm install ${packageName}@${VERSION}" and let its install script run (Linux or Windows; it needs ${needs}); ` +
    `${MIRRORS}. Or choose another engine.`;
  return {
    id,
    open: async () => {
      const tf = tfjsNamespace(await load(id, packageName, remedy, options.load), id);
      await initializeBackend(tf, BACKEND, id);
      const hasGpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
      if (!hasGpu && options.requireGpu === true) {
        throw new EngineUnavailableError(`${id}: TensorFlow sees no GPU`, {
          remedy: `Install ${needs}, and make the GPU visible to this process. Or choose another engine.`,
        });
      }
      const device = hasGpu
        ? 'NVIDIA GPU, TensorFlow 2.9.1 with CUDA'
        : 'CPU, TensorFlow 2.9.1 (no GPU is visible to it)';
      return tfjsEngine(tf, { id, device, backend: BACKEND });
    },
  };
}

/** The engine `tfjs-node`: TensorFlow 2.9.1 on the CPU, through `@tensorflow/tfjs-node`, which is not installed with this package. */
export function tfjsNode(options: TfjsNodeOptions = {}): EngineProvider {
  const id = 'tfjs-node';
  const packageName = '@tensorflow/tfjs-node';
  const remedy =
    `Run "npm install ${packageName}@${VERSION}" and let its install script run; ${MIRRORS}. ` +
    'Or choose another engine.';
  return {
    id,
    open: async () => {
      const tf = tfjsNamespace(await load(id, packageName, remedy, options.load), id);
      await initializeBackend(tf, BACKEND, id);
      return tfjsEngine(tf, { id, device: 'CPU, TensorFlow 2.9.1', backend: BACKEND });
    },
  };
}
