// Holds the subscription keys, and no other module does. They are in a closure: an object that uses the key ring shows no
// key when it is printed, inspected or serialised.

/** API: the portal gives two valid keys. One is in use; the other is tried if the API refuses the first. */
export interface KeyRing {
  /** The key to send now. */
  readonly current: () => string;
  /** The key to try once after `refused`, if there is one. */
  readonly otherThan: (refused: string) => string | undefined;
  /** Makes `key` the current one for all later calls. */
  readonly prefer: (key: string) => void;
  /** Removes every key from `text`: plain, URL-encoded or JSON-escaped. */
  readonly redact: (text: string) => string;
}

/** Creates a key ring of one or two keys. */
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

// A key of up to three characters protects nothing, and removing it from every text would make texts unreadable.
const isSecret = (key: string): boolean => key.length > 3;

function spellings(key: string): string[] {
  return [...new Set([key, encodeURI(key), encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])];
}
