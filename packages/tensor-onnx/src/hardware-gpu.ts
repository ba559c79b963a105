import { readdirSync } from 'node:fs';
import { platform as systemPlatform } from 'node:os';

/** What can be asked of the machine; given by tests, otherwise the real one. */
export interface Machine {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The names in a folder; none where it does not exist. */
  readonly list: (folder: string) => readonly string[];
}

const thisMachine: Machine = {
  platform: systemPlatform(),
  env: process.env,
  list: (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
};

/** Device files that the kernel makes for a GPU: NVIDIA, any driver with a render node, AMD compute, and a Windows GPU in WSL. */
const GPU_FILES = [/^nvidia\d+$/, /^kfd$/, /^dxg$/];
const RENDER_NODE = /^renderD\d+$/;
const SOFTWARE_DRIVER = /swiftshader|lavapipe|llvmpipe|lvp/i;

/**
 * Why there is no hardware GPU for WebGPU here, or undefined where there is one. WebGPU also runs on a software renderer (SwiftShader, lavapipe),
 * which is slower than ONNX Runtime on the CPU by far, and ONNX Runtime does not tell on which it runs. On Linux the kernel
 * tells whether there is a GPU; on macOS and Windows there always is one.
 */
export function noHardwareGpu(machine: Machine = thisMachine): string | undefined {
  if (machine.platform !== 'linux') return undefined;
  const drivers = machine.env['VK_DRIVER_FILES'] ?? machine.env['VK_ICD_FILENAMES'] ?? '';
  const files = drivers.split(':').filter((file) => file !== '');
  if (files.length > 0 && files.every((file) => SOFTWARE_DRIVER.test(file)))
    return `Vulkan is set to a software renderer (${files.join(', ')})`;
  const found =
    machine.list('/dev').some((name) => GPU_FILES.some((pattern) => pattern.test(name))) ||
    machine.list('/dev/dri').some((name) => RENDER_NODE.test(name));
  return found ? undefined : 'there is no GPU in /dev';
}
