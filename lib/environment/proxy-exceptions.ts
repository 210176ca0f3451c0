// Decides which hosts are reached without a proxy, by the same rules as curl and the official Python client.
import { BlockList, isIP, isIPv4 } from 'node:net';
import { isLoopback } from './loopback.ts';

const PORTS: Record<string, string> = { 'https:': '443', 'http:': '80' };

/** True if `list`, in the form of `NO_PROXY`, contains the target's host. Always true for this machine. */
export function bypassesProxy({ protocol, hostname, port }: URL, list: string): boolean {
  if (isLoopback(hostname) || hostname.endsWith('.localhost')) return true;
  const host = hostname.replace(/^\[|\]$/g, '');
  const names = [host, hostname, `${hostname}:${port || PORTS[protocol]}`];
  const matches = (entry: string): boolean => {
    if (entry === '*' || names.includes(entry)) return true;
    return isIP(host) === 0 ? names.some((name) => name.endsWith(`.${entry}`)) : isInRange(host, entry);
  };
  const entries = list.toLowerCase().split(/[\s,]+/);
  return entries.map((entry) => entry.replace(/^\*?\./, '')).some((entry) => entry !== '' && matches(entry));
}

function isInRange(host: string, entry: string): boolean {
  const [net = '', bits] = entry.split('/');
  if (!isIPv4(host) || !isIPv4(net) || !/^([12]?\d|3[0-2])$/.test(bits ?? '')) return false;
  const range = new BlockList();
  range.addSubnet(net, Number(bits));
  return range.check(host);
}
