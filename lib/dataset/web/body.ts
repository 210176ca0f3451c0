// Reads the body of a response, up to a length, and gives up on a server that sends nothing, or next to nothing.

/** A timer that aborts a request which makes no progress. */
export interface StallTimer {
  readonly signal: AbortSignal;
  /** Takes the length of what came. After a kilobyte, or without a length, the timer begins again. */
  readonly progress: (length?: number) => void;
  /** Stops the timer, and closes the connection of a body that was not read to its end. */
  readonly stop: () => void;
}

/** Fewer bytes within the timeout are a failure: a server that sends one now and then would be waited for without end. */
const MIN_BYTES = 1024;

/** Starts a timer of `seconds`. */
export function startStallTimer(seconds: number): StallTimer {
  const controller = new AbortController();
  let fresh = 0;
  const stalled = (): void => {
    const came = fresh === 0 ? 'nothing' : `only ${fresh} bytes`;
    controller.abort(new Error(`${came} came in ${seconds} seconds`));
  };
  let timer = setTimeout(stalled, seconds * 1000);
  return {
    signal: controller.signal,
    progress: (length = MIN_BYTES) => {
      fresh += length;
      if (fresh < MIN_BYTES) return;
      fresh = 0;
      clearTimeout(timer);
      timer = setTimeout(stalled, seconds * 1000);
    },
    stop: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

/** The bytes of a body; at most `maxBytes` and those of one chunk more, then it stops reading. */
export async function readBody(
  response: Response,
  maxBytes: number,
  progress: (length: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader && length <= maxBytes) {
    const { done, value } = await reader.read();
    if (done) return join(chunks, length);
    progress(value.length);
    chunks.push(value);
    length += value.length;
  }
  return join(chunks, length);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
