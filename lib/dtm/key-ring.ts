// The one place that holds the keys. They live in a closure: printing, inspecting or serialising what is built on it shows nothing.

/** The portal gives two keys, either of which is valid; one is in use, the other is for when that one is refused. */
export interface KeyRing {
  /** The key to send now. */
  readonly current: () => string;
  /** The key to try once after `refused`, if there is one. */
  readonly otherThan: (refused: string) => string | undefined;
  /** Makes `key` the current one, for all calls from here on. */
  readonly prefer: (key: string) => void;
  /** `text` without any key in it, plain, URL-encoded or JSON-escaped. */
  readonly redact: (text: string) => string;
}

/** A ring of a key and perhaps a second one. */
export function createKeyRing(primary: string, secondary: string | undefined): KeyRing {
  let current = primary;
  const keys = secondary === undefined || secondary === primary ? [primary] : [primary, secondary];
  const secrets = keys.filter(isSecret).flatMap(spellings);
  return {
    current: () => current,
    otherThan: (refused) => keys.find((key) => key !== refused),
    prefer: (key) => {
      current = key;
    },
    redact: (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '[key]'), text),
  };
}

// Two or three characters protect nothing, and striking them out of every text would make it unreadable.
const isSecret = (key: string): boolean => key.length > 3;

function spellings(key: string): string[] {
  return [...new Set([key, encodeURI(key), encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])];
}
