/** The names of this machine as it calls itself. */
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|\[::1\]|localhost)$/i;

/** Whether an address is reached from this machine alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Whether the header `Host`, such as `127.0.0.1:8000`, names this machine as itself. */
export const namesLoopback = (header: string | undefined): boolean =>
  header !== undefined && isLoopback(header.replace(/:\d+$/, ''));
