// A page for people in place of a file: what networks that want a login send, and sites that answer every address.

/** What to say of it, after the address. */
export const WEB_PAGE_MESSAGE =
  'a web page came in place of the file: the network wants a login, or the server has a page for every address; look at it in a browser';

/** Says whether what came for a key is a web page; without its `first` bytes, by what the server calls it. */
export function isWebPage(key: string, contentType: string | undefined, first?: Uint8Array): boolean {
  if (/\.html?$/i.test(key) || !/^\s*text\/html\b/i.test(contentType ?? '')) return false;
  return first === undefined || /^\s*</.test(new TextDecoder().decode(first.subarray(0, 64)));
}
