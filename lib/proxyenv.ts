// Which proxies the environment names, in the form that Node's http agents take. What the official Python client and curl
// understand and Node does not is put into Node's words: an address without http://, a name that stands for all below it,
// a network in CIDR. This machine itself is never reached through a proxy.

/** Variables as Node's http agents take them; nothing if there is no proxy. */
export type ProxyEnv = Readonly<Record<string, string>>;

/** This machine, in Node's words. */
const LOOPBACK = ['.localhost', '127.0.0.0-127.255.255.255', '::1'];

/** The proxies that variables name, and what is wrong with them; a lower-case name goes before an upper-case one. */
export function proxyEnvOf(variables: NodeJS.ProcessEnv): { proxyEnv: ProxyEnv; problems: string[] } {
  const [proxies, problems]: [Record<string, string>, string[]] = [{}, []];
  for (const scheme of ['HTTPS', 'HTTP']) {
    const [name, value] = given(variables, `${scheme}_PROXY`);
    if (value === '') continue;
    const url = addressOf(value);
    if (url === null)
      problems.push(
        `${name}: expected http://HOST:PORT or https://HOST:PORT, got something else (not shown: it may hold a password)`,
      );
    else proxies[name] = url;
  }
  if (Object.keys(proxies).length === 0) return { proxyEnv: {}, problems };
  const [, spared] = given(variables, 'NO_PROXY');
  const entries = spared.split(/[\s,]+/).filter((entry) => entry !== '');
  return {
    proxyEnv: { ...proxies, no_proxy: [...entries.map(inNodesWords), ...LOOPBACK].join(',') },
    problems,
  };
}

/** A variable by the name that is set, and its value; '' if it is missing or blank. */
function given(variables: NodeJS.ProcessEnv, name: string): [name: string, value: string] {
  const lower = variables[name.toLowerCase()]?.trim();
  return lower ? [name.toLowerCase(), lower] : [name, variables[name]?.trim() ?? ''];
}

/** A proxy's address, with the scheme that people leave out; null if it is none. */
function addressOf(value: string): string | null {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return null;
  }
  return url.href;
}

/** One entry of `NO_PROXY`. */
function inNodesWords(entry: string): string {
  const bare = entry.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  const network = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(bare);
  if (network) return rangeOf(network.slice(1).map(Number));
  const isName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(bare) && /[a-z_]/.test(bare);
  return isName ? `.${bare}` : bare;
}

/** The first and last address of a network of which four bytes and the length of its prefix are given. */
function rangeOf([a = 0, b = 0, c = 0, d = 0, prefix = 32]: readonly number[]): string {
  const size = 2 ** (32 - Math.min(prefix, 32));
  const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  const dotted = (address: number): string =>
    [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
  return `${dotted(first)}-${dotted(first + size - 1)}`;
}
