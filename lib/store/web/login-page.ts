// Detects an HTML page in place of a file. Networks that need a login send one, and so do sites with a page for every
// address.

/** The message for such a page, after the address. */
export const WEB_PAGE_MESSAGE =
  'a web page came in place of the file: the network wants a login, or the server has a page for every address; look at it in a browser';

/** True if the response for a key is a web page. Without the `first` bytes, only the content type decides. */
export function isWebPage(key: string, contentType: string | undefined, first?: Uint8Array): boolean {
  if (/\.html?$/i.test(key) || !/^\s*text\/html\b/i.test(contentType ?? '')) return false;
  return first === undefined || /^\s*</.test(new TextDecoder().decode(first.subarray(0, 64)));
}
