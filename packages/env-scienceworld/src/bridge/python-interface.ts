import { GatewayProtocolError } from './errors.js';
import type { Gateway, GatewayCall } from './gateway.js';
import type { GatewayArgument, GatewayReference, GatewayValue } from './gateway-protocol.js';

const CLASS = 'scienceworld.runtime.pythonapi.PythonInterface';

/** The methods of the simulator's interface for Python that are used here, each checked for the type of what it gives. */
export interface PythonInterface {
  readonly gateway: Gateway;
  readonly text: (
    method: string,
    args?: readonly GatewayArgument[],
    call?: GatewayCall,
  ) => Promise<string>;
  readonly number: (
    method: string,
    args?: readonly GatewayArgument[],
    call?: GatewayCall,
  ) => Promise<number>;
  readonly flag: (
    method: string,
    args?: readonly GatewayArgument[],
    call?: GatewayCall,
  ) => Promise<boolean>;
  readonly texts: (method: string, call?: GatewayCall) => Promise<readonly string[]>;
}

/** Makes the simulator inside a gateway. One a process: two share their random numbers, ids and simplifications. */
export async function constructInterface(
  gateway: Gateway,
  call: GatewayCall,
): Promise<PythonInterface> {
  const self: GatewayReference = await gateway.construct(CLASS, call);
  const typed =
    <Type extends GatewayValue>(type: string, is: (value: GatewayValue) => value is Type) =>
    async (
      method: string,
      args: readonly GatewayArgument[] = [],
      options?: GatewayCall,
    ): Promise<Type> => {
      const value = await gateway.call(self, method, args, options);
      if (is(value)) return value;
      // Requests and replies have come apart: nothing that follows can be trusted.
      await gateway.close();
      throw new GatewayProtocolError(`${method} gave ${typeof value}, not a ${type}`, { value });
    };
  return {
    gateway,
    text: typed('text', (value) => typeof value === 'string'),
    number: typed('number', (value) => typeof value === 'number'),
    flag: typed('yes or no', (value) => typeof value === 'boolean'),
    texts: (method, options) => gateway.callForTexts(self, method, options),
  };
}
